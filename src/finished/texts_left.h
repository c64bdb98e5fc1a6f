/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_TEXTS_LEFT_H
#define CV_FINISHED_TEXTS_LEFT_H

#include <stdbool.h>
#include <stdint.h>

#include "finished/texts.h"
#include "os/os.h"

/*
 * Files of an environment that may contain an old path and are no texts that cv_rewrite() knows.
 *
 * A file of a wheel cannot contain the path of the environment: it was made elsewhere, and RECORD
 * has its hash. So only other files are searched: what pip did not install, and libraries of wheels
 * that were built here. Bytecode is not: Python corrects the paths in it when it reads it.
 */

/* A set of paths, relative to the environment. It has hashes, so a path may seem to be in it. */
struct cv_listed {
	uint64_t *slots; /* 0: unused */
	size_t count, room;
};

bool cv_listed_add(struct cv_arena *a, struct cv_listed *listed, const char *path);
bool cv_listed_has(const struct cv_listed *listed, const char *path);

/*
 * Add the files that RECORD, of a distribution whose site-packages is SITE, lists with a hash.
 * BUILT_HERE: except libraries. False: memory is exhausted.
 */
bool cv_listed_record(struct cv_arena *a, struct cv_listed *listed, const char *site,
	struct cv_str record, bool built_here);

/* Does the text of a file WHEEL have the tag of a wheel that is for one computer only? */
bool cv_wheel_is_local(struct cv_str wheel);

/* Add a copy of PATH. -ENOMEM */
int cv_left_add(
	struct cv_arena *a, struct cv_left *left, const char *path, struct cvenv_error *err);

enum {
	CV_LEFT_SEARCH_MAX = 64 << 20, /* bytes at the start of each file that are searched */
	CV_LEFT_FILES_MAX = 1000000,   /* and the others are not searched */
	CV_LEFT_DEPTH_MAX = 64,
};

/* Search all regular files below ENV that are not in LISTED. */
int cv_left_search(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir env,
	const struct cv_rewriting *how, const struct cv_listed *listed, struct cv_left *left,
	struct cvenv_error *err);

#endif
