/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_REMOVE_H
#define CV_FS_REMOVE_H

#include <stdint.h>

#include "base/ctx.h"
#include "base/err.h"
#include "fs/target.h"

/*
 * Remove an environment: rename it out of sight in one step, then delete it.
 *
 *	rc = cv_target_find(ctx, &arena, env_dir, CV_CLEAR_AWAY, &target, &err);
 *	rc = cv_remove_environment(ctx, &target, NULL, &freed, &err);
 *	cv_target_close(&target);
 *
 * Its new name is that of a staging directory. If the process is killed, the next run deletes what
 * is left (fs/sweep.h). If the parent does not let us rename it, its content is deleted in place,
 * as --clear does, and the directory stays if it cannot be deleted.
 *
 * There is no way around these refusals (CVENV_EREFUSED), which are checked on the open directory:
 *
 * - what cv_guard() refuses to clear, and the current directory;
 * - a link, or a mount point;
 * - a directory of another owner, except as root; a directory like /tmp; one whose pyvenv.cfg is
 *   from a user who is neither its owner, root nor the caller;
 * - a directory in which users keep other things: it contains their configuration or data
 *   directory, a file such as pyproject.toml, another environment, or a checkout below src;
 * - a Python installation, even with a pyvenv.cfg, and an environment of conda.
 *
 * -CVENV_ENOTENV: it is missing or empty. -CVENV_ECHANGED: it is out of sight or marked as being
 * cleared, but was not deleted completely. -EBUSY (Windows): a program uses it, and nothing was
 * changed.
 */

/* May TARGET be removed? Writes nothing, and needs no lock. */
int cv_remove_check(
	const struct cv_ctx *ctx, const struct cv_target *target, struct cvenv_error *err);

/*
 * The same for a directory that the user has not named: a search has found its pyvenv.cfg, which
 * may lie anywhere. Refuses what is another user's, also for root, a directory in which all users
 * may write, any entry that environments do not have, and one with neither an interpreter nor an
 * activation script.
 */
int cv_remove_check_found(const struct cv_target *target, struct cvenv_error *err);

/* A last check when it is out of sight: if it is negative, it gets its name back. */
struct cv_remove_only {
	int (*check)(const void *data, struct cvenv_error *err);
	const void *data;
};

/*
 * Locks TARGET first, unless the caller has. ONLY may be NULL. *RET_FREED is what the file system
 * got back; it takes a call for each file, so RET_FREED may be NULL.
 */
int cv_remove_environment(const struct cv_ctx *ctx, struct cv_target *target,
	const struct cv_remove_only *only, uint64_t *ret_freed, struct cvenv_error *err);

#endif
