/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_TAR_H
#define CV_WHEEL_TAR_H

#include <stdint.h>

#include "base/str.h"

/*
 * The parts of a tar archive, which the caller writes one after the other:
 *
 *	cv_tar_header(&buf, &entry)	, the content of a file, cv_tar_padding(&buf, entry.size)
 *	... for each entry ...
 *	cv_tar_end(&buf, size of all that was written)
 *
 * The format is ustar (POSIX.1-1988): every reader knows it. What does not fit is in a pax header
 * (POSIX.1-2001) before the entry: names and targets that are too long, sizes of 8 GiB and more,
 * and, so that their encoding is known, names that are not ASCII. Names that are not UTF-8 are
 * written as they are, with pax's hdrcharset=BINARY. User and group are 0, without names.
 */
enum cv_tar_type { CV_TAR_FILE, CV_TAR_DIR, CV_TAR_LINK };

enum { CV_TAR_BLOCK = 512, CV_TAR_RECORD = 20 * CV_TAR_BLOCK };

struct cv_tar_entry {
	enum cv_tar_type type;
	const char *name;   /* relative, without a '/' at its end */
	const char *target; /* of a link */
	unsigned mode;      /* only permissions */
	uint64_t size;      /* of a file; 0 for others */
	int64_t mtime;      /* seconds, 0 to 2^33 - 1 */
};

void cv_tar_header(struct cv_buf *to, const struct cv_tar_entry *entry);
/* The zeros after the SIZE bytes of a file. */
void cv_tar_padding(struct cv_buf *to, uint64_t size);
/* Two blocks of zeros, and as many as a record of tar needs. WRITTEN bytes are before. */
void cv_tar_end(struct cv_buf *to, uint64_t written);

#endif
