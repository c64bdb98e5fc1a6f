/* SPDX-License-Identifier: MIT */
#ifndef CV_ADOPT_H
#define CV_ADOPT_H

#include "store/image.h"

/*
 * Bytecode that need not be compiled: a base that was installed with ensurepip has the same pip in
 * its own site-packages, compiled.
 *
 * A file is taken when the source that lies there is, by size and SHA-256, the wheel's, and its
 * bytecode is for this kind of Python and belongs to that source: by the size and time in its
 * header, or by hash (PEP 552). The header's time becomes that of the wheel's source.
 * What else is in the file is believed: the base executes it, too.
 */
struct cv_adopt {
	const struct cv_wheel_image *wheel;
	const struct cv_bytecode *kind;
	int site_fd; /* the base's site-packages; -1: there is none */
};

void cv_adopt_open(
	struct cv_adopt *ret, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind);
void cv_adopt_close(struct cv_adopt *adopt);

/*
 * May the bytecode TARGET of the wheel's file SOURCE (a number in its list) be there? By a look
 * from outside: cheap, and right but for rare cases.
 */
bool cv_adopt_offers(const struct cv_adopt *adopt, size_t source, const char *target);

/*
 * Write it below FILES_FD, as NAME. 1: done; 0: it is not what it should be, and nothing was
 * written; negative: an error of writing.
 */
int cv_adopt_file(const struct cv_adopt *adopt, size_t source, const char *target, int files_fd,
	const char *name, struct cv_err *err);

#endif
