/* SPDX-License-Identifier: MIT */
#include "wheel/compress.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "base/own.h"
#include "check.h"

enum { SIZE = 300000 };

static struct cvenv_error err;

static int to_buf(void *data, struct cv_str bytes)
{
	cv_buf_str(data, bytes);
	return 0;
}

static int full(void *data, struct cv_str bytes)
{
	int *left = data;

	*left -= (int)bytes.n;
	return *left < 0 ? -ENOSPC : 0;
}

/* Bytes that compress a little. */
static char *sample(void)
{
	char *p = malloc(SIZE);
	unsigned seed = 1;

	assert_non_null(p);
	for (size_t i = 0; i < SIZE; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (char)('a' + (seed >> 16) % 26);
	}
	return p;
}

static void compress_in(
	struct cv_buf *to, enum cv_compression kind, struct cv_str data, size_t part)
{
	struct cv_compressor c;

	assert_int_equal(cv_compress_begin(&c, kind, (struct cv_sink){ to_buf, to }, &err), 0);
	for (size_t at = 0; at < data.n; at += part) {
		size_t n = data.n - at < part ? data.n - at : part;

		assert_int_equal(cv_compress_add(&c, (struct cv_str){ data.p + at, n }), 0);
	}
	assert_int_equal(cv_compress_end(&c), 0);
	cv_compress_done(&c);
	cv_compress_done(&c);
	assert_false(to->bad);
}

static void test_parts_do_not_matter(void **state)
{
	OWN_MEM char *p = sample();

	(void)state;
	for (int kind = CV_COMPRESS_NONE; kind <= CV_COMPRESS_ZSTD; kind++) {
		struct cv_buf whole OWN_BUF = { 0 }, parts OWN_BUF = { 0 };
		struct cv_str data = { p, SIZE };

		compress_in(&whole, (enum cv_compression)kind, data, SIZE);
		compress_in(&parts, (enum cv_compression)kind, data, 4093);
		assert_true(cv_str_eq(cv_buf_slice(&whole), cv_buf_slice(&parts)));
		if (kind == CV_COMPRESS_NONE)
			assert_true(cv_str_eq(cv_buf_slice(&whole), data));
		else
			assert_true(whole.n < SIZE * 3 / 4);
	}
}

/* libdeflate reads what zlib wrote: one member (RFC 1952), with neither time nor name nor system.
 * Only its raw deflate and CRC-32 are in every build of it. */
static void test_gzip_is_one_member_of_no_time(void **state)
{
	static const char header[] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)0xff };
	enum { TRAILER = 8 };
	OWN_MEM char *p = sample(), *back = malloc(SIZE);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	struct cv_buf b OWN_BUF = { 0 };
	size_t in = 0, out = 0, body;
	uint32_t crc;
	char trailer[TRAILER];

	(void)state;
	assert_true(d && back);
	compress_in(&b, CV_COMPRESS_GZIP, (struct cv_str){ p, SIZE }, 1000);
	assert_true(b.n > sizeof(header) + TRAILER);
	assert_memory_equal(b.p, header, sizeof(header));
	body = b.n - sizeof(header) - TRAILER;
	assert_int_equal(libdeflate_deflate_decompress_ex(
				 d, b.p + sizeof(header), body, back, SIZE, &in, &out),
		0);
	assert_int_equal(in, body);
	assert_int_equal(out, SIZE);
	assert_memory_equal(back, p, SIZE);
	crc = libdeflate_crc32(0, p, SIZE);
	for (size_t i = 0; i < 4; i++) {
		trailer[i] = (char)(crc >> 8 * i);
		trailer[4 + i] = (char)((uint32_t)SIZE >> 8 * i);
	}
	assert_memory_equal(b.p + b.n - TRAILER, trailer, TRAILER);
	libdeflate_free_decompressor(d);
}

static void test_zstd_frame_has_a_checksum(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	compress_in(&b, CV_COMPRESS_ZSTD, CV_LIT("x"), 1);
	assert_true(b.n > 5);
	assert_memory_equal(b.p, "\x28\xb5\x2f\xfd", 4);
	assert_true(b.p[4] & 4); /* RFC 8878, 3.1.1.1.1: Content_Checksum_flag */
}

static void test_first_error_remains(void **state)
{
	OWN_MEM char *p = sample();

	(void)state;
	for (int kind = CV_COMPRESS_NONE; kind <= CV_COMPRESS_ZSTD; kind++) {
		struct cv_compressor c;
		int left = 100, rc = 0;

		assert_int_equal(cv_compress_begin(&c, (enum cv_compression)kind,
					 (struct cv_sink){ full, &left }, &err),
			0);
		rc = cv_compress_add(&c, (struct cv_str){ p, SIZE });
		if (rc == 0)
			rc = cv_compress_end(&c);
		assert_int_equal(rc, -ENOSPC);
		left = 1 << 30;
		assert_int_equal(cv_compress_add(&c, CV_LIT("x")), -ENOSPC);
		assert_int_equal(cv_compress_end(&c), -ENOSPC);
		cv_compress_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_do_not_matter),
		cmocka_unit_test(test_gzip_is_one_member_of_no_time),
		cmocka_unit_test(test_zstd_frame_has_a_checksum),
		cmocka_unit_test(test_first_error_remains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
