/* SPDX-License-Identifier: MIT */
#ifndef CV_IMAGE_H
#define CV_IMAGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "store/store.h"

/*
 * Images: directories in the store whose files become part of environments. Each
 * holds `files/`, for a wheel `pack` and sometimes `loose/` (fs/pack.h), and `manifest`, which
 * names every file with its size and time and, for a wheel, its hash. A torn manifest is made anew
 * here. The files are compared with it by who uses them, while using them: fs/tree.c says
 * CV_ECORRUPT, the caller drops the image and asks again, and it is made anew.
 */
struct cv_wheel_image {
	struct cv_image image;       /* sources, data and metadata; not RECORD */
	const struct cv_str *hashes; /* "sha256=..." as in RECORD, one for each file */
	struct cv_str name, version; /* as METADATA has them */
	struct cv_str dist_info;     /* "pip-24.2.dist-info" */
	struct cv_str entry_points;  /* the text of entry_points.txt, or empty */
	struct cv_str requires_python;
	const char *key; /* the wheel's SHA-256, hex */
};

/*
 * The unpacked image of the wheel at PATH (absolute), from the store or made there.
 * SHA256 is what is known of the wheel ("" or NULL: nothing): with it, an image that
 * stands is found without reading the wheel.
 */
int cv_store_wheel(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const char *path, const char *sha256, struct cv_wheel_image *ret, struct cv_err *err);

/*
 * Have it unpacked for later, if it is not. Nobody waits for that: a failure is not told, and a
 * store that cannot be written to is not given up.
 */
void cv_store_wheel_ahead(const struct cv_ctx *ctx, const struct cv_store *store, const char *path);

/*
 * The image of project NAME with the highest version among those in the store that
 * run on PYTHON_VERSION ("3.11.2"); false when there is none.
 */
bool cv_store_newest(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	struct cv_str name, struct cv_str python_version, struct cv_wheel_image *ret);

/* A kind of bytecode, and who can make it. */
struct cv_bytecode {
	const char *python;    /* an interpreter of that kind, absolute path */
	const char *cache_tag; /* "cpython-313" */
	const char *magic;     /* hex */
	const char *site;      /* where it may have its own pip: site-packages, absolute; or NULL */
};

/*
 * The bytecode of a wheel image, in directories __pycache__ beside the sources. False
 * when the store has none.
 */
bool cv_store_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, struct cv_image *ret);

/*
 * Have it from the base's own pip, if that is made of the same files and compiled, all of it
 * (adopt.h). False when that is not so, or when it cannot be kept.
 */
bool cv_store_adopt(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, struct cv_image *ret);

/*
 * Take from the base what it has, compile the rest with JOBS processes, and keep it. Sources
 * that do not compile are left out. ctx->progress is told.
 */
int cv_store_compile(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, unsigned jobs,
	struct cv_image *ret, struct cv_err *err);

/*
 * Have what is in the wheel's pack as files, too, in `loose/` of its image: for hard links, and
 * for clones of whole files; then (COPIES false) only where the store can clone. Without them (it
 * is read-only or full) these files will be copied.
 */
void cv_store_loosen(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	bool copies, struct cv_wheel_image *wheel);

/* Every file as the manifest has it: size, time, and no link. Opens none. */
bool cv_image_intact(const struct cv_image *image);

/*
 * Take the image in DIR ("/.../wheels/KEY/files") out of the store, if it is damaged as somebody
 * found it. False when it cannot be taken out: the store is read-only.
 */
bool cv_store_drop(const struct cv_ctx *ctx, const struct cv_store *store, const char *dir);

#endif
