/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_PIP_SOURCE_H
#define CV_CREATE_PIP_SOURCE_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "env/pip_plan.h"
#include "interpreter/info.h"

/*
 * Chooses the wheels of pip and setuptools, and unpacks them into the cache. The first match
 * counts: --wheel-dir; the wheel that the base's own ensurepip installs; cvenv's own folder of
 * wheels; the newest one in the cache that supports this Python. Never uses the network. FIXED:
 * the result does not depend on the cache's content, nor does any byte of the bytecode.
 */

/*
 * While PYTHON is being probed: unpack the wheels in the place where CPython has its ensurepip. If
 * PYTHON is no CPython, this only uses space in the cache.
 */
void cv_pip_source_ahead(const struct cv_ctx *ctx, const struct cv_cache *cache,
	const struct cvenv_options *request, const char *python);

int cv_pip_source_find(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_info *info, const struct cvenv_options *request, bool fixed,
	struct cv_pip_package ret_pip[CV_PIP_MAX], size_t *ret_count, struct cvenv_error *err);

#endif
