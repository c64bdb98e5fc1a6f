/* SPDX-License-Identifier: MIT */
#include "wheel/direct_url.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "base/own.h"

static void editable(const char *text, bool expected, const char *url)
{
	struct cv_str got = { 0 };

	assert_int_equal(cv_direct_url_is_editable(cv_str(text), &got), expected);
	if (expected && (got.n != strlen(url) || memcmp(got.p, url, got.n) != 0))
		fail_msg("%s: '%.*s'", text, CV_ARG(got));
}

static void test_is_editable(void **state)
{
	(void)state;
	editable("", false, NULL);
	editable("{\"dir_info\": {\"editable\": false}}", false, NULL);
	editable("{\"editable\"", false, NULL);
	editable("{\"dir_info\": {\"editable\" :\ttrue}, \"url\": \"file:///x\"}", true,
		"file:///x");
	editable("{\"editable\":true,\"url\":\"x", true, "x");
	editable("{\"editable\":true,\"url\":", true, "?");
}

static void path(const char *url, const char *expected)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *got = "";

	assert_int_equal(cv_file_url_path(&a, cv_str(url), &got), 0);
	if (!got != !expected || (got && strcmp(got, expected) != 0))
		fail_msg("%s: '%s'", url, got ? got : "NULL");
}

static void test_paths_of_urls(void **state)
{
	(void)state;
	path("", NULL);
	path("file://", NULL);
	path("http:///x", NULL);
	path("file://host/x", NULL);
	path("file:///C%3a/x%20y", CV_WINDOWS ? "C:/x y" : "/C:/x y");
	path("file:///C:/x%00", NULL);
	path("file:///C:/%zz%2", CV_WINDOWS ? "C:/%zz%2" : "/C:/%zz%2");
}

static void test_decoding_keeps_all_bytes(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	size_t n;
	char *text = cv_url_decode(&a, CV_LIT("a%00b%C3%a4"), &n);

	(void)state;
	assert_int_equal(n, 5);
	assert_memory_equal(text, "a\0b\xc3\xa4", 6);
}

static void editable_dir(const char *text, const char *expected)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *got = "";

	assert_int_equal(cv_direct_url_editable(&a, cv_str(text), &got), 0);
	if (!got != !expected || (got && strcmp(got, expected) != 0))
		fail_msg("%s: '%s'", text, got ? got : "NULL");
}

static void test_directory_of_an_editable_project(void **state)
{
	(void)state;
	editable_dir("{\"url\": \"file:///C:/x\"}", NULL);
	editable_dir("{\"editable\": true, \"url\": \"file:///C:/\\u0041\"", NULL);
	editable_dir("{\"editable\": true, \"url\": \"file:///C:/\\u0041\"}",
		CV_WINDOWS ? "C:/A" : "/C:/A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_editable),
		cmocka_unit_test(test_paths_of_urls),
		cmocka_unit_test(test_decoding_keeps_all_bytes),
		cmocka_unit_test(test_directory_of_an_editable_project),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
