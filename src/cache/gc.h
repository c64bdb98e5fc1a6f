/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_GC_H
#define CV_CACHE_GC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Lists and deletes entries of the cache (cache.h). DIR_WANTED is as for cv_cache_open(). Neither
 * function creates a cache: a missing one counts as empty.
 *
 *	rc = cv_gc_scan(&ctx, &arena, NULL, &gc, &err);
 *	... print gc.entries ...
 *	rc = cv_gc_clean(&ctx, NULL, 30 * CV_GC_DAY, &freed, &err);
 *
 * CVENV_EREFUSED: the directory is not a cache of cvenv, belongs to another user, or other users
 * may write to it. ENOENT: the location of the cache is unknown (no home directory). They follow no
 * symbolic link in the cache, and touch only names of entries and of cvenv's temporary directories.
 */
enum { CV_GC_DAY = 24 * 60 * 60 };

/* Strings of entries are "" unless cvenv.h says something else. */
struct cv_gc {
	struct cvenv_cache_info info;
	/* sorted by kind, name, version, tag, python, key */
	const struct cvenv_cache_entry *entries;
};

/* Strings and entries of *ret are in the arena. */
int cv_gc_scan(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	struct cv_gc *ret, struct cvenv_error *err);

/*
 * Delete the entries that were not used in the last UNUSED_S seconds before ctx->now, or all if
 * that is 0, and temporary directories of killed processes. Other processes may create environments
 * at the same time: an entry is renamed before it is deleted, and a process that was reading it
 * creates it again. After an error the other entries are still deleted, and the first error is
 * returned. *ret counts what was deleted.
 */
int cv_gc_clean(const struct cv_ctx *ctx, const char *dir_wanted, int64_t unused_s,
	struct cvenv_cache_freed *ret, struct cvenv_error *err);

#endif
