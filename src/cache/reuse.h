/* SPDX-License-Identifier: MIT */
#ifndef CV_CACHE_REUSE_H
#define CV_CACHE_REUSE_H

#include "cache/cached_wheel.h"

/*
 * Bytecode that need not be compiled: a base that was installed with ensurepip has the same pip in
 * its own site-packages, compiled.
 *
 * A file is reused when the base's source is, by size and SHA-256, the wheel's, and its
 * bytecode is for this kind of Python and belongs to that source: by the size and time in its
 * header, or by hash (PEP 552). The header's time becomes that of the wheel's source.
 * What else is in the file is believed: the base executes it, too.
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
 * May the bytecode TARGET of the wheel's file SOURCE (a number in its list) be there? By a look
 * from outside: cheap, and right but for rare cases.
 */
bool cv_reuse_offers(const struct cv_reuse *reuse, size_t source, const char *target);

/*
 * Write it below FILES, as NAME. 1: done; 0: it does not belong to this source, and nothing was
 * written; negative: a write error.
 */
int cv_reuse_file(const struct cv_reuse *reuse, size_t source, const char *target,
	struct cv_os_dir files, const char *name, struct cvenv_error *err);

#endif
