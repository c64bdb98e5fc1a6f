/* SPDX-License-Identifier: MIT */
/* Where version managers keep their files on Windows, on every system. */
#include "base/system.h"

#define CV_WINDOWS 1
/* instead of the library's */
#include "../../../src/base/ctx.c"
#include "../../../src/base/path.c"
#include "../../../src/interpreter/managers/place.c"

#include "../support/cmocka_all.h"
#include "base/own.h"

static void check(const char *const *env, enum cv_manager id, const char *want)
{
	OWN_ARENA struct cv_arena a = { 0 };
	const struct cv_ctx ctx = { .envp = env };
	char *got = NULL;

	assert_int_equal(cv_manager_versions(&ctx, &a, id, &got), 0);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_default_places(void **state)
{
	static const char *const env[] = { "USERPROFILE=C:\\Users\\u", "HOME=/c/Users/u",
		"LocalAppData=C:\\Users\\u\\L\\", "APPDATA=D:\\R", "XDG_DATA_HOME=C:\\xdg", NULL };

	(void)state;
	check(env, CV_PYENV, "C:\\Users\\u\\.pyenv\\pyenv-win\\versions");
	check(env, CV_ASDF, NULL);
	check(env, CV_MISE, "C:\\Users\\u\\L\\mise\\installs\\python");
	check(env, CV_UV, "D:\\R\\uv\\python");
	check(env, CV_PYMANAGER, "C:\\Users\\u\\L\\Python");
}

static void test_places_of_variables(void **state)
{
	static const char *const env[] = { "PYENV=C:\\pyenv\\pyenv-win\\", "PYENV_ROOT=C:\\other",
		"MISE_DATA_DIR=C:/mise", "UV_PYTHON_INSTALL_DIR=relative", "ASDF_DATA_DIR=C:\\asdf",
		"APPDATA=D:\\R", NULL };

	(void)state;
	check(env, CV_PYENV, "C:\\pyenv\\pyenv-win\\versions");
	check(env + 1, CV_PYENV, "C:\\other\\versions");
	check(env, CV_ASDF, NULL);
	check(env, CV_MISE, "C:\\mise\\installs\\python");
	check(env, CV_UV, NULL);
	check(env, CV_PYMANAGER, NULL);
}

static void test_interpreter(void **state)
{
	OWN_ARENA struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(
		cv_manager_exe(&a, "C:\\x\\3.12.1", "python3.12"), "C:\\x\\3.12.1\\python.exe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_places),
		cmocka_unit_test(test_places_of_variables),
		cmocka_unit_test(test_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
