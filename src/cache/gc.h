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
 * CV_EREFUSED for a directory that is not a cache of cvenv, that belongs to somebody else or that
 * others may write to; ENOENT when it is not known where the cache is (no home directory).
 * No symbolic link in the cache is followed, and nothing in it is touched but what has the
 * name of an entry or of a temporary of ours.
 */
enum { CV_GC_DAY = 24 * 60 * 60 };

enum cv_gc_kind {
	CV_GC_INFO,     /* what a Python is */
	CV_GC_WHEEL,    /* an unpacked wheel */
	CV_GC_BYTECODE, /* the bytecode of one, for one kind of Python */
};

struct cv_gc_entry {
	enum cv_gc_kind kind;
	const char *key; /* its name in the folder of its kind */

	/*
	 * The wheel's, for both kinds of cached wheels; of interpreter info the implementation's
	 * ("cpython", "3.13.0"). Empty when the entry cannot be read: it is corrupt, the next use
	 * makes it anew.
	 */
	struct cv_str name, version; /* a NUL follows */
	const char *python;          /* interpreter info: the path; else "" */
	const char *tag;             /* bytecode: "cpython-313"; else "" */

	uint64_t bytes;  /* on disk */
	uint64_t shared; /* of these: in files that hard links in environments keep */
	int64_t used;    /* last use, seconds since the epoch, a day late at most */
};

struct cv_gc {
	const char *dir; /* DIR/v1, absolute */
	bool exists;
	const struct cv_gc_entry *entries; /* by kind, name, version, tag, python, key */
	size_t count;
	size_t leftovers;        /* temporaries: of killed processes, or of such that are at work */
	uint64_t leftover_bytes; /* of these, on disk */
	uint64_t bytes, shared;  /* of all that */
};

/* Everything in *ret is in the arena. */
int cv_gc_scan(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	struct cv_gc *ret, struct cv_err *err);

struct cv_gc_freed {
	size_t entries;
	size_t leftovers;
	uint64_t bytes; /* that the file system has got back: without what hard links keep */
};

/*
 * Remove the entries that were not used in the last UNUSED_S seconds before ctx->now; all with 0.
 * What killed processes have left goes too. Others may create environments meanwhile: an entry is
 * moved away before it is removed, and who was reading it makes it anew. One that cannot be removed
 * is left, the others go, and the first error is returned; *ret then counts what was removed.
 */
int cv_gc_clean(const struct cv_ctx *ctx, const char *dir_wanted, int64_t unused_s,
	struct cv_gc_freed *ret, struct cv_err *err);

#endif
