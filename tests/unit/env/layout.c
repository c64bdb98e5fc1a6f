/* SPDX-License-Identifier: MIT */
#include "env/layout.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"

#include "info.h"

static struct cv_arena arena;
static struct cv_ctx ctx = { .cwd = "/home/me/proj" };
static struct cv_layout got;
static struct cvenv_error err;

static void compute(const struct cv_info *info, const struct cvenv_options *request)
{
	assert_int_equal(cv_layout_compute(&ctx, &arena, info, request, "/e/env", &got, &err), 0);
}

static int done(void **state)
{
	(void)state;
	cv_arena_done(&arena);
	return 0;
}

static void names_are(const char *expected)
{
	char joined[256] = "";

	for (size_t i = 0; i < got.name_count; i++) {
		strncat(joined, i ? " " : "", sizeof(joined) - strlen(joined) - 1);
		strncat(joined, got.names[i], sizeof(joined) - strlen(joined) - 1);
	}
	assert_string_equal(joined, expected);
}

/* The table of differences between versions, row by row. */
static void test_versions(void **state)
{
	static const struct {
		unsigned minor;
		const char *include, *purelib, *platlib, *names;
		bool lib64, gitignore;
	} rows[] = {
		{ 8, "include", "lib/python3.8/site-packages", NULL, "python3 python", true,
			false },
		{ 9, "include", "lib/python3.9/site-packages", NULL, "python3 python python3.9",
			true, false },
		{ 10, "include", "lib/python3.10/site-packages", NULL, "python3 python python3.10",
			true, false },
		{ 11, "include/python3.99", "lib/python3.99/site-packages", NULL,
			"python3 python python3.11", true, false },
		{ 13, "include/python3.99", "lib/python3.99/site-packages", NULL,
			"python3 python python3.13", true, true },
		{ 14, "include", "lib/python3.99/site-packages", NULL,
			"python3 python python3.14 \xf0\x9d\x9c\x8bthon", true, true },
		{ 15, "include", "lib/python3.99/site-packages", "lib64/python3.99/site-packages",
			"python3 python python3.15", false, true },
	};
	struct cvenv_options request = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cv_info info = test_info(rows[i].minor);

		compute(&info, &request);
		assert_string_equal(got.include, rows[i].include);
		assert_string_equal(got.purelib, rows[i].purelib);
		if (rows[i].platlib)
			assert_string_equal(got.platlib, rows[i].platlib);
		else
			assert_null(got.platlib);
		names_are(rows[i].names);
		assert_int_equal(got.lib64_link, rows[i].lib64);
		assert_int_equal(got.gitignore, rows[i].gitignore);
		assert_string_equal(got.env_exe, "/e/env/bin/python3");
	}
}

static void test_other_bases(void **state)
{
	struct cv_info info = test_info(9);
	struct cvenv_options request = { 0 };

	(void)state;
	info.implementation = "pypy";
	info.exe_name = "pypy3";
	compute(&info, &request);
	names_are("pypy3 python python3 python3.9 pypy");
	assert_string_equal(got.purelib, "lib/pypy3.9/site-packages");
	info = test_info(13);
	info.exe_name = "mypy";
	info.bits64 = false;
	request.without_scm_ignore_files = true;
	compute(&info, &request);
	names_are("mypy python python3 python3.13");
	assert_false(got.lib64_link);
	assert_false(got.gitignore);
	info = test_info(15);
	info.scheme_platlib = info.scheme_purelib; /* as on Debian */
	compute(&info, &request);
	assert_null(got.platlib);
}

static void test_windows(void **state)
{
	struct cvenv_options request = { 0 };

	(void)state;
	for (unsigned minor = 8; minor <= 15; minor++) {
		struct cv_info info = test_windows_info(minor);

		compute(&info, &request);
		assert_string_equal(got.bin, "Scripts");
		assert_string_equal(got.include, "Include");
		assert_string_equal(got.lib, "Lib");
		assert_string_equal(got.purelib, "Lib/site-packages");
		assert_null(got.platlib);
		assert_false(got.lib64_link);
		assert_false(got.links);
		assert_int_equal(got.gitignore, minor >= 13);
		names_are("python.exe pythonw.exe");
		assert_string_equal(got.env_exe, "/e/env\\Scripts\\python.exe");
	}
}

/* Which names are links: copies are the default on Windows only. */
static void test_links(void **state)
{
	const struct cvenv_options none = { 0 }, symlinks = { .symlinks = true },
				   copies = { .copies = true },
				   both = { .symlinks = true, .copies = true };
	struct cv_info posix = test_info(13), windows = test_windows_info(13);

	(void)state;
	compute(&posix, &none);
	assert_true(got.links);
	compute(&posix, &symlinks);
	assert_true(got.links);
	compute(&posix, &copies);
	assert_false(got.links);
	compute(&windows, &symlinks);
	assert_true(got.links);
	compute(&windows, &copies);
	assert_false(got.links);
	compute(&windows, &both);
	assert_false(got.links);
}

static void test_prompt(void **state)
{
	struct cv_info info = test_info(13);
	struct cvenv_options request = { 0 };

	(void)state;
	compute(&info, &request);
	assert_string_equal(got.prompt, "env");
	request.prompt = "";
	compute(&info, &request);
	assert_string_equal(got.prompt, "");
	request.prompt = ".";
	compute(&info, &request);
	assert_string_equal(got.prompt, "proj");
	ctx.cwd = NULL;
	assert_int_equal(
		cv_layout_compute(&ctx, &arena, &info, &request, "/e", &got, &err), -ENOENT);
	ctx.cwd = "/";
	compute(&info, &request);
	assert_string_equal(got.prompt, "");
	ctx.cwd = "/home/me/proj";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_versions, done),
		cmocka_unit_test_teardown(test_other_bases, done),
		cmocka_unit_test_teardown(test_windows, done),
		cmocka_unit_test_teardown(test_links, done),
		cmocka_unit_test_teardown(test_prompt, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
