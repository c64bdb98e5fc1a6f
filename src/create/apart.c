/* SPDX-License-Identifier: MIT */
#include "create/apart.h"

#include <errno.h>
#include <string.h>

#include "create/base_info.h"
#include "interpreter/which.h"

enum {
	HOPS_MAX = 8,
	OTHERS = 2, /* in addition to the links of the base */
};

/* The chain of links to the base, and other files that the base needs. */
struct way {
	const char *paths[CV_LINKS_MAX + 1 + OTHERS];
	size_t links, count;
};

static int find_way(
	struct cv_arena *a, const struct cv_info *info, struct way *ret, struct cvenv_error *err)
{
	/* If a link cannot be followed, as in /proc, only its own path is known. */
	if (cv_link_chain(a, info->base, ret->paths, &ret->links) == -ENOMEM)
		return cv_fail_nomem(err);
	ret->count = ret->links;
	if (strcmp(ret->paths[ret->links - 1], info->real) != 0)
		ret->paths[ret->count++] = info->real;
	ret->paths[ret->count++] = info->stdlib;
	return 0;
}

/*
 * The first path such that neither it nor a later one is in ENV_DIR; NULL if the base itself is
 * inside.
 */
static const char *first_outside(const struct way *way, const struct cv_target *target)
{
	size_t i = way->count - 1; /* the library is no interpreter */

	while (i > 0 && !cv_target_is_below(target, way->paths[i - 1]))
		i--;
	return i < way->count - 1 ? way->paths[i] : NULL;
}

int cv_apart_follow(struct cv_session *s, const struct cv_target *target, struct cvenv_error *err)
{
	for (int hop = 0; hop < HOPS_MAX && target->exists; hop++) {
		struct way way;
		const char *outside;
		int rc = find_way(&s->arena, &s->info, &way, err);

		if (rc < 0)
			return rc;
		outside = first_outside(&way, target);
		if (!outside || strcmp(outside, s->info.base) == 0)
			return 0;
		cv_log(s->ctx, CVENV_LOG_INFO, "'%s' is reached through '%s': using '%s'",
			s->info.base, target->env_dir, outside);
		rc = cv_base_info_of(s->ctx, &s->arena, &s->cache, outside, &s->info, err);
		if (rc < 0)
			return rc;
		s->has_pip = false; /* pip depends on the interpreter info */
	}
	return 0;
}

int cv_apart_check(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_info *info,
	struct cv_target *target, struct cvenv_error *err)
{
	struct way *way;
	int rc;

	if (!target->exists)
		return 0;
	way = cv_new(a, struct way, 1);
	if (!way)
		return cv_fail_nomem(err);
	rc = find_way(a, info, way, err);
	if (rc < 0)
		return rc;
	target->base = way->paths;
	target->base_count = way->count;
	return cv_target_check(ctx, target, err);
}
