/* SPDX-License-Identifier: MIT */
#include "interpreter/version.h"

#include <string.h>

#include "help.h"

static void check(const char *text, bool ok, int major, int minor, int micro, bool t)
{
	struct cv_pyversion v;

	if (cv_pyversion_parse(cv_str(text), &v) != ok)
		fail_msg("'%s' is %sa version", text, ok ? "" : "not ");
	if (!ok)
		return;
	assert_int_equal(v.major, major);
	assert_int_equal(v.minor, minor);
	assert_int_equal(v.micro, micro);
	assert_int_equal(v.free_threaded, t);
}

static void test_what_users_write(void **state)
{
	(void)state;
	check("3", true, 3, -1, -1, false);
	check("3.12", true, 3, 12, -1, false);
	check("3.12.1", true, 3, 12, 1, false);
	check("3.13t", true, 3, 13, -1, true);
	check("python3.13.0t", true, 3, 13, 0, true);
	check("python", false, 0, 0, 0, false);
	check("pythont", false, 0, 0, 0, false);
	check("", false, 0, 0, 0, false);
	check("t", false, 0, 0, 0, false);
	check("3.", false, 0, 0, 0, false);
	check(".3", false, 0, 0, 0, false);
	check("3..1", false, 0, 0, 0, false);
	check("3.1.2.3", false, 0, 0, 0, false);
	check("3.x", false, 0, 0, 0, false);
	check("3.12-32", true, 3, 12, -1, false);
	check("python3.13t-64", true, 3, 13, -1, true);
	check("3.12-dbg", false, 0, 0, 0, false);
	check("3.12-", false, 0, 0, 0, false);
	check("-32", false, 0, 0, 0, false);
	check("-3", false, 0, 0, 0, false);
	check("3.99999999999999999999", false, 0, 0, 0, false);
	check("pypy3", false, 0, 0, 0, false);
}

static void test_what_managers_call_them(void **state)
{
	static const struct {
		const char *name;
		int minor, micro; /* -1: not one that a version means */
		bool t;
	} dirs[] = {
		{ "3.12.1", 12, 1, false },
		{ "3.13.0t", 13, 0, true },
		{ "cpython-3.12.1-linux-x86_64-gnu", 12, 1, false },
		{ "cpython-3.13.0+freethreaded-linux-x86_64-gnu", 13, 0, true },
		{ "3.12.1-win32", 12, 1, false },
		{ "cpython-3.13.0+freethreaded-windows-x86-none", 13, 0, true },
		{ "pythoncore-3.14-64", 14, -1, false },
		{ "pythoncore-3.13t-arm64", 13, -1, true },
		{ "pythoncore-", -1, -1, false },
		{ "cpython-3.12-windows-x86_64-none", -1, -1, false },
		{ "3.12", -1, -1, false },
		{ "3.12-dev", -1, -1, false },
		{ "3.12.1-debug", -1, -1, false },
		{ "3.15.0a1", -1, -1, false },
		{ "python3.12.1", -1, -1, false },
		{ "pypy3.9-7.3.11", -1, -1, false },
		{ "pypy-3.9.16-linux", -1, -1, false },
		{ "myenv", -1, -1, false },
		{ "cpython-", -1, -1, false },
		{ "", -1, -1, false },
		{ ".temp", -1, -1, false },
	};
	struct cv_pyversion v;

	(void)state;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		bool ok = cv_pyversion_of_dir(cv_str(dirs[i].name), &v);

		if (ok != (dirs[i].minor >= 0))
			fail_msg("'%s'", dirs[i].name);
		if (!ok)
			continue;
		assert_int_equal(v.minor, dirs[i].minor);
		assert_int_equal(v.micro, dirs[i].micro);
		assert_int_equal(v.free_threaded, dirs[i].t);
	}
}

static void test_fits(void **state)
{
	struct cv_pyversion want, have = { 3, 12, 1, false, 0 };

	(void)state;
	assert_true(cv_pyversion_parse(cv_str("3"), &want) && cv_pyversion_fits(&want, &have));
	assert_true(cv_pyversion_parse(cv_str("3.12"), &want) && cv_pyversion_fits(&want, &have));
	assert_true(cv_pyversion_parse(cv_str("3.12.1"), &want) && cv_pyversion_fits(&want, &have));
	assert_true(
		cv_pyversion_parse(cv_str("3.12.0"), &want) && !cv_pyversion_fits(&want, &have));
	have.micro = CV_VERSION_ANY; /* unknown */
	assert_true(cv_pyversion_parse(cv_str("3.12.0"), &want) && cv_pyversion_fits(&want, &have));
	have.micro = 1;
	assert_true(cv_pyversion_parse(cv_str("3.1"), &want) && !cv_pyversion_fits(&want, &have));
	assert_true(cv_pyversion_parse(cv_str("3.12t"), &want) && !cv_pyversion_fits(&want, &have));
	have.free_threaded = true;
	assert_true(cv_pyversion_parse(cv_str("3.12"), &want) && !cv_pyversion_fits(&want, &have));
}

static void test_tags_of_the_registry(void **state)
{
	static const struct {
		const char *tag;
		int minor, micro, bits; /* minor -1: no version */
		bool t;
	} tags[] = {
		{ "3.12", 12, -1, 0, false },
		{ "3.12-32", 12, -1, 32, false },
		{ "3.13-64", 13, -1, 64, false },
		{ "3.13t", 13, -1, 0, true },
		{ "3.13t-32", 13, -1, 32, true },
		{ "3.13t-arm64", 13, -1, 0, true },
		{ "CPython3.12.9", 12, 9, 0, false },
		{ "CPython3.13.0+freethreaded", 13, 0, 0, true },
		{ "3.15-dev", 15, -1, 0, false },
		{ "Anaconda39-64", -1, -1, 0, false },
		{ "", -1, -1, 0, false },
		{ "-32", -1, -1, 0, false },
		{ "CPython", -1, -1, 0, false },
	};
	struct cv_pyversion v;

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (cv_pyversion_of_tag(cv_str(tags[i].tag), &v) != (tags[i].minor >= 0))
			fail_msg("'%s'", tags[i].tag);
		if (tags[i].minor < 0)
			continue;
		assert_int_equal(v.major, 3);
		assert_int_equal(v.minor, tags[i].minor);
		assert_int_equal(v.micro, tags[i].micro);
		assert_int_equal(v.bits, tags[i].bits);
		assert_int_equal(v.free_threaded, tags[i].t);
	}
}

static void test_beginning(void **state)
{
	struct cv_pyversion v;

	(void)state;
	assert_true(cv_pyversion_begin(cv_str("3.13.0rc1"), &v));
	assert_true(v.minor == 13 && v.micro == 0);
	assert_true(cv_pyversion_begin(cv_str("3.8.10150.0"), &v) == false); /* too large */
	assert_true(cv_pyversion_begin(cv_str("3.8.1.0"), &v));
	assert_true(v.minor == 8 && v.micro == 1);
	assert_true(cv_pyversion_begin(cv_str("3.12 beta"), &v));
	assert_true(v.minor == 12 && v.micro == CV_VERSION_ANY);
	assert_false(cv_pyversion_begin(cv_str("x3"), &v));
	assert_false(cv_pyversion_begin(cv_str(""), &v));
}

static void test_bits(void **state)
{
	struct cv_pyversion want, narrow = { 3, 12, 9, false, 32 }, wide = { 3, 12, 1, false, 64 };

	(void)state;
	assert_true(cv_pyversion_parse(cv_str("3.12"), &want));
	assert_true(cv_pyversion_fits(&want, &narrow) && cv_pyversion_fits(&want, &wide));
	assert_true(cv_pyversion_parse(cv_str("3.12-32"), &want));
	assert_true(cv_pyversion_fits(&want, &narrow) && !cv_pyversion_fits(&want, &wide));
	assert_true(cv_pyversion_cmp(&narrow, &wide) < 0);
	narrow.minor = 13;
	assert_true(cv_pyversion_cmp(&narrow, &wide) > 0);
}

static void test_order_of_names(void **state)
{
	/* each less than the next */
	static const char *const names[] = { "2.7.18", "3.2", "3.9.2", "3.9.18", "3.12.1-debug",
		"3.12.1", "3.12.007", "3.12.10", "pypy3.9-7.3.9", "pypy3.9-7.3.11" };

	(void)state;
	for (size_t i = 0; i < 10; i++)
		for (size_t j = 0; j < 10; j++) {
			int d = cv_pyversion_name_cmp(cv_str(names[i]), cv_str(names[j]));

			if ((d < 0) != (i < j) || (d > 0) != (i > j))
				fail_msg("%s and %s: %d", names[i], names[j], d);
		}
}

static void test_names_from_files_are_checked(void **state)
{
	char longest[CV_VERSION_NAME_MAX + 2];

	(void)state;
	assert_true(cv_pyversion_name_ok(cv_str("3.12.1")));
	assert_true(cv_pyversion_name_ok(cv_str("3.12.1/envs/mine"))); /* pyenv-virtualenv */
	assert_false(cv_pyversion_name_ok(cv_str("")));
	assert_false(cv_pyversion_name_ok(cv_str("..")));
	assert_false(cv_pyversion_name_ok(cv_str("../../evil")));
	assert_false(cv_pyversion_name_ok(cv_str("3.12/../../evil")));
	assert_false(cv_pyversion_name_ok(cv_str("/evil")));
	assert_false(cv_pyversion_name_ok(cv_str("a b")));
	assert_false(cv_pyversion_name_ok(cv_str("a\033[2J")));
	assert_false(cv_pyversion_name_ok(cv_str("a\nb")));
	assert_false(cv_pyversion_name_ok((struct cv_str){ "a\0b", 3 }));
	memset(longest, '1', sizeof(longest));
	assert_true(cv_pyversion_name_ok((struct cv_str){ longest, CV_VERSION_NAME_MAX }));
	assert_false(cv_pyversion_name_ok((struct cv_str){ longest, CV_VERSION_NAME_MAX + 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_users_write),
		cmocka_unit_test(test_what_managers_call_them),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_tags_of_the_registry),
		cmocka_unit_test(test_beginning),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_order_of_names),
		cmocka_unit_test(test_names_from_files_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
