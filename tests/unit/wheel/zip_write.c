/* SPDX-License-Identifier: MIT */
#include "wheel/zip_write.h"

#include <errno.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/own.h"
#include "check.h"
#include "wheel/zip.h"

static struct cvenv_error err;

static int to_buf(void *data, struct cv_str bytes)
{
	cv_buf_str(data, bytes);
	return 0;
}

static int patch(void *data, uint64_t at, struct cv_str bytes)
{
	struct cv_buf *b = data;

	assert_true(at + bytes.n <= b->n);
	memcpy(b->p + at, bytes.p, bytes.n);
	return 0;
}

static void add(struct cv_zip_writer *w, struct cv_zip_item item, const char *content)
{
	item.size = strlen(content);
	assert_int_equal(cv_zip_begin(w, &item, &err), 0);
	assert_int_equal(cv_zip_add(w, cv_str(content)), 0);
	assert_int_equal(cv_zip_end_entry(w), 0);
}

static void check_entry(const struct cv_zip *zip, size_t i, const char *name, const char *content)
{
	char out[64] = "";

	check_str(zip->entries[i].name, name);
	assert_true(zip->entries[i].size < sizeof(out));
	assert_int_equal(cv_zip_read(zip, &zip->entries[i], out, &err), 0);
	assert_string_equal(out, content);
}

/* What one writes, the other reads, which checks every header. */
static void test_reader_reads_it(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_zip_writer w = { .sink = { to_buf, &b }, .patch = patch };
	struct cv_zip zip;

	(void)state;
	add(&w, (struct cv_zip_item){ .name = "d", .unix_mode = CV_ZIP_DIR | 0755 }, "");
	add(&w,
		(struct cv_zip_item){
			.name = "d/x", .unix_mode = CV_ZIP_FILE | 0755, .mtime = 315532800 },
		"hello hello hello hello\n");
	add(&w,
		(struct cv_zip_item){
			.name = "\xc3\xa4", .unix_mode = CV_ZIP_FILE | 0644, .mtime = 1790000001 },
		"");
	assert_int_equal(cv_zip_end(&w), 0);
	cv_zip_write_done(&w);
	assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&b), &zip, &err), 0);
	assert_int_equal(zip.count, 3);
	assert_true(zip.entries[0].dir);
	check_entry(&zip, 1, "d/x", "hello hello hello hello\n");
	check_entry(&zip, 2, "\xc3\xa4", "");
	assert_int_equal(zip.entries[1].unix_mode, CV_ZIP_FILE | 0755);
	assert_int_equal(zip.entries[1].mtime, 315532800);
	assert_int_equal(zip.entries[2].mtime, 1790000000);
	cv_zip_close(&zip);
}

/* An entry that may be large, and as many entries as the reader accepts, which need a zip64 end. */
static void test_zip64(void **state)
{
	struct cv_zip_item big = {
		.name = "big", .unix_mode = CV_ZIP_FILE | 0644, .size = (uint64_t)5 << 30
	};
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_zip_writer w = { .sink = { to_buf, &b }, .patch = patch };
	struct cv_zip zip;
	char name[16];

	(void)state;
	assert_int_equal(cv_zip_begin(&w, &big, &err), 0);
	assert_int_equal(cv_zip_add(&w, CV_LIT("hello")), 0);
	assert_int_equal(cv_zip_end_entry(&w), 0);
	for (int i = 1; i < CV_ZIP_ENTRIES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "d%d", i);
		add(&w, (struct cv_zip_item){ .name = name, .unix_mode = CV_ZIP_DIR | 0755 }, "");
	}
	assert_int_equal(cv_zip_end(&w), 0);
	cv_zip_write_done(&w);
	assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&b), &zip, &err), 0);
	assert_int_equal(zip.count, CV_ZIP_ENTRIES_MAX);
	check_entry(&zip, 0, "big", "hello");
	cv_zip_close(&zip);
}

static uint32_t time_of(int64_t mtime)
{
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_zip_writer w = { .sink = { to_buf, &b }, .patch = patch };
	const unsigned char *p;

	add(&w, (struct cv_zip_item){ .name = "x", .unix_mode = CV_ZIP_FILE, .mtime = mtime }, "");
	cv_zip_write_done(&w);
	p = (const unsigned char *)b.p + 10;
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t dos(
	unsigned year, unsigned month, unsigned day, unsigned hour, unsigned min, unsigned s)
{
	return (year - 1980) << 25 | month << 21 | day << 16 | hour << 11 | min << 5 | s / 2;
}

static void test_times(void **state)
{
	(void)state;
	assert_int_equal(time_of(0), dos(1980, 1, 1, 0, 0, 0));
	assert_int_equal(time_of(951827696), dos(2000, 2, 29, 12, 34, 56));
	assert_int_equal(time_of(1709251199), dos(2024, 2, 29, 23, 59, 58));
	assert_int_equal(time_of(INT64_MAX), dos(2107, 12, 31, 23, 59, 58));
}

static void test_names_that_zip_cannot_have(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_zip_writer w = { .sink = { to_buf, &b }, .patch = patch };

	(void)state;
	check_error(cv_zip_begin(&w, &(struct cv_zip_item){ .name = "\xff" }, &err), EILSEQ, &err,
		"in a zip archive");
	assert_int_equal(cv_zip_end(&w), -EILSEQ);
	cv_zip_write_done(&w);
	assert_int_equal(b.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_reads_it),
		cmocka_unit_test(test_zip64),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_names_that_zip_cannot_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
