/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "interpreter/on_disk.h"

static void test_version_of_a_name(void **state)
{
	static const struct {
		const char *name;
		bool pypy;
		int major, minor; /* -1: none */
	} cases[] = {
		{ "python3.12", false, 3, 12 },
		{ "python3.13t", false, 3, 13 },
		{ "python3.11d", false, 3, 11 },
		{ "python3.12.exe", false, 3, 12 },
		{ "python3.10-intel64", false, 3, 10 },
		{ "pypy3.10", true, 3, 10 },
		{ "python3", false, -1, -1 },
		{ "python", false, -1, -1 },
		{ "python3.12-config", false, -1, -1 },
		{ "python3.12.1", false, -1, -1 },
		{ "python3.99999", false, -1, -1 },
		{ "ruby3.1", false, -1, -1 },
		{ "", false, -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_on_disk is = { false, -1, -1, -1 };

		assert_int_equal(cv_on_disk_name(cv_str(cases[i].name), &is), cases[i].minor >= 0);
		assert_int_equal(is.major, cases[i].major);
		assert_int_equal(is.minor, cases[i].minor);
		assert_int_equal(is.pypy, cases[i].pypy);
	}
}

static void test_version_of_pyvenv_cfg(void **state)
{
	struct cv_on_disk is = { false, -1, -1, -1 };

	(void)state;
	assert_true(cv_on_disk_version(CV_LIT("3.12.1.final.0"), &is));
	assert_int_equal(is.minor, 12);
	assert_int_equal(is.micro, 1);
	assert_true(cv_on_disk_version(CV_LIT("3.13"), &is));
	assert_int_equal(is.micro, -1);
	assert_true(cv_on_disk_version(CV_LIT("3.15.0b1"), &is));
	assert_int_equal(is.micro, 0);
	assert_false(cv_on_disk_version(CV_LIT("3"), &is));
	assert_false(cv_on_disk_version(CV_LIT("x.y"), &is));
	assert_false(cv_on_disk_version(CV_LIT(""), &is));
}

static void test_version_of_a_header(void **state)
{
	struct cv_on_disk is = { false, -1, -1, -1 };

	(void)state;
	assert_true(cv_on_disk_patchlevel(CV_LIT("/* Version as a string */\n"
						 "#define PY_VERSION              \"3.13.0rc1+\"\n"
						 "#define PY_VERSION_HEX 1\n"),
		&is));
	assert_int_equal(is.minor, 13);
	assert_int_equal(is.micro, 0);
	assert_false(cv_on_disk_patchlevel(CV_LIT("#define PY_VERSION \"3.13\"\n"), &is));
	assert_false(cv_on_disk_patchlevel(CV_LIT("#define PY_VERSION 3.13.0\n"), &is));
	assert_false(cv_on_disk_patchlevel(CV_LIT(""), &is));
}

static void test_of_what_does_not_exist_nothing_is_known(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv_error err;
	struct cv_on_disk is;

	(void)state;
	assert_int_equal(cv_on_disk_read(&a, "/nonexistent/bin/python", &is, &err), 0);
	assert_int_equal(is.minor, -1);
	assert_int_equal(cv_on_disk_read(&a, "/nonexistent/bin/python3.12", &is, &err), 0);
	assert_int_equal(is.minor, 12);
	assert_int_equal(is.micro, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_of_a_name),
		cmocka_unit_test(test_version_of_pyvenv_cfg),
		cmocka_unit_test(test_version_of_a_header),
		cmocka_unit_test(test_of_what_does_not_exist_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
