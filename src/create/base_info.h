/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_BASE_INFO_H
#define CV_CREATE_BASE_INFO_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "interpreter/info.h"

/*
 * While a probe waits for its interpreter, AHEAD does work that will be needed if PYTHON is what
 * its path suggests. It is called at most once.
 */
struct cv_ahead {
	void (*run)(void *data, const char *python);
	void *data;
};

/*
 * Find the interpreter for SPEC (interpreter/find.h), and get its info from the cache, or by a
 * probe. AHEAD may be NULL.
 */
int cv_base_info(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *spec, const struct cv_ahead *ahead, struct cv_info *ret,
	struct cvenv_error *err);

#endif
