/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_WARNINGS_H
#define CV_CREATE_WARNINGS_H

#include "create/session.h"
#include "fs/target.h"

/*
 * Warnings about ENV_DIR: the environment is created as asked, but something in it will not work
 * later, and the user would not know why. Each kind is given once per session.
 */
enum cv_warning {
	CV_WARNING_PERCENT, /* dash does not search its bin */
	CV_WARNING_SHEBANG, /* its scripts need /bin/sh, or do not start */
	CV_WARNING_NOEXEC,  /* its programs cannot be run */
	CV_WARNING_COPIES,  /* there are no symbolic links, so the interpreter was copied */
	CV_WARNING_LONG,    /* Windows: programs do not open its files */
};

/*
 * Call it after PLAN was published, or was found possible: an error makes all warnings void. TARGET
 * is still open. Needs session->info.
 */
void cv_warn(struct cv_session *session, const struct cv_target *target,
	const struct cv_layout *layout, const struct cv_plan *plan);

#endif
