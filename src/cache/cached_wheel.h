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
 * Cached wheels: directories in the cache whose files become part of environments. Each has
 * `files/`, for a wheel `pack` and maybe `loose/` (fs/pack.h), and `manifest`, which lists every
 * file with its size and time and, for a wheel, its hash. An entry with a corrupt manifest is
 * created again here. fs/tree.c compares the files with the manifest when it uses them. On
 * CVENV_ECORRUPT the caller evicts the cached wheel and gets it again, which creates it.
 */
struct cv_cached_wheel {
	struct cv_tree tree;         /* sources, data and metadata; not RECORD */
	const struct cv_str *hashes; /* "sha256=..." as in RECORD, one for each file */
	struct cv_str name, version; /* as in METADATA */
	struct cv_str dist_info;     /* "pip-24.2.dist-info" */
	struct cv_str entry_points;  /* the text of entry_points.txt, or empty */
	struct cv_str requires_python;
	const char *key;  /* the wheel's SHA-256, hex */
	const char *path; /* of a wheel that was only listed (list.h), absolute; else NULL */
};

/*
 * Get the wheel at PATH (absolute) from the cache, or unpack it there. SHA256 is its known hash, or
 * "" or NULL: with it, an existing cached wheel is found without reading the wheel.
 */
int cv_cached_wheel_get(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const char *path, const char *sha256, struct cv_cached_wheel *ret, struct cvenv_error *err);

/*
 * Read the file NAME of WHEEL, which is neither bytecode nor metadata. 1: read; 0: there is none;
 * negative: error.
 */
int cv_cached_wheel_read(struct cv_arena *a, const struct cv_cached_wheel *wheel, const char *name,
	struct cv_str *ret, struct cvenv_error *err);

/*
 * Unpack the wheel for later use. Errors are ignored, and a cache that cannot be written is kept.
 */
void cv_cached_wheel_ahead(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *path);

/*
 * The highest version of project NAME in the cache that supports PYTHON_VERSION ("3.11.2"); false
 * when there is none.
 */
bool cv_cached_wheel_newest(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, struct cv_str name, struct cv_str python_version,
	struct cv_cached_wheel *ret);

/* A kind of bytecode, and an interpreter that can compile it. */
struct cv_bytecode_kind {
	const char *python;    /* an interpreter of that kind, absolute path */
	const char *cache_tag; /* "cpython-313" */
	const char *magic;     /* hex */
	/* site-packages that may have the base's own pip, absolute; or NULL */
	const char *site;
	/*
	 * The same bytes for the same sources, wherever and whenever they are compiled. Not those
	 * of `site`, which may vary.
	 */
	bool fixed;
};

/*
 * Get the bytecode of a cached wheel, with paths in directories __pycache__ beside the sources.
 * False when the cache has none.
 */
bool cv_cached_bytecode_get(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret);

/*
 * Create it from the base's own pip, if that has the same files and bytecode for all of them
 * (reuse.h). False if it has not, or if the cache cannot be written.
 */
bool cv_cached_bytecode_reuse(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret);

/*
 * Create it: reuse what the base has, and compile the rest with JOBS processes. Sources that do not
 * compile are omitted. Calls ctx->progress.
 */
int cv_cached_bytecode_compile(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind, unsigned jobs,
	struct cv_tree *ret, struct cvenv_error *err);

/*
 * Create `loose/` of a cached wheel, with the files of its pack: for hard links, and for clones of
 * whole files. COPIES false: only if the cache can clone. If it fails (read-only, full),
 * environments copy from the pack.
 */
void cv_cached_wheel_loosen(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, bool copies, struct cv_cached_wheel *wheel);

/* Do all files agree with the manifest in size and time, and is none a link? Opens none of them. */
bool cv_cached_wheel_intact(const struct cv_tree *tree);

/*
 * Delete the cached wheel with the directory DIR ("/.../wheels/KEY/files") from the cache, if it is
 * really corrupt. False when it cannot be deleted: the cache is read-only.
 */
bool cv_cached_wheel_evict(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *dir);

#endif
