/* SPDX-License-Identifier: MIT */
/* The warning for Pythons of the Microsoft Store, on every system. */
#include "base/system.h"

#define CV_WINDOWS 1
/* instead of the library's */
#include "../../../src/base/path.c"
#include "../../../src/create/store_python.c"

#include "../support/cmocka_all.h"

#define LOCAL "C:\\Users\\u\\AppData\\Local"
#define STORE LOCAL "\\Microsoft\\WindowsApps\\PythonSoftwareFoundation.Python.3.12_q\\python.exe"

static int warnings;

static void count(void *data, enum cvenv_level level, const char *msg)
{
	(void)data;
	assert_int_equal(level, CVENV_LOG_WARNING);
	assert_non_null(strstr(msg, LOCAL));
	warnings++;
}

static int warns(const char *base, const char *env_dir)
{
	static const char *const env[] = { "LOCALAPPDATA=" LOCAL,
		"APPDATA=C:\\Users\\u\\AppData\\Roaming", NULL };
	const struct cv_ctx ctx = { .envp = env, .log = count };
	const struct cv_info info = { .windows = true, .base = base };

	warnings = 0;
	cv_warn_of_store_python(&ctx, &info, env_dir);
	return warnings;
}

static void test_warns_where_writes_are_redirected(void **state)
{
	(void)state;
	assert_int_equal(warns(STORE, LOCAL "\\envs\\a"), 1);
	assert_int_equal(warns(STORE, "c:\\users\\U\\appdata\\local\\a"), 1);
	assert_int_equal(warns("C:\\Program Files\\windowsapps\\x\\python.exe", LOCAL "\\a"), 1);
	assert_int_equal(warns(STORE, "C:\\Users\\u\\a"), 0);
	assert_int_equal(warns(STORE, LOCAL "ity"), 0);
	assert_int_equal(warns("C:\\Python312\\python.exe", LOCAL "\\a"), 0);
	assert_int_equal(warns("C:\\MyWindowsApps\\python.exe", LOCAL "\\a"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warns_where_writes_are_redirected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
