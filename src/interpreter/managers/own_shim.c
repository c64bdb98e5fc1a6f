/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/own_shim.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "interpreter/which.h"

/* 1 and *ret: the target of the link PATH; 0: it is none; -ENOMEM. */
static int read_link(struct cv_arena *arena, const char *path, char **ret)
{
	char target[CV_PATH_MAX];
	int n = cv_os_readlink(CV_OS_ABSOLUTE, path, target, sizeof(target));

	if (n < 0)
		return n == -ENOMEM ? n : 0;
	*ret = cv_strdup(arena, (struct cv_str){ target, (size_t)n });
	return *ret ? 1 : -ENOMEM;
}

/* The directory of a path that may be relative. */
static char *dir_of(struct cv_arena *arena, const char *path)
{
	size_t n = (size_t)(cv_path_base(path) - path);

	return n ? cv_strdup(arena, (struct cv_str){ path, n > 1 ? n - 1 : n })
		 : cv_strdup(arena, CV_LIT("."));
}

static int read_target(
	struct cv_arena *arena, struct cv_own_shim *s, const char *end, bool searches)
{
	char *path = cv_strfmt(arena, "%s/" CV_OWN_SHIM_DIR "/%s%s", s->dir, s->name, end);
	int rc = path ? read_link(arena, path, &s->starts) : -ENOMEM;

	if (rc > 0 && !cv_path_is_abs(s->starts)) {
		s->starts = NULL;
		return 0;
	}
	s->searches = rc > 0 && searches;
	return rc;
}

int cv_own_shim(struct cv_arena *arena, const char *path, struct cv_own_shim *ret)
{
	char *target = NULL, *dir = NULL;
	int rc;

	*ret = (struct cv_own_shim){ 0 };
	if (CV_WINDOWS)
		return 0;
	for (int links = 0; links < CV_LINKS_MAX; links++) {
		rc = read_link(arena, path, &target);
		if (rc <= 0)
			return rc;
		dir = dir_of(arena, path);
		if (!dir)
			return -ENOMEM;
		if (strcmp(target, CV_OWN_SHIM_LINK) == 0)
			break;
		path = cv_path_is_abs(target) ? target : cv_strfmt(arena, "%s/%s", dir, target);
		if (!path)
			return -ENOMEM;
		dir = NULL;
	}
	if (!dir)
		return 0;
	ret->dir = dir;
	ret->name = cv_strdup(arena, cv_str(cv_path_base(path)));
	rc = ret->name ? read_target(arena, ret, "", false) : -ENOMEM;
	if (rc == 0)
		rc = read_target(arena, ret, CV_OWN_SHIM_SEARCHES, true);
	return rc < 0 ? rc : 1;
}
