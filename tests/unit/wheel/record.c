/* SPDX-License-Identifier: MIT */
#include "wheel/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/own.h"
#include "check.h"

#define ROW(p, h, s)                                                    \
	{                                                               \
		.path = CV_LIT(p), .hash = CV_LIT(h), .size = CV_LIT(s) \
	}

static struct cvenv_error err;

static void test_parse(void **state)
{
	static const struct {
		const char *text, *path, *hash, *size; /* of the only row */
	} cases[] = {
		{ "a/b.py,sha256=x,12\n", "a/b.py", "sha256=x", "12" },
		{ "a/b.py,sha256=x,12\r\n", "a/b.py", "sha256=x", "12" },
		{ "a/b.py,sha256=x,12", "a/b.py", "sha256=x", "12" },
		{ "RECORD,,\n", "RECORD", "", "" },
		{ "RECORD\n", "RECORD", "", "" },
		{ "RECORD,\r\n", "RECORD", "", "" },
		{ "\n\r\na,b,c\n\n", "a", "b", "c" },
		{ "\"a,b\",\"\",1\n", "a,b", "", "1" },
		{ "\"a\"\"b\",,\n", "a\"b", "", "" },
		{ "\"\"\"a\"\"\",,\n", "\"a\"", "", "" },
		{ "a\"b\"c,,\n", "a\"b\"c", "", "" }, /* only at the start is it a quote */
		{ "\"a\"b\"c,,\n", "ab\"c", "", "" }, /* what follows the closing one is literal */
		{ " a b ,,\n", " a b ", "", "" },
		{ "\xc3\xa4.py,,\n", "\xc3\xa4.py", "", "" },
		{ "../../../bin/pip,,\n", "../../../bin/pip", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_record_row *rows;
		size_t count;

		assert_int_equal(
			cv_record_parse(&arena, cv_str(cases[i].text), &rows, &count, &err), 0);
		assert_int_equal(count, 1);
		check_str(rows[0].path, cases[i].path);
		check_str(rows[0].hash, cases[i].hash);
		check_str(rows[0].size, cases[i].size);
	}
}

static void test_refused(void **state)
{
	static const struct {
		struct cv_str text;
		const char *part;
	} cases[] = {
		{ { "a,b,c,d\n", 8 }, "RECORD line 1: more than three fields" },
		{ { "a,b,c,\n", 7 }, "more than three fields" },
		{ { "a,,\n,b,c\n", 9 }, "RECORD line 2: empty path" },
		{ { "a,,\n\n\"\",,\n", 10 }, "RECORD line 3: empty path" },
		{ { "\"a,,\n", 5 }, "RECORD line 1: control character" },
		{ { "\"a,,", 4 }, "RECORD line 1: quote that is not closed" },
		{ { "\"a\"\"", 4 }, "quote that is not closed" },
		{ { "\"", 1 }, "quote that is not closed" },
		{ { "\"a\nb\",,\n", 8 }, "control character" },
		{ { "a\rb,,\n", 6 }, "control character" },
		{ { "a,,\r", 4 }, "control character" },
		{ { "a\0b,,\n", 6 }, "control character" },
		{ { "a\tb,,\n", 6 }, "control character" },
		{ { "a\x7f,,\n", 5 }, "control character" },
		{ { "a\xc2\x85,,\n", 6 }, "control character" },
		{ { "a,\xe2\x80\xa8,\n", 7 }, "control character" },
		{ { "\xff,,\n", 4 }, "RECORD is not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_record_row *rows;
		size_t count;

		check_error(cv_record_parse(&arena, cases[i].text, &rows, &count, &err),
			CVENV_ECORRUPT, &err, cases[i].part);
	}
}

static void test_many_rows(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf text OWN_BUF = { 0 };
	struct cv_record_row *rows;
	size_t count;

	(void)state;
	for (unsigned i = 0; i < CV_RECORD_ROWS_MAX; i++)
		cv_buf_addf(&text, "%u\n", i);
	assert_int_equal(cv_record_parse(&arena, cv_buf_slice(&text), &rows, &count, &err), 0);
	assert_int_equal(count, CV_RECORD_ROWS_MAX);
	check_str(rows[1000].path, "1000");
	check_str(rows[count - 1].path, "262143");
	cv_buf_cstr(&text, "one more\n");
	check_error(cv_record_parse(&arena, cv_buf_slice(&text), &rows, &count, &err), CVENV_ELIMIT,
		&err, "number of rows in RECORD");
	/* the slice is not looked into */
	check_error(cv_record_parse(&arena, (struct cv_str){ "", CV_RECORD_TEXT_MAX + 1 }, &rows,
			    &count, &err),
		CVENV_ELIMIT, &err, "RECORD: too large");
}

static void test_empty(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_record_row *rows;
	size_t count = 1;

	(void)state;
	assert_int_equal(cv_record_parse(&arena, CV_LIT(""), &rows, &count, &err), 0);
	assert_int_equal(count, 0);
	cv_record_sort(rows, count);
}

/* As Python sorts: '.' before digits before capitals before '_' before small letters before the
 * rest. */
static void test_sort_and_write(void **state)
{
	struct cv_record_row rows[] = {
		ROW("pip/__init__.py", "sha256=b", "1"),
		ROW("\xf0\x9f\x90\x8d", "", ""),
		ROW("\xef\xbf\xbd", "", ""),
		ROW("pip-24.2.dist-info/RECORD", "", ""),
		ROW("_x", "b", "2"),
		ROW("_x", "b", "1"),
		ROW("_x", "a", "3"),
		ROW("../../../bin/pip", "sha256=a", "200"),
		ROW("Z, \"quoted\"", "", ""),
		ROW("a b'c", "", ""),
	};
	struct cv_buf out OWN_BUF = { 0 };

	(void)state;
	cv_record_sort(rows, sizeof(rows) / sizeof(rows[0]));
	cv_record_write(&out, rows, sizeof(rows) / sizeof(rows[0]));
	assert_false(out.bad);
	assert_string_equal(out.p, "../../../bin/pip,sha256=a,200\r\n"
				   "\"Z, \"\"quoted\"\"\",,\r\n"
				   "_x,a,3\r\n"
				   "_x,b,1\r\n"
				   "_x,b,2\r\n"
				   "a b'c,,\r\n"
				   "pip-24.2.dist-info/RECORD,,\r\n"
				   "pip/__init__.py,sha256=b,1\r\n"
				   "\xef\xbf\xbd,,\r\n"
				   "\xf0\x9f\x90\x8d,,\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_sort_and_write),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
