/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_LIST_H
#define CV_CACHE_LIST_H

#include "cache/cached_wheel.h"
#include "wheel/wheel.h"

/*
 * What a cached wheel holds, before it is made. For build.c; and for plans that nobody carries out,
 * in a cache that is only read (cv_cache_open_reading()): such a cached wheel has no directory.
 */

/* The files and the metadata of an open wheel. Paths are in A, all else belongs to the wheel. */
int cv_list_files(struct cv_arena *a, const struct cv_wheel *wheel, struct cv_cached_wheel *ret,
	struct cvenv_error *err);

/*
 * The bytecode of each source, by path: files with a name only, and the source's number in the
 * wheel's list. What is not packed is no source that anybody imports.
 */
struct cv_targets {
	struct cv_tree_file *files;
	size_t *sources;
	size_t count;
};
int cv_list_targets(struct cv_arena *a, const struct cv_cached_wheel *wheel, const char *cache_tag,
	struct cv_targets *ret, struct cvenv_error *err);

/* From the wheel's own list. DATA is its content, PATH where it came from; all of *ret is in A. */
int cv_list_wheel(struct cv_arena *a, const char *path, struct cv_str data,
	struct cv_cached_wheel *ret, struct cvenv_error *err);

/*
 * The bytecode of all sources: of what would be compiled, or else, without COMPILE, if the base
 * seems to have all of it (reuse.h). Sizes are not known: 0. False for none.
 */
bool cv_list_bytecode(struct cv_arena *a, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, bool compile, struct cv_tree *ret);

#endif
