/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_ZIP_WRITE_H
#define CV_WHEEL_ZIP_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wheel/compress.h"

struct cvenv_error;

/*
 * Write a zip archive with unix modes and symbolic links, as Info-ZIP does (PKWARE's APPNOTE.TXT
 * 6.3). Files are deflated, links and directories stored. Sizes and checksums are in the local
 * headers, because some readers need them there: the writer returns to each header when the file's
 * content is written. What is larger than 4 GiB, and more than 65535 entries, are written as zip64.
 *
 *	struct cv_zip_writer w = { .sink = sink, .patch = patch };
 *	rc = cv_zip_begin(&w, &entry, &err);
 *	... rc = cv_zip_add(&w, bytes); ...
 *	rc = cv_zip_end_entry(&w);
 *	... for each entry ...
 *	rc = cv_zip_end(&w);
 *	cv_zip_write_done(&w);
 *
 * PATCH replaces bytes that were written before. Functions return 0, the error of SINK or PATCH, or
 * -ENOMEM; the first error is the result of all later calls. cv_zip_begin() alone can also fail
 * because of the entry: -CVENV_ELIMIT if the name does not fit, -EILSEQ if it is not UTF-8. *err is
 * set only then. The strings of ITEM are borrowed until cv_zip_end_entry().
 */
struct cv_zip_item {
	const char *name;   /* relative, without a '/' at its end */
	const char *target; /* of a link; else NULL */
	uint32_t unix_mode; /* type (CV_ZIP_DIR, ... of zip.h) and permissions */
	uint64_t size;      /* of a file; the content must have it */
	int64_t mtime;      /* seconds, written as UTC; zip has 1980 to 2107, in steps of 2 */
};

struct cv_zip_writer {
	struct cv_sink sink;
	int (*patch)(void *data, uint64_t at, struct cv_str bytes);
	/* The rest is the writer's. */
	struct cv_zip_item item; /* the current entry; its strings are borrowed */
	struct cv_compressor packer;
	struct cv_buf central;
	struct cv_buf local; /* header of the current entry */
	uint64_t at, begin;  /* bytes written in all, and up to the current entry */
	uint64_t content;    /* bytes written up to its content */
	uint64_t count, size;
	uint32_t crc;
	int rc;
};

int cv_zip_begin(struct cv_zip_writer *w, const struct cv_zip_item *item, struct cvenv_error *err);
int cv_zip_add(struct cv_zip_writer *w, struct cv_str bytes);
int cv_zip_end_entry(struct cv_zip_writer *w);
int cv_zip_end(struct cv_zip_writer *w);
void cv_zip_write_done(struct cv_zip_writer *w);

#endif
