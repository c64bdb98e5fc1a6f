/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_CLONE_PLACES_H
#define CV_FINISHED_CLONE_PLACES_H

#include "create/session.h"
#include "fs/target.h"

/*
 * Private to clone.c: the two directories. Both functions write nothing, and the caller closes the
 * target also after an error.
 *
 * SRC is an environment, or a link or redirect file that names one; a MOVE needs the directory
 * itself. CVENV_ENOTENV if it has no pyvenv.cfg. CVENV_EREFUSED if a mount point is in it.
 */
int cv_clone_source(struct cv_session *session, const char *name, bool move, struct cv_target *ret,
	struct cvenv_error *err);

/*
 * DEST is missing, or an empty directory. EEXIST if not. CVENV_EREFUSED if it is in SRC, if it is a
 * redirect file, or if no environment may be created there.
 */
int cv_clone_dest(struct cv_session *session, const char *name, const struct cv_target *src,
	struct cv_target *ret, struct cvenv_error *err);

#endif
