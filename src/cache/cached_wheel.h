/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_CACHED_WHEEL_H
#define CV_CACHE_CACHED_WHEEL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "fs/plan.h"

/*
 * Cached wheels: directories in the cache whose files become part of environments. Each
 * holds `files/`, for a wheel `pack` and sometimes `loose/` (fs/pack.h), and `manifest`, which
 * names every file with its size and time and, for a wheel, its hash. An entry with a corrupt
 * manifest is created again here. fs/tree.c compares the files with the manifest when it uses them.
 * On CVENV_ECORRUPT the caller evicts the cached wheel and gets it again, which creates it.
 */
struct cv_cached_wheel {
	struct cv_tree tree;         /* sources, data and metadata; not RECORD */
	const struct cv_str *hashes; /* "sha256=..." as in RECORD, one for each file */
	struct cv_str name, version; /* as METADATA has them */
	struct cv_str dist_info;     /* "pip-24.2.dist-info" */
	struct cv_str entry_points;  /* the text of entry_points.txt, or empty */
	struct cv_str requires_python;
	const char *key; /* the wheel's SHA-256, hex */
};

/*
 * The unpacked cached wheel of the wheel at PATH (absolute), from the cache or made there.
 * SHA256 is what is known of the wheel ("" or NULL: nothing): with it, a cached wheel that
 * stands is found without reading the wheel.
 */
int cv_cached_wheel_get(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const char *path, const char *sha256, struct cv_cached_wheel *ret, struct cvenv_error *err);

/*
 * Have it unpacked for later, if it is not. Nobody waits for that: a failure is not told, and a
 * cache that cannot be written to is not given up.
 */
void cv_cached_wheel_ahead(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *path);

/*
 * The cached wheel of project NAME with the highest version among those in the cache that
 * run on PYTHON_VERSION ("3.11.2"); false when there is none.
 */
bool cv_cached_wheel_newest(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, struct cv_str name, struct cv_str python_version,
	struct cv_cached_wheel *ret);

/* A kind of bytecode, and who can make it. */
struct cv_bytecode_kind {
	const char *python;    /* an interpreter of that kind, absolute path */
	const char *cache_tag; /* "cpython-313" */
	const char *magic;     /* hex */
	const char *site;      /* where it may have its own pip: site-packages, absolute; or NULL */
};

/*
 * The bytecode of a wheel cached wheel, in directories __pycache__ beside the sources. False
 * when the cache has none.
 */
bool cv_cached_bytecode_get(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret);

/*
 * Have it from the base's own pip, if that is made of the same files and compiled, all of it
 * (reuse.h). False when that is not so, or when it cannot be kept.
 */
bool cv_cached_bytecode_reuse(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret);

/*
 * Take from the base what it has, compile the rest with JOBS processes, and keep it. Sources
 * that do not compile are left out. ctx->progress is told.
 */
int cv_cached_bytecode_compile(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind, unsigned jobs,
	struct cv_tree *ret, struct cvenv_error *err);

/*
 * Have what is in the wheel's pack as files, too, in `loose/` of its cached wheel: for hard links,
 * and for clones of whole files; then (COPIES false) only where the cache can clone. Without them
 * (it is read-only or full) these files will be copied.
 */
void cv_cached_wheel_loosen(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, bool copies, struct cv_cached_wheel *wheel);

/* Every file as the manifest has it: size, time, and no link. Opens none. */
bool cv_cached_wheel_intact(const struct cv_tree *tree);

/*
 * Take the cached wheel in DIR ("/.../wheels/KEY/files") out of the cache, if it is corrupt as
 * somebody found it. False when it cannot be taken out: the cache is read-only.
 */
bool cv_cached_wheel_evict(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *dir);

#endif
