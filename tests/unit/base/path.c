/* SPDX-License-Identifier: MIT */
/* The paths of POSIX, on every system: path.c as it is compiled there. */
#include "base/system.h"

#define CV_WINDOWS 0
#include "../../../src/base/path.c" /* instead of the library's */

#include "../support/cmocka_all.h"

/* Expectations are what os.path.abspath says with that current directory. */
static void test_abs(void **state)
{
	static const char *const cases[][3] = {
		{ "/w", "a", "/w/a" },
		{ "/w", "", "/w" },
		{ "/w", ".", "/w" },
		{ "/w", "..", "/" },
		{ "/w", "../../..", "/" },
		{ "/w/x", "../a/./b//c/", "/w/a/b/c" },
		{ "/", "a", "/a" },
		{ "/w", "/", "/" },
		{ "/w", "//a/b", "//a/b" },
		{ "/w", "//", "//" },
		{ "/w", "///a", "/a" },
		{ "/w", "/a/../b", "/b" },
		{ "/w", "//a/../..", "//" },
		{ "/w", "a..b/.c", "/w/a..b/.c" },
	};
	struct cv_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cv_ctx ctx = { .cwd = cases[i][0] };

		assert_string_equal(cv_path_abs(&a, &ctx, cases[i][1]), cases[i][2]);
	}
	cv_arena_done(&a);
}

static void test_inside(void **state)
{
	static const char *const cases[][3] = {
		{ "lib/site", "a.py", "lib/site/a.py" },
		{ "lib/site", "../../bin//./pip", "bin/pip" },
		{ "lib", "..", "" },
		{ "lib", "../..", NULL },
		{ "lib", "../../lib/a", NULL },
		{ "lib", "/lib/a", NULL },
	};
	struct cv_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = cv_path_inside(&a, cases[i][0], cases[i][1]);

		assert_int_equal(!path, !cases[i][2]);
		if (path)
			assert_string_equal(path, cases[i][2]);
	}
	cv_arena_done(&a);
}

static void test_parts(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(cv_path_base("/a/b"), "b");
	assert_string_equal(cv_path_base("/"), "");
	assert_string_equal(cv_path_base("x"), "x");
	assert_string_equal(cv_path_dir(&a, "/a/b"), "/a");
	assert_string_equal(cv_path_dir(&a, "/a"), "/");
	assert_string_equal(cv_path_dir(&a, "a"), "");
	assert_string_equal(cv_path_join(&a, "/a", "b"), "/a/b");
	assert_string_equal(cv_path_join(&a, "/", "b"), "/b");
	assert_string_equal(cv_path_join(&a, "/a", "/b"), "/b");
	cv_arena_done(&a);
}

static void test_within(void **state)
{
	(void)state;
	assert_true(cv_path_within("/a/b", "/a"));
	assert_true(cv_path_within("/a", "/a"));
	assert_true(cv_path_within("/a", "/"));
	assert_false(cv_path_within("/ab", "/a"));
	assert_false(cv_path_within("/", "/a"));
}

static void test_safe(void **state)
{
	static const char *const good[] = { "a", "a/b.py", "...", ".a", "a/..b", "a b\n" };
	static const char *const bad[] = { "", "/a", "a/", "a//b", ".", "..", "a/../b", "./a",
		"a\\b" };
	char longest[257];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cv_path_safe(cv_str(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cv_path_safe(cv_str(bad[i])));
	assert_false(cv_path_safe((struct cv_str){ "a\0b", 3 }));
	memset(longest, 'x', sizeof(longest));
	assert_true(cv_path_safe((struct cv_str){ longest, 255 }));
	assert_false(cv_path_safe((struct cv_str){ longest, 256 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abs),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
