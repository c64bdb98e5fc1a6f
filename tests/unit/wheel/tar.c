/* SPDX-License-Identifier: MIT */
#include "wheel/tar.h"

#include <stdlib.h>

#include "base/own.h"
#include "check.h"

/* A name of N bytes. */
static char *name_of(size_t n, char c)
{
	char *p = calloc(n + 1, 1);

	assert_non_null(p);
	memset(p, c, n);
	return p;
}

static struct cv_str field(const struct cv_buf *b, size_t block, size_t at, size_t room)
{
	const char *p = b->p + block * CV_TAR_BLOCK + at;

	return (struct cv_str){ p, strnlen(p, room) };
}

static void test_plain_entry_is_one_block(void **state)
{
	const struct cv_tar_entry entry = {
		.name = "bin/x", .mode = 0755, .size = 1000, .mtime = 315532800
	};
	struct cv_buf b OWN_BUF = { 0 };
	unsigned sum = 0;

	(void)state;
	cv_tar_header(&b, &entry);
	assert_int_equal(b.n, CV_TAR_BLOCK);
	check_str(field(&b, 0, 0, 100), "bin/x");
	check_str(field(&b, 0, 100, 8), "0000755");
	check_str(field(&b, 0, 108, 8), "0000000");
	check_str(field(&b, 0, 124, 12), "00000001750");
	check_str(field(&b, 0, 136, 12), "02263523000");
	check_str(field(&b, 0, 156, 1), "0");
	check_str(field(&b, 0, 257, 8), "ustar");
	check_str(field(&b, 0, 263, 2), "00");
	for (size_t i = 0; i < CV_TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)b.p[i];
	assert_int_equal(strtoul(b.p + 148, NULL, 8), sum);
	cv_tar_padding(&b, 1000);
	assert_int_equal(b.n, CV_TAR_BLOCK + 24);
	cv_tar_padding(&b, 1024);
	assert_int_equal(b.n, CV_TAR_BLOCK + 24);
}

static void test_directories_and_links(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	cv_tar_header(
		&b, &(struct cv_tar_entry){ .type = CV_TAR_DIR, .name = "lib", .mode = 0755 });
	cv_tar_header(&b, &(struct cv_tar_entry){ .type = CV_TAR_LINK,
				  .name = "bin/python",
				  .target = "python3",
				  .mode = 0777 });
	assert_int_equal(b.n, 2 * CV_TAR_BLOCK);
	check_str(field(&b, 0, 0, 100), "lib/");
	check_str(field(&b, 0, 156, 1), "5");
	check_str(field(&b, 1, 156, 1), "2");
	check_str(field(&b, 1, 157, 100), "python3");
}

static void test_long_name_is_divided(void **state)
{
	OWN_MEM char *first = name_of(120, 'a'), *last = name_of(90, 'b');
	struct cv_buf name OWN_BUF = { 0 }, b OWN_BUF = { 0 };

	(void)state;
	cv_buf_addf(&name, "%s/%s", first, last);
	cv_tar_header(&b, &(struct cv_tar_entry){ .name = name.p });
	assert_int_equal(b.n, CV_TAR_BLOCK);
	check_str(field(&b, 0, 0, 100), last);
	check_str(field(&b, 0, 345, 155), first);
}

/* The pax header of ENTRY has exactly these records. */
static void check_pax(const struct cv_tar_entry *entry, const char *records)
{
	struct cv_buf b OWN_BUF = { 0 };
	size_t blocks = (strlen(records) + CV_TAR_BLOCK - 1) / CV_TAR_BLOCK;

	cv_tar_header(&b, entry);
	assert_int_equal(b.n, (2 + blocks) * CV_TAR_BLOCK);
	check_str(field(&b, 0, 156, 1), "x");
	assert_int_equal(strtoul(b.p + 124, NULL, 8), strlen(records));
	check_str(field(&b, 1, 0, blocks * CV_TAR_BLOCK), records);
}

static void test_pax_is_for_what_does_not_fit(void **state)
{
	OWN_MEM char *part = name_of(101, 'c'), *digits = name_of(88, 'd');
	struct cv_buf records OWN_BUF = { 0 }, nine OWN_BUF = { 0 };

	(void)state;
	cv_buf_addf(&records, "111 path=%s\n", part);
	check_pax(&(struct cv_tar_entry){ .name = part }, records.p);
	check_pax(&(struct cv_tar_entry){ .name = "\xc3\xa4" }, "11 path=\xc3\xa4\n");
	check_pax(&(struct cv_tar_entry){ .type = CV_TAR_LINK, .name = "x", .target = "\xc3\xa4" },
		"15 linkpath=\xc3\xa4\n");
	check_pax(&(struct cv_tar_entry){ .name = "x", .size = (uint64_t)1 << 33 },
		"19 size=8589934592\n");
	records.n = 0;
	cv_buf_addf(&records, "21 hdrcharset=BINARY\n114 path=\xff\xff\xff%s\n", part);
	cv_buf_addf(&nine, "\xff\xff\xff%s", part);
	check_pax(&(struct cv_tar_entry){ .name = nine.p }, records.p);
	/* 99 bytes with a length of two digits, 101 with one of three, and none of 100. */
	records.n = nine.n = 0;
	cv_buf_addf(&nine, "%s\xc3\xa4", digits);
	cv_buf_addf(&records, "99 path=%s\xc3\xa4\n", digits);
	check_pax(&(struct cv_tar_entry){ .name = nine.p }, records.p);
	records.n = nine.n = 0;
	cv_buf_addf(&nine,
		"%s\xc3\xa4"
		"d",
		digits);
	cv_buf_addf(&records,
		"101 path=%s\xc3\xa4"
		"d\n",
		digits);
	check_pax(&(struct cv_tar_entry){ .name = nine.p }, records.p);
}

/* Names that are not UTF-8, and fit, stay as they are. */
static void test_bytes_need_no_pax(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	cv_tar_header(&b, &(struct cv_tar_entry){ .name = "\xff" });
	assert_int_equal(b.n, CV_TAR_BLOCK);
	check_str(field(&b, 0, 0, 100), "\xff");
}

static void test_end_fills_a_record(void **state)
{
	(void)state;
	for (uint64_t written = 0; written <= CV_TAR_RECORD; written += CV_TAR_BLOCK) {
		struct cv_buf b OWN_BUF = { 0 };

		cv_tar_end(&b, written);
		assert_true(b.n >= (size_t)2 * CV_TAR_BLOCK);
		assert_true(b.n < CV_TAR_RECORD + (size_t)2 * CV_TAR_BLOCK);
		assert_int_equal((written + b.n) % CV_TAR_RECORD, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_entry_is_one_block),
		cmocka_unit_test(test_directories_and_links),
		cmocka_unit_test(test_long_name_is_divided),
		cmocka_unit_test(test_pax_is_for_what_does_not_fit),
		cmocka_unit_test(test_bytes_need_no_pax),
		cmocka_unit_test(test_end_fills_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
