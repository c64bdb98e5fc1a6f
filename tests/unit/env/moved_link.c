/* SPDX-License-Identifier: MIT */
#include "env/moved_link.h"

#include "../support/cmocka_all.h"
#include "base/own.h"

/* The environment /a/main/env becomes /b/next/env, and its project /a/main becomes /b/next. */
static void check_in(const char *to, const char *path, const char *target, const char *expected)
{
	const struct cv_pair pairs[] = { { "/a/main/env", to }, { "/a/main", "/b/next" } };
	struct cv_rewriting r = { .pairs = pairs, .count = 2, .env_dir = to };
	struct cv_arena a OWN_ARENA = { 0 };

	assert_string_equal(cv_moved_link(&a, &r, "/a/main/env", to, path, target), expected);
}

static void check(const char *path, const char *target, const char *expected)
{
	check_in("/b/next/env", path, target, expected);
}

static void test_links_out_stay(void **state)
{
	(void)state;
	check("bin/python", "/usr/bin/python3", "/usr/bin/python3");
	check("bin/python", "/a/main/environment", "/b/next/environment");
	check("bin/x", "/a/mainline", "/a/mainline");
	check("x", "/", "/");
}

static void test_relative_links_inside_stay(void **state)
{
	(void)state;
	check("lib64", "lib", "lib");
	check("bin/python3", "python", "python");
	check("lib/python3.12/x", "../../bin/tool", "../../bin/tool");
	check("lib/x", "..", "..");
	check("x", ".", ".");
}

static void test_absolute_links_inside_move(void **state)
{
	(void)state;
	check("local/lib", "/a/main/env/lib", "/b/next/env/lib");
	check("x", "/a/main/env", "/b/next/env");
	check("x", "/a/main/env/../env/lib/", "/b/next/env/lib");
}

static void test_relative_links_out_lead_to_what_moved_along(void **state)
{
	(void)state;
	/* The project is in the same place relative to both. */
	check("src", "../src", "../src");
	check("lib/p", "../../src/p", "../../src/p");
	/* Not to a directory that has not moved, or that has another place from here. */
	check("base", "../../base", "/a/base");
	check_in("/b/other/env", "src", "../src", "/b/next/src");
	check_in("/a/main/.nox/env", "bin/python", "../../../base/python", "/a/base/python");
	check_in("/a/x/env", "base", "../../base", "../../base");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links_out_stay),
		cmocka_unit_test(test_relative_links_inside_stay),
		cmocka_unit_test(test_absolute_links_inside_move),
		cmocka_unit_test(test_relative_links_out_lead_to_what_moved_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
