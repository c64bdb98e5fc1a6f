/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_REUSE_H
#define CV_CACHE_REUSE_H

#include "cache/cached_wheel.h"

/*
 * Bytecode that need not be compiled: a base that was installed with ensurepip has the same pip in
 * its own site-packages, compiled.
 *
 * A file is reused if the base's source has the size and SHA-256 of the wheel's, and its bytecode
 * is of this kind and belongs to that source: by the size and time in its header, or by hash (PEP
 * 552). The time in the header is changed to that of the wheel's source. The code itself is
 * trusted, because the base executes it, too.
 */
struct cv_reuse {
	const struct cv_cached_wheel *wheel;
	const struct cv_bytecode_kind *kind;
	struct cv_os_dir site; /* the base's site-packages; or none */
};

void cv_reuse_open(struct cv_reuse *ret, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind);
void cv_reuse_close(struct cv_reuse *reuse);

/*
 * May the base have the bytecode TARGET of the wheel's file SOURCE (a number in its list)? Only
 * stats the files, so it is quick but may be wrong.
 */
bool cv_reuse_offers(const struct cv_reuse *reuse, size_t source, const char *target);

/*
 * Write that bytecode to the file NAME below FILES. 1: done; 0: it does not belong to this source,
 * and nothing was written; negative: a write error.
 */
int cv_reuse_file(const struct cv_reuse *reuse, size_t source, const char *target,
	struct cv_os_dir files, const char *name, struct cvenv_error *err);

#endif
