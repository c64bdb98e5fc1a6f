/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_BUILD_H
#define CV_CACHE_BUILD_H

#include "cache/cached_wheel.h"

/*
 * Makes cached wheels: into a hidden directory of the cache, then one rename to NAME
 * ("wheels/KEY", "bytecode/KEY"). When another process was first, its cached wheel stays and
 * ours goes; that is no error.
 */
enum { CV_WHEEL_FILE_MAX = 256 << 20 };

/* DATA is the wheel's content, PATH where it came from. Scratch memory comes from A. */
int cv_build_wheel(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const char *path, struct cv_str data, struct cvenv_error *err);

/*
 * Create "NAME/loose", with the content of the pack of the wheel NAME as separate files. It is
 * added to the existing cached wheel by one rename. -CVENV_ECORRUPT: the pack is corrupt.
 * -EOPNOTSUPP: without COPIES, the file system cannot clone it.
 */
int cv_build_loose(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	const struct cv_tree *tree, bool copies, struct cvenv_error *err);

/* All of it from the base's own pip. 1: done; 0: that has not all of it; negative: an error. */
int cv_build_reused(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	struct cvenv_error *err);

int cv_build_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	unsigned jobs, struct cvenv_error *err);

#endif
