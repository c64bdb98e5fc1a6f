/* SPDX-License-Identifier: MIT */
#ifndef CV_SEED_H
#define CV_SEED_H

#include "base/ctx.h"
#include "base/err.h"
#include "env/existing.h"
#include "env/layout.h"
#include "env/request.h"
#include "fs/plan.h"
#include "python/facts.h"
#include "store/image.h"

/*
 * pip, and setuptools below 3.12, as `ensurepip --upgrade --default-pip` would leave them,
 * without running it. Two steps:
 *
 * cv_seed_find() chooses the wheels and has the store unpack them. Where from, first
 * match: --wheel-dir; what the base's own ensurepip would take; cvenv's own folder of
 * wheels; the newest one in the store that runs on this Python. Never the network.
 *
 * cv_seed_plan() turns them into entries (PEP 376, PEP 627; pip's operations/install/wheel.py):
 * the files, bytecode when there is any, INSTALLER, REQUESTED, console scripts, RECORD.
 * Of a project that ENV_DIR already has, a newer version or the same one is kept if it is whole
 * (installed.h); only its scripts are made anew. Else it is replaced, file by file, what only it
 * had removed last. A newer version that is broken is lost by that, with a warning: there is no
 * wheel to mend it from, and an older pip that works is of more use.
 */
enum { CV_SEEDS_MAX = 2 };

struct cv_seed {
	struct cv_wheel_image wheel;
	struct cv_image bytecode; /* count 0: none */
};

/* The kind of bytecode that this base makes and may have; the paths are borrowed from FACTS. */
struct cv_bytecode cv_seed_bytecode(struct cv_arena *a, const struct cv_facts *facts);

/*
 * Before anybody knows what PYTHON is, but it takes its time to answer: unpack the wheels that lie
 * where CPython's ensurepip has them. A wrong guess costs room in the store, no more.
 */
void cv_seed_ahead(const struct cv_ctx *ctx, const struct cv_store *store,
	const struct cv_request *request, const char *python);

int cv_seed_find(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const struct cv_facts *facts, const struct cv_request *request,
	struct cv_seed ret_seeds[CV_SEEDS_MAX], size_t *ret_count, struct cv_err *err);

/*
 * *ret_installed is the version that the environment ends up with: the wheel's, or the newer one
 * that is kept.
 */
int cv_seed_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_facts *facts,
	const struct cv_layout *layout, const struct cv_existing *existing,
	const struct cv_seed *seed, struct cv_str *ret_installed, struct cv_err *err);

#endif
