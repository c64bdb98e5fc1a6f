/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_BASE_INFO_H
#define CV_CREATE_BASE_INFO_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "interpreter/info.h"
#include "interpreter/spawn.h"

/*
 * Find the interpreter that OPTIONS ask for (interpreter/choose.h), and get its info from the
 * cache, or by a probe. MEANWHILE (may be NULL) runs during the first probe. *ret_source says what
 * chose the interpreter; it lives as long as A and OPTIONS.
 */
int cv_base_info(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const struct cvenv_options *options, const struct cv_meanwhile *meanwhile,
	struct cv_info *ret, const char **ret_source, struct cvenv_error *err);

/* The same for the interpreter PATH. */
int cv_base_info_of(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *path, struct cv_info *ret, struct cvenv_error *err);

/* The same from the cache only: nothing is run. False if the cache has no fresh info of PATH. */
bool cv_base_info_cached(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *path, struct cv_info *ret);

#endif
