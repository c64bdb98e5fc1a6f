/* SPDX-License-Identifier: MIT */
#include "python/which.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

bool cv_is_executable_file(const char *path, const struct stat *st)
{
	return S_ISREG(st->st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

bool cv_is_executable(const char *path)
{
	struct stat st;

	return fstatat(AT_FDCWD, path, &st, 0) == 0 && cv_is_executable_file(path, &st);
}

struct cv_which cv_which(const struct cv_ctx *ctx)
{
	/* empty is as good as not set: nothing is searched */
	return (struct cv_which){ .ctx = ctx, .rest = cv_str(cv_getenv_nonempty(ctx, "PATH")) };
}

bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, char **ret_path)
{
	struct cv_str entry;

	while (!w->nomem && cv_str_cut(&w->rest, ':', &entry)) {
		char *dir, *path;

		if (!w->ctx->cwd && (entry.n == 0 || entry.p[0] != '/'))
			continue;
		dir = cv_strdup(arena, entry);
		dir = dir ? cv_path_abs(arena, w->ctx->cwd ? w->ctx->cwd : "/", dir) : NULL;
		path = dir ? cv_path_join(arena, dir, name) : NULL;
		if (!path)
			w->nomem = true;
		else if (cv_is_executable(path)) {
			*ret_path = path;
			return true;
		}
	}
	return false;
}
