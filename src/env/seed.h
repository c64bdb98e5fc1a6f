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
 * If ENV_DIR already has the same or a newer version, and it is complete (installed.h), it is kept
 * and only its scripts are written again. Otherwise it is replaced file by file, and files that
 * only the old version had are removed last. An older version also replaces a newer one that is
 * broken, with a warning: no wheel of the newer one is available for a repair.
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
