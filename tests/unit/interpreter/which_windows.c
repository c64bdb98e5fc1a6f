/* SPDX-License-Identifier: MIT */
/* PATH and PATHEXT of Windows, on every system. */
#include "base/system.h"
#include "os/os.h"

#include <string.h>

static const char *const *files; /* those that exist */

static int fake_stat(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_stat *ret)
{
	(void)at;
	(void)how;
	*ret = (struct cv_os_stat){ .type = CV_OS_FILE };
	for (size_t i = 0; files[i]; i++)
		if (strcmp(files[i], name) == 0)
			return 0;
	return -ENOENT;
}

static int fake_access(struct cv_os_dir at, const char *name, unsigned rights)
{
	(void)at;
	(void)name;
	(void)rights;
	return 0;
}

#define CV_WINDOWS 1
#define cv_os_stat(at, name, how, ret) fake_stat(at, name, how, ret)
#define cv_os_access(at, name, rights) fake_access(at, name, rights)
/* instead of the library's */
#include "../../../src/base/ctx.c"
#include "../../../src/base/path.c"
#include "../../../src/interpreter/which.c"

#include "../support/cmocka_all.h"

/* The results for NAME are EXPECTED. */
static void check(
	const char *path, const char *pathext, const char *name, const char *const *expected)
{
	const char *const environment[] = { path, pathext, NULL };
	const struct cv_ctx ctx = { .envp = environment, .cwd = "C:\\w" };
	struct cv_which w = cv_which(&ctx);
	struct cv_arena a = { 0 };
	char *found;

	for (; *expected; expected++) {
		assert_true(cv_which_next(&w, &a, name, &found));
		assert_string_equal(found, *expected);
	}
	assert_false(cv_which_next(&w, &a, name, &found));
	assert_false(w.nomem);
	cv_arena_done(&a);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE ((const char *const[]){ NULL })

static void test_extensions(void **state)
{
	(void)state;
	files = LIST("C:\\a\\python", "C:\\a\\python.bat", "C:\\a\\python.exe", "C:\\b\\python.cmd",
		"C:\\b\\python3.12.exe", "C:\\b\\python.py");
	check("Path=C:\\a;C:\\b", NULL, "python", LIST("C:\\a\\python.exe", "C:\\b\\python.cmd"));
	check("Path=C:\\a;C:\\b", "PATHEXT=.BAT;.PY", "python", LIST("C:\\a\\python.bat"));
	check("Path=C:\\a;C:\\b", NULL, "python.exe", LIST("C:\\a\\python.exe"));
	check("Path=C:\\a;C:\\b", NULL, "python.BAT", NONE); /* the fake has case */
	check("Path=C:\\a;C:\\b", NULL, "python3.12", LIST("C:\\b\\python3.12.exe"));
	check("Path=C:\\a;C:\\b", NULL, "pythonw", NONE);
}

static void test_directories(void **state)
{
	(void)state;
	files = LIST("C:\\w\\python.exe", "C:\\w\\x\\python.exe", "C:\\a b;c\\python.exe");
	check("PATH=C:\\missing;;", NULL, "python", NONE);
	check("PATH=.;x/", NULL, "python", LIST("C:\\w\\python.exe", "C:\\w\\x\\python.exe"));
	check("PATH=\"C:\\a b;c\";x", NULL, "python",
		LIST("C:\\a b;c\\python.exe", "C:\\w\\x\\python.exe"));
	check("PATH=", NULL, "python", NONE);
}

static void test_batch_files(void **state)
{
	(void)state;
	assert_true(cv_exe_is_batch("C:\\a\\python.bat"));
	assert_true(cv_exe_is_batch("C:\\a\\python.CMD"));
	assert_false(cv_exe_is_batch("C:\\a\\python.exe"));
	assert_false(cv_exe_is_batch("C:\\a.bat\\python"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_batch_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
