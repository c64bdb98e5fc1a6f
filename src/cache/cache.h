/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_CACHE_H
#define CV_CACHE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "os/os.h"

/*
 * The cache: what environments of one user share. It is a cache: nothing in it
 * is needed, anything in it may be gone or corrupt, and whatever is doubtful is
 * a miss. Entries are written under a temporary name and renamed into place,
 * never edited; so no locks are needed.
 *
 *	DIR/v1/CACHEDIR.TAG		it is ours, and backup programs leave it out
 *	DIR/v1/interpreter info/HASH		what a Python is (interpreter/info.h)
 *	DIR/v1/wheels/SHA256/		an unpacked wheel (cached wheel.h)
 *	DIR/v1/bytecode/SHA256-TAG-MAGIC/	its bytecode for one kind of Python
 *
 * DIR is the caller's choice (--cache-dir), else CVENV_CACHE_DIR, else
 * $XDG_CACHE_HOME/cvenv (XDG base directories: absolute paths only), else
 * ~/.cache/cvenv. A directory that belongs to another user, or that other users may
 * write to, is not used: its files would become part of environments. DIR may contain
 * other files. Only DIR/v1 is created or changed, and a v1 of another user is not used.
 *
 * An entry's last use is the modification time of one file of it (of a wheel or bytecode its
 * manifest). It is set when a stat that is needed anyway finds that it differs from
 * ctx->now by more than a day: at most one call a day, none in most runs. gc.h reads it.
 */
struct cv_cache {
	const char *dir;       /* .../v1, absolute; NULL: there is none */
	struct cv_os_dir root; /* that, open; or none */
	uint64_t owner;        /* who it belongs to: us. What in it does not is not used */
	char temporary[48];    /* the name of a temporary one in temp_in; "": a lasting one */
	struct cv_os_dir temp_in;
	int place;           /* the number of the temporary one's directory, see temporary.c */
	bool is_beside;      /* the temporary one is beside env_dir, or in it */
	bool timeless;       /* a temporary one that cannot have times: they are not checked */
	const char *env_dir; /* the environment: the last choice for a temporary one; or NULL */
	bool reading;        /* nothing in it is written, marked or removed */
	const char *missing; /* its path, if it does not exist yet and is only read */
	bool named;          /* by the user: warn if it cannot be used */
	const char *reason;  /* why there is none; NULL: nobody has looked, or there is one */
};

/* Never fails: without a usable directory there is no cache, and the log says why. */
void cv_cache_open(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret);

/*
 * The same, to look only: none is made. What needs a place on disk cannot be had from it,
 * cv_cached_wheel_get() lists what it would unpack.
 */
void cv_cache_open_reading(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret);

/*
 * Its path: DIR, absolute; NULL if it is unknown, for the reason that cv_cache_nowhere() returns.
 * Reads nothing.
 * cv_cache_open_dir() opens V1, which is DIR/v1, if that is there and ours, and makes nothing:
 * -ENOENT, or -CVENV_EREFUSED with what is wrong in *ret_why.
 */
const char *cv_cache_where(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted);
const char *cv_cache_nowhere(const struct cv_ctx *ctx, const char *dir_wanted);
int cv_cache_open_dir(const char *dir, const char *v1, struct cv_os_dir *ret, const char **ret_why);

/*
 * Where a run would unpack wheels, for --dry-run: the cache, which may be missing, or the first
 * writable directory for temporary files. Writes nothing.
 */
const char *cv_cache_place(const struct cv_ctx *ctx, const struct cv_cache *cache);

/*
 * Unpacked wheels need a directory. If there is no cache, create a temporary one, which
 * cv_cache_close() removes. It is in the first writable directory of: TMPDIR, /tmp, /var/tmp, the
 * nearest existing directory above cache->env_dir, cache->env_dir.
 */
int cv_cache_need(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	struct cvenv_error *err);

/*
 * After writing to it failed with RC: if the file system is the reason (full, read-only), switch to
 * a temporary cache, or to the next directory for one. True if that succeeded: try again.
 */
bool cv_cache_give_up(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache, int rc,
	const struct cvenv_error *why);

void cv_cache_close(const struct cv_ctx *ctx, struct cv_cache *cache);

/* Log that there is no cache, and WHY: a warning if the user named the directory. */
void cv_cache_log_without(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *why);

/*
 * Take an entry ("wheels/KEY") out of the cache: it is moved away first, so that nobody finds it
 * half removed. One that is gone already is no error.
 */
int cv_cache_remove(struct cv_os_dir root, const char *name, struct cvenv_error *err);

/* The entry that FILE (below the cache) belongs to is in use, and was last at MTIME. */
void cv_cache_used(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *file, int64_t mtime);

/* Small entries by name ("interpreter info/0123..."). Get: false on a miss. Put: best effort. */
bool cv_cache_get(const struct cv_ctx *ctx, const struct cv_cache *cache, struct cv_arena *a,
	const char *name, struct cv_str *ret);
void cv_cache_put(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	struct cv_str data);

#endif
