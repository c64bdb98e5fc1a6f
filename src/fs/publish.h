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
 * The one place that writes environments.
 *
 *	struct cv_target target = { 0 };
 *	rc = cv_target_find(ctx, &arena, "/abs/.venv", clear, &target, &err);
 *	rc = cv_target_lock(ctx, &arena, &target, &err);
 *	... find the base interpreter ...
 *	target.base = files;	// of the base; must not be in ENV_DIR
 *	rc = cv_target_check(ctx, &target, &err);
 *	... read what exists, compute the plan ...
 *	rc = cv_publish(ctx, &arena, &plan, &target, CVENV_LINK_AUTO, &used, &err);
 *	cv_target_close(&target);
 *
 * Everything is first written into a stage, a hidden directory that is 0700
 * and on the same file system; an error or a signal until then removes the
 * stage and nothing else has changed. Then, depending on what exists at ENV_DIR:
 *
 * nothing   the stage is a sibling and takes the name, by one rename that
 *           replaces nothing. Missing parents are made, and unmade on failure.
 *           If another process creates ENV_DIR first, `lost` is set.
 * a directory, to be cleared
 *           the stage is a sibling and is exchanged with it in one step; the
 *           old one is then removed. Where that cannot be (a mount point, a
 *           read-only parent, the current directory inside it, another owner)
 *           the stage is inside it, the old entries are removed and the new
 *           ones moved in, pyvenv.cfg last.
 * a directory
 *           the stage is inside it and each file of it takes its place by a
 *           rename; then entries to be removed go; pyvenv.cfg comes last. What
 *           the plan does not name is kept. That everything can take its place
 *           (no directory where a file must go, no symbolic link where a
 *           directory must be) is checked before the first rename.
 */
/*
 * *ret_used is what served most files: REFLINK, HARDLINK or COPY; AUTO when it was a mix.
 * -CVENV_ECORRUPT: a cached wheel of the plan differs from its list. Then nothing has changed, and
 * the cache can create it again.
 */
int cv_publish(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_plan *plan,
	struct cv_target *target, enum cvenv_link_mode mode, enum cvenv_link_mode *ret_used,
	struct cvenv_error *err);

#endif
