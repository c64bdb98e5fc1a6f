/* SPDX-License-Identifier: MIT */
#include "create/existing.h"
#include "../support/cmocka_all.h"
#include "create/installed.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/tree.h"
#include "base/own.h"

static char *dir;
static struct cv_layout layout = { .purelib = "lib/site", .bin = "bin" };
static struct cv_arena arena;
static struct cv_existing got;
static struct cvenv_error err;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	layout.env_dir = dir;
	test_mkdir(dir, "lib");
	test_mkdir(dir, "lib/site");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	cv_arena_done(&arena);
	return 0;
}

static void read_it(void)
{
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;

	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_NOFOLLOW, &env), 0);
	assert_int_equal(cv_existing_read(&arena, env, &layout, &got, &err), 0);
}

static struct cv_installed installed(const struct cv_existing_package *package)
{
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;
	struct cv_installed ret;

	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_NOFOLLOW, &env), 0);
	assert_int_equal(cv_installed_read(&arena, env, &layout, "t", package, &ret, &err), 0);
	return ret;
}

static void test_config(void **state)
{
	char path[256];

	(void)state;
	read_it();
	assert_false(got.is_environment);
	test_write(dir, "pyvenv.cfg",
		"home = /x\nInclude-System-Site-Packages =TRUE \n\nno equals\n"
		"PROMPT= 'a = b' \nprompted = x\n");
	read_it();
	assert_true(got.is_environment);
	assert_true(got.system_site_packages);
	assert_true(cv_str_eq(got.prompt, CV_LIT("'a = b'")));
	/* as the module site: every line end, all white space, and true where nothing is said */
	test_write(dir, "pyvenv.cfg", "home = /x\rprompt =\xc2\xa0x\x1c\r\n");
	read_it();
	assert_true(got.system_site_packages);
	assert_true(cv_str_eq(got.prompt, CV_LIT("x")));
	test_write(dir, "pyvenv.cfg", "include-system-site-packages = yes\n");
	read_it();
	assert_false(got.system_site_packages);
	/* a link, a pipe or a directory under that name is not read */
	snprintf(path, sizeof(path), "%s/pyvenv.cfg", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	read_it();
	assert_false(got.is_environment);
	assert_null(got.prompt.p);
}

static void test_around(void **state)
{
	static const char *const outside[] = { "", "/binary", "/lib/bin/x", "/x", "bin", "/sbin" };
	static const char *const inside[] = { "/bin", "/bin/x", "/bin/x/bin/y" };
	struct cv_arena a OWN_ARENA = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert_null(cv_existing_around(&a, cv_strfmt(&a, "%s%s", dir, inside[i])));
	test_write(dir, "pyvenv.cfg", "");
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert_string_equal(
			cv_existing_around(&a, cv_strfmt(&a, "%s%s", dir, inside[i])), dir);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_null(cv_existing_around(&a, cv_strfmt(&a, "%s%s", dir, outside[i])));
	assert_null(cv_existing_around(&a, "/bin/x"));
}

static void test_packages(void **state)
{
	const struct cv_existing_package *p;

	(void)state;
	test_mkdir(dir, "lib/site/pip-9.0.dist-info");
	test_mkdir(dir, "lib/site/Pip-10.0.1.dist-info");
	test_mkdir(dir, "lib/site/my_pkg-1.dist-info");
	test_mkdir(dir, "lib/site/-1.dist-info");
	test_mkdir(dir, "lib/site/nothing.dist-info");
	read_it();
	assert_int_equal(got.count, 3);
	p = cv_existing_find(&got, CV_LIT("pip"));
	assert_non_null(p);
	assert_true(cv_str_eq(p->version, CV_LIT("10.0.1")));
	assert_non_null(cv_existing_find(&got, CV_LIT("My-Pkg")));
	assert_null(cv_existing_find(&got, CV_LIT("other")));
}

static void test_files_inside_only(void **state)
{
	static const char *const expected[] = { "lib/site/a.py", "lib/site/__pycache__/a.t.pyc",
		"lib/site/__pycache__/a.t.opt-1.pyc", "lib/site/__pycache__/a.t.opt-2.pyc",
		"bin/run", "lib/site/p-1.dist-info/RECORD" };
	struct cv_existing_package package = { .dist_info = "p-1.dist-info" };
	struct cv_installed is;

	(void)state;
	test_mkdir(dir, "lib/site/p-1.dist-info");
	is = installed(&package);
	assert_int_equal(
		is.file_count, 1); /* no RECORD, nothing known; a removal was interrupted */
	assert_string_equal(is.files[0], "lib/site/p-1.dist-info/RECORD");
	test_write(dir, "lib/site/p-1.dist-info/RECORD", "a.py,sha256=x,1\r\n\"");
	is = installed(&package);
	assert_int_equal(is.file_count, 1);
	test_write(dir, "lib/site/p-1.dist-info/METADATA", ""); /* so that it is not found again */
	is = installed(&package);
	assert_int_equal(is.file_count, 2);
	assert_string_equal(is.files[0], "lib/site/p-1.dist-info/METADATA");
	assert_string_equal(is.files[1], "lib/site/p-1.dist-info/RECORD");
	test_write(dir, "lib/site/p-1.dist-info/RECORD",
		"p-1.dist-info/RECORD,,\r\na.py,sha256=x,1\r\n../../bin/run,,\r\n/etc/passwd,,\r\n"
		"../../../x,,\r\n../..,,\r\n");
	is = installed(&package);
	assert_int_equal(is.file_count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < is.file_count; i++)
		assert_string_equal(is.files[i], expected[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_config, setup, teardown),
		cmocka_unit_test_setup_teardown(test_around, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_inside_only, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
