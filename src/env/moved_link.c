/* SPDX-License-Identifier: MIT */
#include "env/moved_link.h"

#include "base/path.h"

/* Where a link PATH in the environment ENV_DIR with the text TARGET leads to. */
static char *resolve(struct cv_arena *a, const char *env_dir, const char *path, const char *target)
{
	const char *dir = cv_path_dir(a, path);
	struct cv_ctx ctx = { .cwd = dir ? cv_path_join(a, env_dir, dir) : NULL };

	return ctx.cwd ? cv_path_abs(a, &ctx, target) : NULL;
}

const char *cv_moved_link(struct cv_arena *a, const struct cv_rewriting *r, const char *from,
	const char *to, const char *path, const char *target)
{
	bool absolute = cv_path_is_abs(target);
	char *before = resolve(a, from, path, target), *after, *there;
	bool moved;

	if (!before)
		return NULL;
	if (!absolute && cv_path_within(before, from))
		return target;
	moved = cv_rewrite_path(a, r, cv_str(before), &after);
	if (absolute)
		return moved ? after : target;
	if (!moved)
		after = before;
	there = resolve(a, to, path, target);
	if (!there || !after)
		return NULL;
	return cv_path_same(there, after) ? target : after;
}
