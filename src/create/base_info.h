/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_BASE_INFO_H
#define CV_CREATE_BASE_INFO_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "interpreter/info.h"

/*
 * While a Python is asked what it is, there is time: AHEAD may do what will have to be done if
 * PYTHON is what its path looks like. Once at most.
 */
struct cv_ahead {
	void (*run)(void *data, const char *python);
	void *data;
};

/*
 * Find the Python that SPEC means (interpreter/find.h) and what it is: from the cache, or by a
 * probe. AHEAD may be NULL.
 */
int cv_base_info(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *spec, const struct cv_ahead *ahead, struct cv_info *ret,
	struct cvenv_error *err);

#endif
