/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_PYTHONS_H
#define CV_CREATE_PYTHONS_H

#include "create/session.h"

/*
 * All interpreters of this machine that an environment can be created from, in the order of
 * interpreter/candidates.h. The base interpreter of the session's options is marked; if it is in no
 * place that is searched, it comes last. Of an environment its base is listed. Candidates that
 * cannot be used are left out, and logged at CVENV_LOG_INFO.
 *
 * If the options ask for versions (options.python and `pythons`), list only those that fit one of
 * these requests; of a path or a command, list what it means. Strings are in ARENA or in the
 * session.
 */
int cv_pythons(struct cv_session *session, struct cv_arena *arena, struct cvenv_python **ret,
	size_t *ret_count, struct cvenv_error *err);

#endif
