/* SPDX-License-Identifier: MIT */
#include "base/str.h"
#include "../support/cmocka_all.h"
#include "base/ctx.h"

#include <stdio.h>
#include <string.h>

static void test_cut(void **state)
{
	struct cv_str s = CV_LIT("a//b/"), part;
	const char *const expected[] = { "a", "", "b", "" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(cv_str_cut(&s, '/', &part));
		assert_true(cv_str_eq(part, cv_str(expected[i])));
	}
	assert_false(cv_str_cut(&s, '/', &part));
	s = CV_LIT("");
	assert_true(cv_str_cut(&s, '/', &part));
	assert_false(cv_str_cut(&s, '/', &part));
}

/* The values of FNV's authors. */
static void test_hash(void **state)
{
	uint64_t f = cv_str_hash(CV_HASH_NOTHING, CV_LIT("f"));

	(void)state;
	assert_true(cv_str_hash(CV_HASH_NOTHING, CV_LIT("")) == UINT64_C(0xcbf29ce484222325));
	assert_true(cv_str_hash(f, CV_LIT("oobar")) == UINT64_C(0x85944171f73967e8));
}

static void test_compare(void **state)
{
	(void)state;
	assert_true(cv_str_cmp(CV_LIT("a"), CV_LIT("b")) < 0);
	assert_true(cv_str_cmp(CV_LIT("a"), CV_LIT("ab")) < 0);
	assert_true(cv_str_cmp(CV_LIT("\xc3"), CV_LIT("z")) > 0);
	assert_true(cv_str_starts(CV_LIT("abc"), CV_LIT("ab")));
	assert_false(cv_str_starts(CV_LIT("a"), CV_LIT("ab")));
	assert_true(cv_str_ends(CV_LIT("abc"), CV_LIT("bc")));
	assert_false(cv_str_ends(CV_LIT("c"), CV_LIT("bc")));
	assert_true(cv_str_eq(cv_str_trim(CV_LIT(" \t\r\nx y\f\v ")), CV_LIT("x y")));
	assert_true(cv_str_eq(cv_str_trim(CV_LIT("  ")), CV_LIT("")));
	assert_true(cv_str_eq(cv_str(NULL), (struct cv_str){ 0 }));
}

static void test_strip_and_plain(void **state)
{
	/* each of Python's white space at both ends, one after the other */
	static const char spaces[] = "\t\n\v\f\r\x1c\x1d\x1e\x1f \xc2\x85\xc2\xa0\xe1\x9a\x80"
				     "\xe2\x80\x80\xe2\x80\x8a\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaf"
				     "\xe2\x81\x9f\xe3\x80\x80";
	static const char *const not_plain[] = { "\x01", "a\x1f", "\x7f", "\xc2\x80", "\xc2\x9f",
		"a\xe2\x80\xa8", "\xe2\x80\xa9z" };
	static const char *const plain[] = { "", " ", "a", "\xc2\xa0", "\xe2\x80\xa7", "\xc3\x82",
		"\xe2\x80\xaa" };
	char text[2 * sizeof(spaces) + 8];

	(void)state;
	(void)snprintf(text, sizeof(text), "%sx y%s", spaces, spaces);
	assert_true(cv_str_eq(cv_str_strip(cv_str(text)), CV_LIT("x y")));
	assert_true(cv_str_eq(cv_str_strip(cv_str(spaces)), CV_LIT("")));
	assert_true(cv_str_eq(cv_str_strip((struct cv_str){ 0 }), CV_LIT("")));
	/* no space: zero width, byte order mark, half of one */
	assert_int_equal(cv_str_strip(CV_LIT("\xe2\x80\x8b")).n, 3);
	assert_int_equal(cv_str_strip(CV_LIT("\xef\xbb\xbf")).n, 3);
	assert_int_equal(cv_str_strip(CV_LIT("\xe2\x80")).n, 2);
	for (size_t i = 0; i < sizeof(not_plain) / sizeof(not_plain[0]); i++)
		assert_false(cv_utf8_plain(cv_str(not_plain[i])));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_true(cv_utf8_plain(cv_str(plain[i])));
}

static void test_numbers(void **state)
{
	uint64_t v = 5;

	(void)state;
	assert_true(cv_str_u64(CV_LIT("0"), 10, &v) && v == 0);
	assert_true(cv_str_u64(CV_LIT("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_false(cv_str_u64(CV_LIT("18446744073709551616"), UINT64_MAX, &v));
	assert_true(cv_str_u64(CV_LIT("10"), 10, &v));
	assert_false(cv_str_u64(CV_LIT("11"), 10, &v));
	assert_false(cv_str_u64(CV_LIT(""), 10, &v));
	assert_false(cv_str_u64(CV_LIT("-1"), 10, &v));
	assert_false(cv_str_u64(CV_LIT("1 "), 10, &v));
}

/* Unicode 15, table 3-7: the first and last of each row, and what lies just outside. */
static void test_utf8(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "a\xc3" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cv_utf8_ok(cv_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cv_utf8_ok(cv_str(bad[i])));
}

static void test_buf(void **state)
{
	struct cv_buf b = { 0 };

	(void)state;
	assert_int_equal(cv_buf_slice(&b).n, 0);
	assert_non_null(cv_buf_slice(&b).p);
	for (int i = 0; i < 1000; i++)
		cv_buf_addf(&b, "%d,", i);
	cv_buf_char(&b, 'x');
	cv_buf_str(&b, CV_LIT("y"));
	cv_buf_cstr(&b, "z");
	assert_false(b.bad);
	assert_int_equal(strlen(b.p), b.n);
	assert_true(cv_str_ends(cv_buf_slice(&b), CV_LIT("998,999,xyz")));
	cv_buf_add(&b, "", SIZE_MAX - 1);
	assert_true(b.bad);
	cv_buf_char(&b, 'n');
	assert_true(cv_str_ends(cv_buf_slice(&b), CV_LIT("xyz")));
	cv_buf_done(&b);
}

static void test_environment(void **state)
{
	const char *const envp[] = { "AB=2", "A=1", "E=", NULL };
	struct cv_ctx ctx = { .envp = envp }, none = { 0 };

	(void)state;
	assert_string_equal(cv_getenv(&ctx, "A"), "1");
	assert_string_equal(cv_getenv(&ctx, "E"), "");
	assert_null(cv_getenv_nonempty(&ctx, "E"));
	assert_null(cv_getenv(&ctx, "B"));
	assert_null(cv_getenv(&none, "A"));
}

static void test_find(void **state)
{
	struct cv_str s = CV_LIT("aab\0ab");

	(void)state;
	assert_ptr_equal(cv_str_find(s, CV_LIT("ab")), s.p + 1);
	assert_ptr_equal(cv_str_find(s, CV_LIT("\0ab")), s.p + 3);
	assert_ptr_equal(cv_str_find(s, s), s.p);
	assert_null(cv_str_find(s, CV_LIT("abb")));
	assert_null(cv_str_find((struct cv_str){ s.p, 2 }, CV_LIT("ab")));
	assert_null(cv_str_find(cv_str(NULL), s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_strip_and_plain),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
