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
 * Find the interpreter for SPEC (interpreter/find.h), and get its info from the cache, or by a
 * probe. MEANWHILE (may be NULL) runs during the first probe.
 */
int cv_base_info(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *spec, const struct cv_meanwhile *meanwhile, struct cv_info *ret,
	struct cvenv_error *err);

#endif
