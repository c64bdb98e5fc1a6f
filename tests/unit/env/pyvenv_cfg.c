/* SPDX-License-Identifier: MIT */
#include "env/pyvenv_cfg.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "base/own.h"
#include "cvenv_version.h"

#include "info.h"

static struct cv_layout layout = { .env_dir = "/e/env", .links = true };
static struct cvenv_error err;

static void config_is(const struct cv_info *info, const struct cvenv_options *request,
	const struct cv_existing *existing, const char *repr, const char *expected)
{
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_existing nothing = { 0 };
	size_t len = strlen(expected);

	assert_int_equal(cv_pyvenv_cfg_text(&b, info, &layout, request,
				 existing ? existing : &nothing, repr, &err),
		0);
	assert_int_equal(strncmp(b.p, expected, len), 0);
	assert_string_equal(b.p + len, "cvenv = " CVENV_VERSION "\n");
}

static void test_plain(void **state)
{
	struct cv_info old = test_info(10), new = test_info(13);
	struct cvenv_options request = { 0 };

	(void)state;
	config_is(&old, &request, NULL, NULL,
		"home = /usr/bin\n"
		"include-system-site-packages = false\n"
		"version = 3.99.7\n");
	config_is(&new, &request, NULL, NULL,
		"home = /usr/bin\n"
		"include-system-site-packages = false\n"
		"version = 3.99.7\n"
		"executable = /usr/bin/python3.99\n"
		"command = /usr/bin/python3 -m venv /e/env\n");
}

static void check_is(const char *lines, int code)
{
	err.code = 0;
	assert_int_equal(cv_pyvenv_cfg_check(lines, &err), -code);
	assert_int_equal(err.code, code);
}

/* Lines that tools want, before the last one. Others are refused, and never change the meaning. */
static void test_more_lines(void **state)
{
	struct cv_info info = test_info(10);
	struct cvenv_options request = { .extra_cfg =
						 "virtualenv=21.1\n\n a-b_9 =  x = \xc3\xa9 \n" };
	char large[32769];

	(void)state;
	check_is(request.extra_cfg, 0);
	config_is(&info, &request, NULL, NULL,
		"home = /usr/bin\n"
		"include-system-site-packages = false\n"
		"version = 3.99.7\n"
		"virtualenv = 21.1\n"
		"a-b_9 = x = \xc3\xa9\n");
	check_is("", 0);
	check_is("a", CVENV_EUSAGE);
	check_is("a =", CVENV_EUSAGE);
	check_is("= b", CVENV_EUSAGE);
	check_is("a b = c", CVENV_EUSAGE);
	check_is("a = b\rhome = /x", CVENV_EUSAGE);
	check_is("a = \xff", CVENV_EUSAGE);
	check_is("a = b\xe2\x80\xa8home = /x", CVENV_EUSAGE); /* U+2028 ends a line of virtualenv */
	check_is("a = b\nHome = /x", CVENV_EUSAGE);
	check_is("cvenv = 9", CVENV_EUSAGE);
	memset(large, 'a', sizeof(large) - 1);
	large[1] = '=';
	large[sizeof(large) - 1] = '\0';
	check_is(large, CVENV_ELIMIT);
}

/* PEP 838: for a base whose venv writes the key. */
static void test_python_version(void **state)
{
	struct cv_info info = test_info(16);
	struct cvenv_options request = { 0 };

	(void)state;
	info.cfg_python_version = true;
	config_is(&info, &request, NULL, "'p'",
		"home = /usr/bin\n"
		"include-system-site-packages = false\n"
		"version = 3.99.7\n"
		"python-version = 3.16\n"
		"prompt = 'p'\n"
		"executable = /usr/bin/python3.99\n"
		"command = /usr/bin/python3 -m venv /e/env\n");
}

static void version_is(const char *text, const char *expected)
{
	struct cv_existing existing = { 0 };

	cv_pyvenv_cfg_read(cv_str(text), &existing);
	assert_true(cv_str_eq(existing.version, cv_str(expected)));
}

/* As venv, virtualenv 21, virtualenv 20 and uv write it; python-version decides. */
static void test_version_is_read(void **state)
{
	(void)state;
	version_is("home = /usr/bin\nversion = 3.11.2\n", "3.11.2");
	version_is(
		"python-version = 3.11\nversion_info = 3.11.2.final.0\nversion = 3.11.2\n", "3.11");
	version_is("version_info = 3.11.2.final.0\nvirtualenv = 20.1.0\n", "3.11.2.final.0");
	version_is("uv = 0.13.9\nversion_info = 3.11.7\n", "3.11.7");
	version_is("Python-Version =\t3.12 \r\nversion = 3.11.2\r\n", "3.12");
	version_is("version = 3.11.2\npython-version =\n", "3.11.2");
	version_is("home = /usr/bin\n", "");
}

static void test_every_flag(void **state)
{
	struct cv_info info = test_info(13);
	struct cvenv_options request = { .copies = true,
		.without_pip = true,
		.system_site_packages = true,
		.clear = true,
		.upgrade_deps = true,
		.prompt = "a \"b\"\nhome = /evil",
		.without_scm_ignore_files = true };

	(void)state;
	layout.links = false;
	config_is(&info, &request, NULL, "'repr'",
		"home = /usr/bin\n"
		"include-system-site-packages = true\n"
		"version = 3.99.7\n"
		"prompt = 'repr'\n"
		"executable = /usr/bin/python3.99\n"
		"command = /usr/bin/python3 -m venv --copies --without-pip "
		"--system-site-packages --clear --upgrade-deps "
		"--prompt=\"a \"b\"\\nhome = /evil\" --without-scm-ignore-files /e/env\n");
	layout.links = true;
}

static void cfg_of_windows(unsigned minor, bool links, const char *expected)
{
	struct cv_info info = test_windows_info(minor);
	struct cv_layout there = { .env_dir = "C:\\p q\\env", .sep = '\\', .links = links };
	struct cvenv_options request = { .without_pip = true, .prompt = "P Q" };
	struct cv_existing nothing = { 0 };
	struct cv_buf b OWN_BUF = { 0 };

	assert_int_equal(
		cv_pyvenv_cfg_text(&b, &info, &there, &request, &nothing, "'P Q'", &err), 0);
	assert_string_equal(b.p, expected);
}

/* CRLF, and a `command` that names what is not the default there. */
static void test_windows(void **state)
{
#define HEAD                                       \
	"home = C:\\Python\r\n"                    \
	"include-system-site-packages = false\r\n" \
	"version = 3.99.7\r\n"                     \
	"prompt = 'P Q'\r\n"
#define TAIL "--without-pip --prompt=\"P Q\" C:\\p q\\env\r\ncvenv = " CVENV_VERSION "\r\n"
#define COMMAND                                           \
	"executable = C:\\outer\\Scripts\\Python.exe\r\n" \
	"command = C:\\outer\\scripts\\python.exe -m venv "
	(void)state;
	cfg_of_windows(10, false, HEAD "cvenv = " CVENV_VERSION "\r\n");
	cfg_of_windows(13, false, HEAD COMMAND TAIL);
	cfg_of_windows(13, true, HEAD COMMAND "--symlinks " TAIL);
}

static void test_upgrade_keeps(void **state)
{
	struct cv_info info = test_info(10);
	struct cvenv_options request = { .upgrade = true };
	struct cv_existing existing = {
		.is_environment = true, .system_site_packages = true, .prompt = { "'old'", 5 }
	};

	(void)state;
	config_is(&info, &request, &existing, NULL,
		"home = /usr/bin\n"
		"include-system-site-packages = true\n"
		"version = 3.99.7\n"
		"prompt = 'old'\n");
	config_is(&info, &request, &existing, "'new'",
		"home = /usr/bin\n"
		"include-system-site-packages = true\n"
		"version = 3.99.7\n"
		"prompt = 'new'\n");
	request.upgrade = false; /* a new environment: nothing is kept */
	config_is(&info, &request, &existing, NULL,
		"home = /usr/bin\n"
		"include-system-site-packages = false\n"
		"version = 3.99.7\n");
}

static void test_what_cannot_be_carried(void **state)
{
	static const char *const homes[] = { "/a\nb", "/a\rb", "/a ", "/a\t", "", "/\xff",
		"/a\xc2\xa0", "/a\xe3\x80\x80", "/a\x1f" };
	struct cvenv_options request = { 0 };
	struct cv_existing nothing = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
		struct cv_buf b OWN_BUF = { 0 };
		struct cv_info info = test_info(13);

		info.home = homes[i];
		assert_int_equal(
			cv_pyvenv_cfg_text(&b, &info, &layout, &request, &nothing, NULL, &err),
			-CVENV_EPYTHON);
	}
}

/* Python 3.11 and later read 32767 bytes, and do not start where there are more. */
static void test_what_python_does_not_read(void **state)
{
	static char prompt[16500]; /* the file contains it twice */
	struct cvenv_options request = { .prompt = prompt };
	struct cv_existing nothing = { 0 };
	struct cv_info info = test_info(13);

	(void)state;
	memset(prompt, 'x', sizeof(prompt) - 1);
	for (size_t len = 16000; len < sizeof(prompt); len++) {
		struct cv_buf b OWN_BUF = { 0 };
		int rc;

		prompt[len] = '\0';
		rc = cv_pyvenv_cfg_text(&b, &info, &layout, &request, &nothing, prompt, &err);
		assert_int_equal(rc, b.n < 32768 ? 0 : -CVENV_ELIMIT);
		assert_true(b.n > 2 * len && b.n < 2 * len + 500);
		prompt[len] = 'x';
	}
}

/* Expectations are what CPython's repr() says; reading gives the text back. */
static void test_repr(void **state)
{
	static const char *const cases[][2] = {
		{ "", "''" },
		{ "plain", "'plain'" },
		{ "it's", "\"it's\"" },
		{ "say \"x\"", "'say \"x\"'" },
		{ "'\"", "'\\'\"'" },
		{ "a\\b", "'a\\\\b'" },
		{ "\n\t\r", "'\\n\\t\\r'" },
		{ "\x01\x1f\x7f", "'\\x01\\x1f\\x7f'" },
		{ "\\n", "'\\\\n'" },
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x9c\x8b",
			"'caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x9c\x8b'" },
		{ "\xc2\x80\xc2\x9f", "'\\x80\\x9f'" },
		{ "\xe2\x80\xa8\xe2\x80\xa9", "'\\u2028\\u2029'" },
	};
	struct cv_arena a OWN_ARENA = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_buf b OWN_BUF = { 0 };

		cv_repr(&b, cv_str(cases[i][0]));
		assert_string_equal(b.p, cases[i][1]);
		assert_string_equal(cv_repr_read(&a, cv_buf_slice(&b)), cases[i][0]);
	}
}

static void test_repr_of_what_is_no_utf8(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	cv_repr(&b, CV_LIT("\xff\xc3\xed\xa0\x80\xe2"));
	assert_string_equal(b.p, "'\\udcff\\udcc3\\udced\\udca0\\udc80\\udce2'");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'\\xe9\\u20ac\\U0001d70b'")),
		"\xc3\xa9\xe2\x82\xac\xf0\x9d\x9c\x8b");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'\\udcff\\U99999999'")), "??");
	/* plain text, and what only looks like a literal */
	assert_string_equal(cv_repr_read(&a, CV_LIT("plain")), "plain");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'")), "'");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'a\"")), "'a\"");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'\\x4'")), "\\x4");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'a\\'")), "a\\");
	assert_string_equal(cv_repr_read(&a, CV_LIT("'\\q'")), "\\q");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_more_lines),
		cmocka_unit_test(test_python_version),
		cmocka_unit_test(test_version_is_read),
		cmocka_unit_test(test_every_flag),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_upgrade_keeps),
		cmocka_unit_test(test_what_cannot_be_carried),
		cmocka_unit_test(test_what_python_does_not_read),
		cmocka_unit_test(test_repr),
		cmocka_unit_test(test_repr_of_what_is_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
