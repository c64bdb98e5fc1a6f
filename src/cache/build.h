/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_BUILD_H
#define CV_CACHE_BUILD_H

#include "cache/cached_wheel.h"

/*
 * Creates cache entries: writes them into a staging directory of the cache, then renames that to
 * NAME ("wheels/KEY", "bytecode/KEY"). If another process was first, its entry remains and this one
 * is deleted; that is no error.
 */
enum { CV_WHEEL_FILE_MAX = 256 << 20 };

/* DATA is the content of the wheel, PATH its origin. Temporary memory is in A. */
int cv_build_wheel(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const char *path, struct cv_str data, struct cvenv_error *err);

/*
 * Create "NAME/loose", with the content of the pack of the wheel NAME as separate files. It is
 * added to the existing cached wheel by one rename. -CVENV_ECORRUPT: the pack is corrupt.
 * -EOPNOTSUPP: COPIES is false, and the file system cannot clone from the pack.
 */
int cv_build_loose(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	const struct cv_tree *tree, bool copies, struct cvenv_error *err);

/*
 * Create bytecode only from the base's own pip. 1: done; 0: the base does not have all of it;
 * negative: error.
 */
int cv_build_reused(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	struct cvenv_error *err);

int cv_build_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	unsigned jobs, struct cvenv_error *err);

#endif
