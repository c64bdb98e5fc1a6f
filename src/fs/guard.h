/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_GUARD_H
#define CV_FS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/err.h"
#include "fs/publish.h"

/*
 * Inside publish: refuses directories in which no environment may be created, or which must not be
 * cleared. It checks the open directory DIR (an anchor is enough), never a name: another directory
 * may get that name a moment later. CVENV_EREFUSED with the reason.
 *
 * With any options, it refuses to
 * - create an environment in a Python installation, or in a directory that contains the base
 *   interpreter (target->base);
 * - clear the root, a home directory (HOME, and those of the password file for our user), a
 *   directory above these or above the current directory, or a directory with a mount point in it.
 * Without target->force, it only accepts to clear an environment, the remains of one, or an empty
 * directory.
 */
int cv_guard(const struct cv_ctx *ctx, const struct cv_target *target, struct cv_os_dir dir,
	struct cvenv_error *err);

/* The part that does not read the directory, which ST describes. */
int cv_guard_places(const struct cv_ctx *ctx, const struct cv_target *target,
	const struct cv_os_stat *st, struct cvenv_error *err);

/* Marks an ENV_DIR that is being cleared in place: its former pyvenv.cfg. */
#define CV_CLEARING ".cvenv-clear"

enum { CV_FOREIGN_MAX = 600 }; /* "directory/entry" */

/*
 * May the directory DIR be cleared without force? 1: it is an environment, the remains of one, or
 * empty. 0: it is not, because it contains *ret_foreign. Remains are:
 * - a directory in which --clear was interrupted: it contains CV_CLEARING;
 * - a directory with only such entries as environments have (pyvenv.cfg, bin, lib, lib64, include,
 *   share, .gitignore, ...). If bin/activate is missing, the entries of these directories must be
 *   named like parts of an environment as well: other directories also have a bin and a lib.
 * The checkout of a version control system never counts as an environment.
 */
int cv_guard_remains(
	struct cv_os_dir dir, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err);

#endif
