/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_MANIFEST_H
#define CV_CACHE_MANIFEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "cache/cached_wheel.h"

/*
 * The text of a cached wheel's manifest. Each field ends with a NUL:
 *
 *	"cvenv-tree" "3" NAME VERSION DIST-INFO REQUIRES-PYTHON ENTRY-POINTS COUNT
 *	then for each file, by PATH:  PATH SIZE MTIME ("x" | "-") HASH
 *
 * At the end is the CRC-32 of all that in hex, without a NUL. It detects files that a crash left
 * incomplete; it is no protection against forgery. For bytecode, unused fields are empty.
 */
enum {
	CV_MANIFEST_MAX = 32 << 20,
	CV_MANIFEST_SUM = 8,
};

void cv_manifest_encode(struct cv_buf *b, const struct cv_cached_wheel *tree);

/* False unless TEXT is exactly what cv_manifest_encode() writes. */
bool cv_manifest_decode(struct cv_arena *a, struct cv_str text, struct cv_cached_wheel *ret);

#endif
