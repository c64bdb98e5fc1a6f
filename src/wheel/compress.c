/* SPDX-License-Identifier: MIT */
#include "wheel/compress.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/err.h"

enum {
	OUT_ROOM = 64 * 1024,
	ZLIB_LEVEL = 6,
	ZSTD_LEVEL = 3,
	WINDOW_BITS = 15,
	GZIP_BITS = 16, /* added to the window's: write gzip's header and trailer */
	MEM_LEVEL = 8,
	OS_UNKNOWN = 255, /* else zlib writes the number of the system that it was built for */
};

struct cv_compress_state {
	z_stream zlib;
	gz_header header;
	ZSTD_CCtx *zstd;
	unsigned char out[OUT_ROOM];
};

static int pass_on(struct cv_compressor *c, size_t n)
{
	if (n == 0)
		return 0;
	return c->sink.write(c->sink.data, (struct cv_str){ (const char *)c->state->out, n });
}

static bool begin_zlib(struct cv_compress_state *s, enum cv_compression kind)
{
	int bits = kind == CV_COMPRESS_GZIP ? WINDOW_BITS + GZIP_BITS : -WINDOW_BITS;

	if (deflateInit2(&s->zlib, ZLIB_LEVEL, Z_DEFLATED, bits, MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
		Z_OK)
		return false;
	s->header.os = OS_UNKNOWN;
	return kind != CV_COMPRESS_GZIP || deflateSetHeader(&s->zlib, &s->header) == Z_OK;
}

static bool begin_zstd(struct cv_compress_state *s)
{
	s->zstd = ZSTD_createCCtx();
	return s->zstd &&
	       !ZSTD_isError(
		       ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1));
}

int cv_compress_begin(struct cv_compressor *c, enum cv_compression kind, struct cv_sink sink,
	struct cvenv_error *err)
{
	*c = (struct cv_compressor){ .kind = kind, .sink = sink };
	if (kind == CV_COMPRESS_NONE)
		return 0;
	c->state = calloc(1, sizeof(*c->state));
	if (c->state &&
		(kind == CV_COMPRESS_ZSTD ? begin_zstd(c->state) : begin_zlib(c->state, kind)))
		return 0;
	cv_compress_done(c);
	c->rc = -ENOMEM;
	return cv_fail_nomem(err);
}

static int run_zlib(struct cv_compressor *c, struct cv_str bytes, bool end)
{
	z_stream *z = &c->state->zlib;
	int rc = 0, more = Z_OK;

	do {
		/* avail_in has 32 bits. */
		size_t part = bytes.n < OUT_ROOM ? bytes.n : OUT_ROOM;

		z->next_in = (z_const Bytef *)(uintptr_t)bytes.p;
		z->avail_in = (uInt)part;
		z->next_out = c->state->out;
		z->avail_out = OUT_ROOM;
		more = deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
		part -= z->avail_in;
		bytes.p += part;
		bytes.n -= part;
		rc = pass_on(c, OUT_ROOM - z->avail_out);
	} while (rc == 0 && (end ? more == Z_OK : bytes.n > 0));
	return rc;
}

static int run_zstd(struct cv_compressor *c, struct cv_str bytes, bool end)
{
	ZSTD_inBuffer in = { bytes.p, bytes.n, 0 };
	size_t left;
	int rc;

	do {
		ZSTD_outBuffer out = { c->state->out, OUT_ROOM, 0 };

		left = ZSTD_compressStream2(
			c->state->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return -ENOMEM; /* its only error here */
		rc = pass_on(c, out.pos);
	} while (rc == 0 && (end ? left > 0 : in.pos < in.size));
	return rc;
}

static int run(struct cv_compressor *c, struct cv_str bytes, bool end)
{
	if (c->rc < 0 || (bytes.n == 0 && !end))
		return c->rc;
	if (c->kind == CV_COMPRESS_NONE)
		c->rc = end ? 0 : c->sink.write(c->sink.data, bytes);
	else if (c->kind == CV_COMPRESS_ZSTD)
		c->rc = run_zstd(c, bytes, end);
	else
		c->rc = run_zlib(c, bytes, end);
	return c->rc;
}

int cv_compress_add(struct cv_compressor *c, struct cv_str bytes)
{
	return run(c, bytes, false);
}

int cv_compress_end(struct cv_compressor *c)
{
	return run(c, (struct cv_str){ "", 0 }, true);
}

void cv_compress_done(struct cv_compressor *c)
{
	if (!c->state)
		return;
	if (c->kind != CV_COMPRESS_ZSTD)
		(void)deflateEnd(&c->state->zlib);
	(void)ZSTD_freeCCtx(c->state->zstd);
	free(c->state);
	c->state = NULL;
}
