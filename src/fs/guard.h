/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_GUARD_H
#define CV_FS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/err.h"
#include "fs/publish.h"

/*
 * Private to publish.c and target.c: refuses directories in which no environment may be created, or
 * which must not be cleared. It checks the open directory DIR (an anchor is enough), never a path:
 * another directory may get that path at any time. CVENV_EREFUSED with the reason.
 *
 * With any options, it refuses to
 *
 * - create an environment in a Python installation, or in a directory that contains the base
 *   interpreter (target->base);
 * - clear a root, a home directory (cv_path_home(), and those of the user database), a directory
 *   above these or above the current directory, or a directory with a mount point in it.
 *
 * Without target->force, it only accepts to clear an environment, the remains of one, or an empty
 * directory. If a redirect file named ENV_DIR, creating an environment there needs all that, too.
 */
int cv_guard(const struct cv_ctx *ctx, const struct cv_target *target, struct cv_os_dir dir,
	struct cvenv_error *err);

/* The checks that do not read the directory. ST is its stat. */
int cv_guard_places(const struct cv_ctx *ctx, const struct cv_target *target,
	const struct cv_os_stat *st, struct cvenv_error *err);

#endif
