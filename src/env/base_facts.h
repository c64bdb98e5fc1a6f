/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_FACTS_H
#define CV_BASE_FACTS_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "python/facts.h"
#include "store/store.h"

/*
 * While a Python is asked what it is, there is time: AHEAD may do what will have to be done if
 * PYTHON is what its path looks like. Once at most.
 */
struct cv_ahead {
	void (*run)(void *data, const char *python);
	void *data;
};

/*
 * Find the Python that SPEC means (python/find.h) and what it is: from the store, or by a probe.
 * AHEAD may be NULL.
 */
int cv_base_facts(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *spec, const struct cv_ahead *ahead, struct cv_facts *ret, struct cv_err *err);

#endif
