/* SPDX-License-Identifier: MIT */
#include "interpreter/spec.h"

#include <string.h>

#include "help.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct cv_info info_312 = {
	.version = "3.12.4",
	.major = 3,
	.minor = 12,
	.micro = 4,
	.pre = "",
	.implementation = "cpython",
	.bits64 = true,
	.platform = "linux-x86_64-gnu",
};

static enum cv_pyspec_kind kind(const char *text)
{
	struct cv_pyspec spec;

	cv_pyspec_parse(text, &spec);
	return spec.kind;
}

static bool fits(const char *text, const struct cv_info *info)
{
	struct cv_pyspec spec;

	cv_pyspec_parse(text, &spec);
	if (spec.kind != CV_PYSPEC_REQUEST)
		fail_msg("'%s' is no request", text);
	return cv_pyspec_fits_info(&spec, info);
}

static void check(const struct cv_info *info, const char *const *yes, const char *const *no)
{
	for (; *yes; yes++)
		if (!fits(*yes, info))
			fail_msg("'%s' is not %s%s", *yes, info->version, info->pre);
	for (; *no; no++)
		if (fits(*no, info))
			fail_msg("'%s' is %s%s", *no, info->version, info->pre);
}

#define CHECK(info, yes, ...) check(info, yes, (const char *const[]){ __VA_ARGS__, NULL })
#define YES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_kinds(void **state)
{
	static const char *const requests[] = { "3", "3.12", "3.12.4", "312", "python312",
		"python3.12", "py3.12", "cp312", "cpython", "PyPy", "graalpy", "pypy3.10",
		"pypy310", "pp3", "cpython@3.12", "cpython-3.12-linux-x86_64-gnu",
		"3.13+freethreaded", "cpython-3.13+freethreaded-linux-aarch64-musl",
		"3.13+freethreaded+debug", "3.13+gil", "3.13t", "3.13d", "3.13td", "3.12-dbg",
		"python3.12-debug", "3.12-32", "3.12t-64", "3.12-64-arm64", "3.12-x86_64",
		"cpython-64", "3.15.0b1", "3.15rc2", "3.15.0a1t", ">=3.11", ">=3.11,<3.14",
		">= 3.11 , < 3.14", "~=3.12", "==3.12.*", "!=3.12.1", "cpython>=3.11",
		"cpython >=3.11", "pypy~=3.10", ">=3.13t", ">=3.11-64", "==3.13.*+freethreaded",
		"===3.12.4", " 3.12 ", "<4,", "cpython3.13t" };
	static const char *const names[] = { "python", "python3", "py", "cp", "pypy3.10-7.3.12",
		"3.12-dev", "miniconda3-latest", "myenv", "python3.12-config", "3.x", "3.", ".3",
		"3..1", "3.1.2.3", "", "t", "3.12q", "3.13dt", "system", "3.12:3.13", "v3.12",
		"pyston3.8", "cpython@", "3.15b", "3.15.0rc", "3b1", "3.12-mips", "31000", "3.1000",
		"3.99999999999999999999999", "graalpy-24.0.0-x" };
	static const char *const invalid[] = { ">=", ">=3.x", "=3.12", "~=3", "=>3.12", "~3.12",
		">=3.11;", ">=3.11 <4", "<", "!3.12", ">=3.11,3.12", ">=3.12q",
		"cpython>=", "==3.12.*.1" };

	(void)state;
	for (size_t i = 0; i < COUNT(requests); i++)
		if (!cv_pyspec_is_request(requests[i]))
			fail_msg("'%s' is no request", requests[i]);
	for (size_t i = 0; i < COUNT(names); i++)
		if (kind(names[i]) != CV_PYSPEC_NAME)
			fail_msg("'%s' is no name", names[i]);
	for (size_t i = 0; i < COUNT(invalid); i++)
		if (kind(invalid[i]) != CV_PYSPEC_INVALID)
			fail_msg("'%s' is not invalid", invalid[i]);
	assert_int_equal(kind("./3.12"), CV_PYSPEC_PATH);
	char text[CV_PYSPEC_MAX + 2] = ">=3.8";
	memset(text + 5, ',', CV_PYSPEC_MAX - 5);
	assert_int_equal(kind(text), CV_PYSPEC_REQUEST);
	text[CV_PYSPEC_MAX] = ',';
	assert_int_equal(kind(text), CV_PYSPEC_INVALID);
	assert_int_equal(kind("/usr/bin/python3.12"), CV_PYSPEC_PATH);
	assert_int_equal(kind("."), CV_PYSPEC_PATH);
	assert_false(cv_pyspec_is_request("./3.12"));
}

static void test_version(void **state)
{
	(void)state;
	CHECK(&info_312, YES("3", "3.12", "3.12.4", "312", "cpython", "cp3", "cpython@3.12"), "3.1",
		"3.11", "3.12.5", "311", "pypy", "pypy3.12", "graalpy", "2", "3.12.4rc1");
	/* PEP 440 compares whole versions: 3.12.4 is neither 3.12 nor below it */
	CHECK(&info_312,
		YES(">=3.11", ">=3.11,<3.14", "~=3.12", "~=3.12.1", "==3.12.*", "!=3.12", ">3.12",
			"===3.12.4", "cpython>=3.12", "<=3.12.4"),
		"==3.12", "<=3.12", "<3.12.4", "~=3.11.0", "!=3.12.*", "pypy>=3.11", "===3.12");
}

static void test_build(void **state)
{
	struct cv_info info = info_312;

	(void)state;
	CHECK(&info, YES("3.12-64", "3.12+gil", ">=3.12-64"), "3.12t", "3.12d", "3.12-32",
		">=3.12t", ">=3.12-32", "3.12+freethreaded", "3.12+debug", "3.12-dbg");
	info.debug = true;
	CHECK(&info, YES("3.12", "3.12d", "3.12-dbg", "3.12+debug", ">=3.12d"), "3.12td");
	info.free_threaded = true;
	CHECK(&info, YES("3.12t", "3.12td", ">=3.12t", "3.12+freethreaded+debug"), "3.12", "3.12d",
		">=3.12", "3.12+gil");
	info.bits64 = false;
	CHECK(&info, YES("3.12t", "3.12t-32", "3.12td-32", ">=3.12t-32"), "3.12t-64");
}

static void test_platform(void **state)
{
	struct cv_info info = info_312;

	(void)state;
	CHECK(&info,
		YES("cpython-3.12-linux-x86_64-gnu", "cpython-3.12-linux", "3.12-amd64",
			"3.12-any-any-any", "3.12-64-x86_64", "cpython-3.12.4-Linux-any-gnu"),
		"cpython-3.12-linux-x86_64-musl", "cpython-3.12-macos-x86_64-none", "3.12-arm64",
		"3.12-windows", "cpython-3.11-linux-x86_64-gnu");
	info.platform = "darwin-arm64";
	CHECK(&info, YES("cpython-3.12-macos-aarch64-none", "3.12-darwin", "3.12-arm64"),
		"3.12-x86_64", "3.12-linux");
	info.platform = "linux-mips64-gnu";
	CHECK(&info, YES("3.12", "3.12-linux"), "3.12-x86_64");
}

static void test_pre_releases(void **state)
{
	struct cv_info info = info_312;

	(void)state;
	info.version = "3.15.0";
	info.minor = 15;
	info.micro = 0;
	info.pre = "b1";
	CHECK(&info,
		YES("3.15", "3", "3.15.0b1", "3.15b1", "cp315", ">=3.15.0b1", ">=3.15.0a1,<3.16",
			"==3.15.0b1", "~=3.15.0a0", ">=3.14.0a1", ">=3.15.dev0"),
		"3.15.0", "3.15.0b2", ">=3.15", ">=3.14", "==3.15.*", "<3.16", "!=3.14.0b1",
		">=3.15.0rc1", "3.15.1b1");
}

static bool may(const char *text, const char *implementation, int major, int minor, int micro)
{
	const struct cv_pyversion have = { major, minor, micro, false, 0 };
	struct cv_pyspec spec;

	cv_pyspec_parse(text, &spec);
	return cv_pyspec_may_fit(&spec, implementation, &have);
}

static void test_what_a_name_says(void **state)
{
	(void)state;
	assert_true(may("3.12.4", NULL, 3, 12, -1));
	assert_true(may("3.12.4", "cpython", 3, -1, -1));
	assert_true(may(">=3.12.4", NULL, 3, 12, -1));
	assert_true(may("==3.12.4", NULL, 3, 12, -1));
	assert_true(may(">=3.12", NULL, -1, -1, -1));
	assert_true(may("cpython", "cpython", 3, 12, 1));
	assert_true(may("pypy", NULL, 3, 12, 1));
	assert_true(may(">=3.15.0b1", NULL, 3, 15, 0));
	assert_false(may("3.12.4", NULL, 3, 12, 3));
	assert_false(may("3.12.4", NULL, 3, 11, -1));
	assert_false(may(">=3.12.4", NULL, 3, 11, -1));
	assert_false(may("!=3.12.*", NULL, 3, 12, -1));
	assert_false(may("pypy", "cpython", 3, 12, 1));
	assert_true(may("3.12t-32", NULL, 3, 12, -1)); /* the name proves neither */
	assert_true(may("3.12", NULL, 0, -1, -1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_platform),
		cmocka_unit_test(test_pre_releases),
		cmocka_unit_test(test_what_a_name_says),
	};

	return cmocka_run_group_tests_name("interpreter spec", tests, NULL, NULL);
}
