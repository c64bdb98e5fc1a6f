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
 * The cache: data that the environments of one user share. Any part of it may be missing or
 * corrupt, and is then created again. Entries are written under a temporary name, renamed, and
 * never changed, so no locks are needed.
 *
 *	DIR/v1/CACHEDIR.TAG		marks the cache; backup programs skip it
 *	DIR/v1/info/HASH		interpreter info (interpreter/info.h)
 *	DIR/v1/wheels/SHA256/		an unpacked wheel (cached_wheel.h)
 *	DIR/v1/bytecode/SHA256-TAG-MAGIC/	its bytecode for one kind of Python
 *
 * DIR is the caller's choice (--cache-dir), else CVENV_CACHE_DIR, else $XDG_CACHE_HOME/cvenv (XDG
 * base directories: absolute paths only), else ~/.cache/cvenv. On Windows it is
 * %LOCALAPPDATA%\cvenv\cache. A directory that belongs to another user, or that other users may
 * write to, is not used, since its files become part of environments. DIR may contain other files.
 * Only DIR/v1 is created or changed, and a v1 of another user is not used.
 *
 * The last use of an entry is the modification time of one of its files (for wheels and bytecode,
 * of the manifest). If a stat finds that it differs from ctx->now by more than a day, it is set to
 * ctx->now. gc.h reads it.
 */
struct cv_cache {
	const char *dir;       /* .../v1, absolute; NULL: there is no cache */
	struct cv_os_dir root; /* the same, open; or none */
	uint64_t owner;        /* this user. Entries of other users are not used */
	/* the name of a temporary cache in temp_in; "": a permanent cache */
	char temporary[48];
	struct cv_os_dir temp_in;
	int place;      /* which place the temporary cache has, see temporary.c */
	bool is_beside; /* the temporary cache is beside env_dir, or in it */
	/* the file system of the temporary cache does not keep times: do not check them */
	bool timeless;
	const char *env_dir; /* the environment, the last choice for a temporary cache; or NULL */
	bool reading;        /* nothing is written, marked as used or deleted */
	const char *missing; /* the path of a cache that is only read and does not exist yet */
	bool named;          /* the user named it: warn if it cannot be used */
	const char *reason;  /* the reason why there is no cache; or NULL */
};

/* Never fails: without a usable directory there is no cache, and the log has the reason. */
void cv_cache_open(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret);

/*
 * The same for reading: creates nothing. Functions that create entries fail, and
 * cv_cached_wheel_get() lists what it would unpack.
 */
void cv_cache_open_reading(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret);

/*
 * The path of the cache: DIR, absolute. NULL if it is unknown: cv_cache_nowhere() returns the
 * reason. Does not access the file system.
 *
 * cv_cache_open_dir() opens V1, which is DIR/v1, if it exists and belongs to this user. Creates
 * nothing. -ENOENT, or -CVENV_EREFUSED with the reason in *ret_why.
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
 * cv_cache_close() removes. It is in the first writable directory of: TMPDIR, /tmp, /var/tmp (on
 * Windows TEMP, TMP), the nearest existing directory above cache->env_dir, cache->env_dir.
 */
int cv_cache_need(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	struct cvenv_error *err);

/*
 * Call it after a write to the cache failed with RC. If the file system is the reason (full,
 * read-only), switch to a temporary cache, or to the next place for one. True if that succeeded:
 * try again.
 */
bool cv_cache_give_up(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache, int rc,
	const struct cvenv_error *why);

void cv_cache_close(const struct cv_ctx *ctx, struct cv_cache *cache);

/* Log that there is no cache, and WHY: a warning if the user named the directory. */
void cv_cache_log_without(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *why);

/*
 * Delete an entry ("wheels/KEY"). It is renamed first, so that no process finds a part of it. It is
 * no error if it is missing.
 */
int cv_cache_remove(struct cv_os_dir root, const char *name, struct cvenv_error *err);

/*
 * Record that the entry with FILE (relative to the cache) is used. MTIME is its recorded last use.
 */
void cv_cache_used(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *file, int64_t mtime);

/* Small entries by name ("info/0123..."). Get: false if it is missing. Put: ignores errors. */
bool cv_cache_get(const struct cv_ctx *ctx, const struct cv_cache *cache, struct cv_arena *a,
	const char *name, struct cv_str *ret);
void cv_cache_put(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	struct cv_str data);

#endif
