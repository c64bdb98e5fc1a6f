/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_CHECK_H
#define CV_FINISHED_CHECK_H

#include <stdbool.h>

#include "base/err.h"
#include "create/session.h"
#include "env/finding.h"
#include "finished/finished.h"

/*
 * --check: what is wrong with an environment.
 *
 *	struct cv_findings findings = { .arena = &arena };
 *	rc = cv_examine(session, &finished, full, &findings, err);
 *
 * Nothing is executed or written, and access times do not change. Outside of ENV_DIR, files are
 * only asked whether they exist, and of the base interpreter the header patchlevel.h is read. Its
 * version is otherwise that of the cached interpreter information (if that is fresh), of its name,
 * or of its lib directory: an environment names a program that a stranger may have chosen.
 *
 * FULL compares the hashes of all files that RECORDs list, too.
 *
 * A broken environment gives findings, never an error. Errors are temporary failures, and
 * CVENV_ELIMIT for an environment with more than CV_CONTENTS_MAX files.
 */
int cv_examine(struct cv_session *session, const struct cv_finished *env, bool full,
	struct cv_findings *ret, struct cvenv_error *err);

#endif
