/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_WALK_H
#define CV_FS_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ctx.h"
#include "base/err.h"
#include "os/os.h"

/*
 * Find environments below some directories, with several threads.
 *
 *	struct cv_walk walk = { .roots = roots, .root_count = n, .workers = 4,
 *		.found = add, .failed = note, .data = &list };
 *	rc = cv_walk(ctx, &walk, &err);
 *
 * FOUND gets the absolute path of each directory that contains a regular file pyvenv.cfg, once and
 * in any order. What is in such a directory is not searched, nor are the directories of version
 * control systems, conda-meta, and cvenv's own temporary directories. No link is followed except a
 * root, and the file system of a root is not left. A root below another root is searched as a root
 * only. Access times do not change, where the system lets us read without.
 *
 * A worker searches depth first. When another one has nothing to do, it gets half of the
 * subdirectories that are left in the topmost directory of the first one.
 */
enum {
	CV_WALK_DEPTH_MAX = 256, /* below a root */
	CV_WALK_DIRS_MAX = 10 * 1000 * 1000,
	CV_WALK_WORKERS_MAX = 16,
};

struct cv_walk {
	const char *const *roots; /* absolute */
	size_t root_count;
	const char *const *excluded; /* directories that are only searched as roots */
	size_t excluded_count;
	unsigned workers;
	/*
	 * Called in any of the workers, whose number is less than WORKERS; with the same number
	 * never at the same time. PATH is valid during the call. A negative errno ends the search.
	 */
	int (*found)(void *data, unsigned worker, const char *path);
	/* The same, for a directory that could not be read. May be NULL. */
	void (*failed)(void *data, unsigned worker, const char *path, int code);
	/* Called in worker 0, the calling thread: DIRS were read until now. May be NULL. */
	void (*progress)(void *data, size_t dirs);
	void *data;
	size_t dirs; /* set by cv_walk(): how many were read */
};

/*
 * -CVENV_ELIMIT: there are too many directories. -EINTR: ctx->stop. Or the errno that FOUND
 * returned. A root that does not exist is reported to FAILED, and one that is no directory has
 * nothing to be found.
 */
int cv_walk(const struct cv_ctx *ctx, struct cv_walk *walk, struct cvenv_error *err);

#endif
