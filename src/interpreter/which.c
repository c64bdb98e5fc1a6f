/* SPDX-License-Identifier: MIT */
#include "interpreter/which.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/path.h"
#include "fs/file.h"

/* *ret is what the link PATH says, from the same directory. 1; 0: it is no link; negative. */
static int read_link(struct cv_arena *arena, const char *path, char **ret)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(AT_FDCWD, path, target, sizeof(target));
	char *dir;

	if (n < 0)
		return errno == EINVAL ? 0 : -errno;
	if ((size_t)n == sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	dir = cv_path_dir(arena, path);
	*ret = dir ? cv_path_join(arena, dir, target) : NULL;
	return *ret ? 1 : -ENOMEM;
}

/* *ret->end and *ret->st, step by step: most names are links to a file beside them. */
static int follow(struct cv_arena *arena, struct cv_exe *ret)
{
	int rc = 1;

	ret->end = ret->path;
	for (int n = 0; n <= CV_LINKS_MAX && rc > 0; n++) {
		rc = read_link(arena, ret->end, &ret->end);
		if (rc < 0)
			return rc;
		if (fstatat(AT_FDCWD, ret->end, &ret->st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (!S_ISLNK(ret->st.st_mode))
			return 0;
	}
	return -ELOOP;
}

int cv_link_chain(struct cv_arena *arena, const char *path, const char **ret, size_t *ret_count)
{
	char *next = NULL;
	int rc = 1;

	ret[0] = path;
	*ret_count = 1;
	while (rc > 0 && *ret_count <= CV_LINKS_MAX) {
		rc = read_link(arena, ret[*ret_count - 1], &next);
		if (rc > 0)
			ret[(*ret_count)++] = next;
	}
	return rc > 0 ? -ELOOP : rc;
}

int cv_exe_stat(struct cv_arena *arena, char *path, struct cv_exe *ret)
{
	int rc;

	ret->path = path;
	rc = follow(arena, ret);
	if (rc < 0 && rc != -ENOMEM && ret->end != path) { /* some of /proc lead elsewhere */
		ret->end = path;
		rc = fstatat(AT_FDCWD, path, &ret->st, 0) < 0 ? -errno : 0;
	}
	if (rc < 0)
		return rc;
	if (S_ISDIR(ret->st.st_mode))
		return -EISDIR;
	if (!S_ISREG(ret->st.st_mode))
		return -EACCES;
	return cv_may(AT_FDCWD, path, X_OK) < 0 ? -EACCES : 0;
}

struct cv_which cv_which(const struct cv_ctx *ctx)
{
	/* empty is as good as not set: nothing is searched */
	return (struct cv_which){ .ctx = ctx, .rest = cv_str(cv_getenv_nonempty(ctx, "PATH")) };
}

bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, struct cv_exe *ret)
{
	struct cv_str entry;

	while (!w->nomem && cv_str_cut(&w->rest, ':', &entry)) {
		char *dir, *path;
		int rc;

		if (!w->ctx->cwd && (entry.n == 0 || entry.p[0] != '/'))
			continue;
		dir = cv_strdup(arena, entry);
		dir = dir ? cv_path_abs(arena, w->ctx->cwd ? w->ctx->cwd : "/", dir) : NULL;
		path = dir ? cv_path_join(arena, dir, name) : NULL;
		rc = path ? cv_exe_stat(arena, path, ret) : -ENOMEM;
		if (rc == 0)
			return true;
		w->nomem = rc == -ENOMEM;
	}
	return false;
}
