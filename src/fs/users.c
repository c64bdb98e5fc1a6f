/* SPDX-License-Identifier: MIT */
#include "fs/users.h"

#include "base/path.h"
#include "fs/dir.h"

enum { FILES_MAX = 4096 };

/* The files found so far. */
struct files {
	struct cv_arena *arena;
	const char **paths;
	size_t count;
};

static void collect(
	struct files *f, struct cv_os_dir at, const char *name, const char *path, int depth)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };

	if (depth > CV_DEPTH_MAX || cv_os_list_open(at, name, CV_OS_NOFOLLOW, &list) < 0)
		return;
	while (f->count < FILES_MAX && cv_os_list_next(&list) > 0) {
		const char *below = cv_path_join(f->arena, path, list.name);

		if (!below)
			return;
		if (list.type == CV_OS_DIR)
			collect(f, list.dir, list.name, below, depth + 1);
		else
			f->paths[f->count++] = below;
	}
}

const char *cv_users_below(struct cv_arena *a, const char *path)
{
	struct files files = { .arena = a, .paths = cv_new(a, const char *, FILES_MAX) };

	if (!files.paths)
		return NULL;
	collect(&files, CV_OS_ABSOLUTE, path, path, 0);
	return files.count ? cv_os_users_of(a, files.paths, files.count) : NULL;
}
