/* SPDX-License-Identifier: MIT */
#include "env/cfg.h"

#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "env/finished.h"

static struct cv_arena arena;
static struct cv_cfg cfg;
static struct cvenv_error err;

static int teardown(void **state)
{
	(void)state;
	cv_arena_done(&arena);
	return 0;
}

static void parse(const char *text)
{
	assert_int_equal(cv_cfg_parse(&arena, cv_str(text), &cfg, &err), 0);
}

static void check_text(const char *expected)
{
	OWN_BUF struct cv_buf b = { 0 };

	cv_cfg_text(&b, &cfg);
	assert_string_equal(b.p ? b.p : "", expected);
}

static void set(const char *text, const char *name, const char *value, const char *expected)
{
	parse(text);
	check_text(text);
	assert_int_equal(cv_cfg_set(&arena, &cfg, name, cv_str(value), &err), 0);
	check_text(expected);
	assert_true(cv_str_eq(cv_cfg_value(&cfg, name), cv_str(value)));
	if (!strstr(text, "home"))
		return;
	assert_int_equal(cv_cfg_set(&arena, &cfg, "home", CV_LIT("/h"), &err), 0);
	assert_true(cv_str_eq(cv_cfg_value(&cfg, name),
		strcmp(name, "home") == 0 ? CV_LIT("/h") : cv_str(value)));
}

static void test_set(void **state)
{
	(void)state;
	set("home = /a\nx=y\n", "home", "/b c", "home = /b c\nx=y\n");
	set("x\r\n HOME=\t/a  \r\n\r\n", "home", "/b", "x\r\n HOME=\t/b  \r\n\r\n");
	set("home =\r\rprompt = 'x'", "home", "/b", "home =/b\r\rprompt = 'x'");
	set("a = 1\nA = 2\n", "a", "3", "a = 3\nA = 3\n");
	set("a = 1\r\nb", "home", "/b", "a = 1\r\nb\r\nhome = /b\r\n");
	set("", "home", "/b", "home = /b\n");
	set("home=/a=b\n", "home", "=", "home==\n");
}

static void test_limits(void **state)
{
	char *text = cv_new(&arena, char, CV_CFG_MAX + 2);

	(void)state;
	memset(text, 'a', CV_CFG_MAX);
	parse(text);
	text[CV_CFG_MAX] = 'a';
	assert_int_equal(cv_cfg_parse(&arena, cv_str(text), &cfg, &err), -CVENV_ELIMIT);
	memset(text, '\r', CV_CFG_LINES_MAX);
	text[CV_CFG_LINES_MAX] = '\0';
	parse(text);
	text[CV_CFG_LINES_MAX] = 'x';
	text[CV_CFG_LINES_MAX + 1] = '\0';
	assert_int_equal(cv_cfg_parse(&arena, cv_str(text), &cfg, &err), -CVENV_ELIMIT);
}

static void check_version(const char *text, const char *version)
{
	parse(text);
	assert_true(cv_str_eq(cv_cfg_version(&cfg), cv_str(version)));
}

static void test_versions(void **state)
{
	(void)state;
	check_version("version = 3.12.1\n", "3.12.1");
	check_version("version_info = 3.12.1.final.0\nversion = 3.12.1\n", "3.12.1");
	check_version("version_info = 3.12\n", "3.12");
	check_version("python-version = 3.15\nversion = 3.15.0\n", "3.15.0");
	check_version("version = x\nversion_info = 3.9.\n", "3.9");
	check_version("home = /\n", "");
}

static void check_command(const char *text, const char *dir)
{
	bool no_memory = false;
	const char *got;

	parse(text);
	got = cv_cfg_command_dir(&arena, &cfg, &no_memory);
	assert_false(no_memory);
	if (dir)
		assert_string_equal(got, dir);
	else
		assert_null(got);
}

static void test_command(void **state)
{
	(void)state;
	if (CV_WINDOWS) {
		check_command("command = C:\\p.exe -m venv --prompt=\"a\" C:\\e x", "C:\\e x");
		return;
	}
	check_command("command = /p -m venv /e", "/e");
	check_command("command = /p -m venv --copies --clear /a b/ /c/../e", "/a b/ /e");
	check_command("command = /p -m venv --prompt=\"x\" y\" /e", "/e");
	check_command("command = /p -m venv --prompt=\"x\" --without-scm-ignore-files /e", "/e");
	check_command("command = /p -m virtualenv /e", "/e");
	check_command("command = /p -m venv --later on /e", "/e");
	check_command("command = /p -m venv e", NULL);
	check_command("command = /p -m venv --prompt=\"x", NULL);
	check_command("command = --copies", NULL);
	check_command("home = /e", NULL);
}

static void test_names(void **state)
{
	static const char *const yes[] = { "python", "python3", "python3.12", "python3.13t",
		"pypy3.10", "python3.11-dbg", "graalpy" };
	static const char *const no[] = { "python-config", "python3-x", "pythonx", "ipython",
		"pip3", "" };
	const char *implementation;
	struct cv_str version;
	struct cv_found found;

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(cv_is_interpreter_name(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(cv_is_interpreter_name(no[i]));
	assert_true(cv_is_activation_name("activate.ps1"));
	assert_true(cv_is_activation_name("Activate.ps1"));
	assert_false(cv_is_activation_name("activate-global-python-argcomplete"));
	assert_true(cv_lib_name("python3.13t", &implementation, &version));
	assert_true(cv_str_eq(version, CV_LIT("3.13")));
	assert_true(cv_lib_name("pypy3.10", &implementation, &version));
	assert_string_equal(implementation, "pypy");
	assert_false(cv_lib_name("python3", &implementation, &version));
	assert_false(cv_lib_name("python3.12x", &implementation, &version));
	assert_true(cv_found_of("a-1-py3.8-linux-x86_64.egg-info", &found));
	assert_true(cv_str_eq(found.version, CV_LIT("1")));
	assert_false(cv_found_of("a.dist-info", &found));
	assert_false(cv_found_of("-1.dist-info", &found));
	assert_false(cv_found_of(".egg-info", &found));
	assert_false(cv_found_of("a-1.dist-info.txt", &found));
	assert_true(cv_same_minor(CV_LIT("3.12.1"), CV_LIT("3.12")));
	assert_false(cv_same_minor(CV_LIT("3.1"), CV_LIT("3.12")));
	assert_false(cv_same_minor(CV_LIT(""), CV_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
