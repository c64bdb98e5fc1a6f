/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "create/leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../env/info.h"
#include "../support/tree.h"
#include "base/own.h"

#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}
#define LAUNCHER BYTES("MZ..p\0y\0v\0e\0n\0v\0.\0c\0f\0g\0..")
#define PIP BYTES("MZ..#!C:\\python.exe\nPK from pip._internal")
#define OTHER BYTES("MZ..")

static const struct {
	const char *name;
	struct cv_str data;
	bool gone, gone_without_pip;
} files[] = {
	{ "python.exe", LAUNCHER, false, false },
	{ "PythonW.exe", LAUNCHER, false, false },
	{ "python3.exe", LAUNCHER, false, false }, /* the user's copy; it suits this Python */
	{ "python3.13.exe", LAUNCHER, false, false },
	{ "python3.11.exe", LAUNCHER, true, true },
	{ "pythonw3.11.EXE", LAUNCHER, true, true },
	{ "python3.10.exe", OTHER, false, false }, /* no launcher */
	{ "python3.13t.exe", LAUNCHER, true, true },
	{ "pythonw3.13t.exe", LAUNCHER, true, true },
	{ "python_d.exe", LAUNCHER, true, true },
	{ "python3.9", LAUNCHER, false, false }, /* no program */
	{ "pythonista.exe", LAUNCHER, false, false },
	{ "pip.exe", PIP, false, true },
	{ "pip3.13.exe", PIP, false, true },
	{ "pip3.11.exe", PIP, true, true },
	{ "pip3.10.exe", OTHER, false, false },
	{ "pip-tools.exe", PIP, false, false },
};

static void put(const char *name, struct cv_str data)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/Scripts/%s", test_dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data.p, 1, data.n, f), data.n);
	(void)fclose(f);
}

static bool is_among(const struct cv_existing *existing, const char *name)
{
	for (size_t i = 0; i < existing->leftover_count; i++)
		if (strcmp(existing->leftovers[i].name, name) == 0) {
			assert_false(existing->leftovers[i].fits);
			return true;
		}
	return false;
}

static void check(bool without_pip)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;
	struct cv_info info = test_windows_info(13);
	struct cv_layout layout = { .env_dir = test_dir,
		.bin = "Scripts",
		.names = { "python.exe", "pythonw.exe" },
		.name_count = 2 };
	struct cvenv_options request = { .without_pip = without_pip };
	struct cv_existing existing = { .is_environment = true };
	struct cvenv_error err;

	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, test_dir, CV_OS_FOLLOW, &env), 0);
	assert_int_equal(
		cv_leftovers_read(&arena, env, &info, &layout, &request, &existing, &err), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (is_among(&existing, files[i].name) !=
			(without_pip ? files[i].gone_without_pip : files[i].gone))
			fail_msg("'%s'", files[i].name);
}

static void test_names_of_another_python(void **state)
{
	(void)state;
	test_mkdir(test_dir, "Scripts");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put(files[i].name, files[i].data);
	check(false);
	check(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_names_of_another_python, test_dir_setup, test_dir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
