/* SPDX-License-Identifier: MIT */
#ifndef CV_GUARD_H
#define CV_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/ctx.h"
#include "base/err.h"
#include "fs/publish.h"

/*
 * Inside publish: which directories no environment is created in, and which are not cleared for
 * one. Everything is decided about the open directory FD (O_PATH is enough), never about a name:
 * another directory may have that name a moment later. CV_EREFUSED with the reason.
 *
 * Whatever the options say:
 * - an environment is not created in a Python installation, nor in a directory that the base
 *   interpreter (target->base) is in;
 * - the root, the home directories (HOME, and those of the password file for our user), what is
 *   above them or above the current directory, and a directory with a mount point in it are not
 *   cleared.
 * Unless target->force is set, only an environment, the remains of one, or an empty directory is
 * cleared.
 */
int cv_guard(const struct cv_ctx *ctx, const struct cv_target *target, int fd, struct cv_err *err);

/* The part of it that reads nothing in the directory, which ST describes. */
int cv_guard_places(const struct cv_ctx *ctx, const struct cv_target *target, const struct stat *st,
	struct cv_err *err);

/* The entry that exists in ENV_DIR while it is cleared in place: its former pyvenv.cfg. */
#define CV_CLEARING ".cvenv-clear"

enum { CV_FOREIGN_MAX = 600 }; /* "directory/entry" */

/*
 * May the directory FD be emptied because nothing but an environment can be lost? 1: it is one, or
 * empty, or the remains of one; 0: it is not, since it contains *ret_foreign. Remains are:
 * - what a --clear that was killed has left: CV_CLEARING is there;
 * - no entries but those that environments have (pyvenv.cfg, bin, lib, lib64, include, share,
 *   .gitignore, ...); and, where bin/activate is missing, nothing in these directories that is not
 *   named like a part of an environment, since others have a bin and a lib as well.
 * The checkout of a version control system is no environment, whatever else it is.
 */
int cv_guard_remains(int fd, char ret_foreign[CV_FOREIGN_MAX], struct cv_err *err);

/*
 * 1 and the path of something that is mounted below the directory FD; 0 when there is nothing, or
 * the system does not say. (Nothing that is mounted is removed anyway: fs/dir.h.)
 */
int cv_guard_mounted(int fd, char *ret_path, size_t room, struct cv_err *err);

#endif
