/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_REMOVE_H
#define CV_FINISHED_REMOVE_H

#include "create/session.h"

/*
 * Implements cvenv_remove() by fs/remove.h. ENV_DIR must be a directory: a redirect file is refused
 * like a link, and both errors name the directory, which the user may not know. FLAGS:
 * CVENV_DRY_RUN. Of RET, sets path, files and bytes; strings are in A. Warns if the environment is
 * active in the caller's shell.
 */
int cv_remove(struct cv_session *session, struct cv_arena *a, const char *env_dir, unsigned flags,
	struct cvenv_change *ret, struct cvenv_error *err);

#endif
