/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_MANIFEST_H
#define CV_CACHE_MANIFEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "cache/cached_wheel.h"

/*
 * The text of a cached wheel's manifest: fields that each end in a NUL,
 *
 *	"cvenv-cached wheel" "3" NAME VERSION DIST-INFO REQUIRES-PYTHON ENTRY-POINTS COUNT
 *	then for each file, by PATH:  PATH SIZE MTIME ("x" | "-") HASH
 *
 * and, without a NUL, the CRC-32 of all that in hex: it finds what a crash has torn; who could
 * forge a manifest could forge any sum. A cached wheel of bytecode has empty fields where it has
 * nothing to say.
 */
enum {
	CV_MANIFEST_MAX = 32 << 20,
	CV_MANIFEST_SUM = 8,
};

void cv_manifest_encode(struct cv_buf *b, const struct cv_cached_wheel *tree);

/* False when the text is not, in every byte, what encode would have written. */
bool cv_manifest_decode(struct cv_arena *a, struct cv_str text, struct cv_cached_wheel *ret);

#endif
