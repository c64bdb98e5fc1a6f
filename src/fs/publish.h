/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PUBLISH_H
#define CV_FS_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "fs/target.h"
#include "os/os.h"

/*
 * The only place that writes environments.
 *
 *	struct cv_target target = { 0 };
 *	rc = cv_target_find(ctx, &arena, "/abs/.venv", clear, &target, &err);
 *	rc = cv_target_lock(ctx, &target, &err);
 *	... find the base interpreter ...
 *	target.base = files;	// of the base; must not be in ENV_DIR
 *	rc = cv_target_check(ctx, &target, &err);
 *	... read what exists, compute the plan ...
 *	rc = cv_publish(ctx, &arena, &plan, &target, CVENV_LINK_AUTO, &used, &err);
 *	cv_target_close(&target);
 *
 * First everything is written into a staging directory, which is private and on the same file
 * system. If that fails or is interrupted, the staging directory is deleted, and nothing else has
 * changed. The next step depends on ENV_DIR:
 *
 * - It is missing: the staging directory is beside it, and is renamed to ENV_DIR by a call that
 *   replaces nothing. Missing parents are created before, and deleted after a failure. If another
 *   process creates ENV_DIR first, `lost` is set.
 * - It is a directory to be cleared: the staging directory is beside it, and both exchange their
 *   names in one call. Then the old directory is deleted. If the system cannot exchange names, the
 *   old directory is renamed aside, and the staging directory to its name. If that fails, the old
 *   one is renamed back; if the process is killed in between, a later cv_target_find() or
 *   cv_stage_sweep() does that. If the directory must stay (a mount point, a read-only parent, the
 *   current directory inside, another owner), the old entries are deleted, and the new ones are
 *   moved in, pyvenv.cfg last.
 *   On Windows, a program that uses ENV_DIR is in the way: -EBUSY, before anything is deleted.
 * - It is another directory: the staging directory is inside it. Each file is moved to its place by
 *   a rename, then the plan's removals are carried out, then pyvenv.cfg is moved. Other files are
 *   kept. Before the first rename, cvenv checks that all of them are possible: no directory in the
 *   place of a file, no symbolic link in the place of a directory.
 */

/*
 * *ret_used is the link mode of most files: REFLINK, HARDLINK or COPY; AUTO for links and copies.
 * -CVENV_ECORRUPT: a cached wheel of the plan differs from its manifest. Nothing has changed in
 * that case, and the cache can create the cached wheel again.
 */
int cv_publish(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_plan *plan,
	struct cv_target *target, enum cvenv_link_mode mode, enum cvenv_link_mode *ret_used,
	struct cvenv_error *err);

#endif
