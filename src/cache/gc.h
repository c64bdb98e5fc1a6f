/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_GC_H
#define CV_CACHE_GC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Looking after the cache (cache.h): what it holds, and environment it smaller. DIR_WANTED is as
 *for cv_cache_open(). Neither makes a cache: where none is, it is empty.
 *
 *	rc = cv_gc_scan(&ctx, &arena, NULL, &gc, &err);
 *	... print gc.entries ...
 *	rc = cv_gc_clean(&ctx, NULL, 30 * CV_GC_DAY, &freed, &err);
 *
 * CVENV_EREFUSED for a directory that is not a cache of cvenv, that belongs to somebody else or
 *that others may write to; ENOENT when it is not known where the cache is (no home directory). No
 *symbolic link in the cache is followed, and nothing in it is touched but what has the name of an
 *entry or of a temporary of ours.
 */
enum { CV_GC_DAY = 24 * 60 * 60 };

/* Texts of entries are "" where cvenv.h says nothing else. */
struct cv_gc {
	struct cvenv_cache_info info;
	const struct cvenv_cache_entry *entries; /* by kind, name, version, tag, python, key */
};

/* Everything in *ret is in the arena. */
int cv_gc_scan(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	struct cv_gc *ret, struct cvenv_error *err);

/*
 * Remove the entries that were not used in the last UNUSED_S seconds before ctx->now; all with 0.
 * What killed processes have left goes too. Others may create environments meanwhile: an entry is
 * moved away before it is removed, and who was reading it makes it anew. One that cannot be removed
 * is left, the others go, and the first error is returned; *ret then counts what was removed.
 */
int cv_gc_clean(const struct cv_ctx *ctx, const char *dir_wanted, int64_t unused_s,
	struct cvenv_cache_freed *ret, struct cvenv_error *err);

#endif
