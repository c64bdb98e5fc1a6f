/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_COMPRESS_H
#define CV_WHEEL_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct cvenv_error;

/*
 * Compress a stream of bytes of any length in constant memory.
 *
 *	struct cv_compressor c;
 *	rc = cv_compress_begin(&c, CV_COMPRESS_GZIP, sink, &err);
 *	... rc = cv_compress_add(&c, bytes); ...
 *	rc = cv_compress_end(&c);
 *	cv_compress_done(&c);
 *
 * The same bytes give the same compressed bytes, however they are divided into calls: there is one
 * thread, and no time or name in the result. Another version of zlib or libzstd may give others.
 * One gzip member and one zstd frame, because many readers stop after the first.
 *
 * The bytes go to WRITE, which returns 0 or a negative error. All functions return that error, or
 * -ENOMEM, and it remains the result of all later calls.
 */
enum cv_compression {
	CV_COMPRESS_NONE,
	CV_COMPRESS_GZIP,    /* RFC 1952 */
	CV_COMPRESS_DEFLATE, /* RFC 1951, as in zip */
	CV_COMPRESS_ZSTD,    /* RFC 8878, with a checksum */
};

struct cv_sink {
	int (*write)(void *data, struct cv_str bytes);
	void *data;
};

struct cv_compressor {
	enum cv_compression kind;
	struct cv_sink sink;
	struct cv_compress_state *state; /* NULL: none is needed, or it is closed */
	int rc;
};

int cv_compress_begin(struct cv_compressor *c, enum cv_compression kind, struct cv_sink sink,
	struct cvenv_error *err);
int cv_compress_add(struct cv_compressor *c, struct cv_str bytes);
int cv_compress_end(struct cv_compressor *c);
/* Release it; also without cv_compress_end(), and twice. */
void cv_compress_done(struct cv_compressor *c);

#endif
