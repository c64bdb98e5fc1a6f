/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_LIST_H
#define CV_CACHE_LIST_H

#include "cache/cached_wheel.h"
#include "wheel/wheel.h"

/*
 * The content of a cached wheel, before it is created. For build.c; and for dry runs, in a cache
 * that is only read (cv_cache_open_reading()): such a cached wheel has no directory.
 */

/*
 * List the files and metadata of an open wheel. Paths are in A; all other strings belong to the
 * wheel.
 */
int cv_list_files(struct cv_arena *a, const struct cv_wheel *wheel, struct cv_cached_wheel *ret,
	struct cvenv_error *err);

/*
 * The bytecode of each source, sorted by path: only names, and the number of the source in the
 * wheel's list. Shared files are no sources that Python imports, so they have none.
 */
struct cv_targets {
	struct cv_tree_file *files;
	size_t *sources;
	size_t count;
};
int cv_list_targets(struct cv_arena *a, const struct cv_cached_wheel *wheel, const char *cache_tag,
	struct cv_targets *ret, struct cvenv_error *err);

/* List a wheel. DATA is its content, PATH its origin. All of *ret is in A. */
int cv_list_wheel(struct cv_arena *a, const char *path, struct cv_str data,
	struct cv_cached_wheel *ret, struct cvenv_error *err);

/* Read file number INDEX of the list for the wheel at PATH. Returns 1. */
int cv_list_read(struct cv_arena *a, const char *path, size_t index, struct cv_str *ret,
	struct cvenv_error *err);

/*
 * List the bytecode of all sources that would be compiled. Without COMPILE, list it only if the
 * base seems to have all of it (reuse.h). Sizes are unknown: 0. False if there is none.
 */
bool cv_list_bytecode(struct cv_arena *a, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, bool compile, struct cv_tree *ret);

#endif
