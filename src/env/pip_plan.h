/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_PIP_PLAN_H
#define CV_ENV_PIP_PLAN_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cached_wheel.h"
#include "create/existing.h"
#include "cvenv.h"
#include "env/layout.h"
#include "fs/plan.h"
#include "interpreter/info.h"

/*
 * pip, and setuptools below 3.12, as `ensurepip --upgrade --default-pip` would leave them,
 * without running it. Two steps:
 *
 * cv_pip_source_find() chooses the wheels and has the cache unpack them. Where from, first
 * match: --wheel-dir; what the base's own ensurepip would take; cvenv's own folder of
 * wheels; the newest one in the cache that runs on this Python. Never the network.
 *
 * cv_pip_plan() turns them into entries (PEP 376, PEP 627; pip's operations/install/wheel.py):
 * the files, bytecode when there is any, INSTALLER, REQUESTED, console scripts, RECORD.
 * If ENV_DIR already has the same or a newer version, and it is complete (installed.h), it is kept
 * and only its scripts are written again. Otherwise it is replaced file by file, and files that
 * only the old version had are removed last. An older version also replaces a newer one that is
 * broken, with a warning: no wheel of the newer one is available for a repair.
 */
enum { CV_PIP_MAX = 2 };

struct cv_pip_package {
	struct cv_cached_wheel wheel;
	struct cv_tree bytecode; /* count 0: none */
};

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

/*
 * *ret_installed is the version that the environment ends up with: the wheel's, or the newer one
 * that is kept.
 */
int cv_pip_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cv_existing *existing,
	const struct cv_pip_package *pip, struct cv_str *ret_installed, struct cvenv_error *err);

#endif
