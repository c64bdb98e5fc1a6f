/* SPDX-License-Identifier: MIT */
#ifndef CV_WHICH_H
#define CV_WHICH_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/str.h"

/*
 * The executables of one name on PATH, first to last. Empty and relative entries are taken
 * from the current directory and made absolute; directories and files that we may not execute
 * are passed over.
 *
 *	struct cv_which w = cv_which(ctx);
 *	while (cv_which_next(&w, arena, "python3", &path))
 *		...
 *	if (w.nomem)
 *		return cv_fail_nomem(err);
 */
struct cv_which {
	const struct cv_ctx *ctx;
	struct cv_str rest; /* of PATH */
	bool nomem;
};

struct cv_which cv_which(const struct cv_ctx *ctx);
bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, char **ret_path);

/* True when PATH is a file (links followed) that we may execute. */
bool cv_is_executable(const char *path);

/* The same for a caller who knows what stat(2) says of it. */
bool cv_is_executable_file(const char *path, const struct stat *st);

#endif
