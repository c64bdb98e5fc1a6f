/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_FACTS_H
#define CV_BASE_FACTS_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "python/facts.h"
#include "store/store.h"

/* Find the Python that SPEC means (python/find.h) and what it is: from the store, or by a probe. */
int cv_base_facts(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *spec, struct cv_facts *ret, struct cv_err *err);

#endif
