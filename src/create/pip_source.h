/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_PIP_SOURCE_H
#define CV_CREATE_PIP_SOURCE_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "env/pip_plan.h"
#include "interpreter/info.h"

/*
 * Chooses the wheels of pip and setuptools, and has the cache unpack them. Where from, first match:
 * --wheel-dir; what the base's own ensurepip would take; cvenv's own folder of wheels; the newest
 * one in the cache that runs on this Python. Never the network.
 */
/* The kind of bytecode that this base makes and may have; the paths are borrowed from INFO. */
struct cv_bytecode_kind cv_pip_source_bytecode(struct cv_arena *a, const struct cv_info *info);

/*
 * Before anybody knows what PYTHON is, but it takes its time to answer: unpack the wheels that lie
 * where CPython's ensurepip has them. A wrong guess costs room in the cache, no more.
 */
void cv_pip_source_ahead(const struct cv_ctx *ctx, const struct cv_cache *cache,
	const struct cvenv_options *request, const char *python);

int cv_pip_source_find(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_info *info, const struct cvenv_options *request,
	struct cv_pip_package ret_pip[CV_PIP_MAX], size_t *ret_count, struct cvenv_error *err);

#endif
