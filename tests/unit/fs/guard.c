/* SPDX-License-Identifier: MIT */
#include "fs/guard.h"
#include "../support/cmocka_all.h"
#include "fs/remains.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/tree.h"

/* NAME in it, until the next call. */
static const char *in_dir(const char *name)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	return path;
}

/* FOREIGN: what is named; NULL: it may be emptied. */
static void check(const char *foreign)
{
	OWN_OS_DIR struct cv_os_dir opened = CV_OS_NO_DIR;
	char found[CV_FOREIGN_MAX] = "";
	struct cvenv_error err;

	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, test_dir, CV_OS_ANCHOR, &opened), 0);
	assert_int_equal(cv_remains(opened, found, &err), !foreign);
	if (foreign)
		assert_string_equal(found, foreign);
}

static void test_nothing(void **state)
{
	(void)state;
	check(NULL);
	test_mkdir(test_dir, ".cvenv-tmp-1-00000000");
	check(NULL);
	test_write(test_dir, ".cvenv-tmp", "");
	check(".cvenv-tmp");
}

static void test_an_environment(void **state)
{
	(void)state;
	test_write(test_dir, "thesis", "x");
	check("thesis");
	test_mkdir(test_dir, "pyvenv.cfg");
	check("thesis");
	assert_int_equal(rmdir(in_dir("pyvenv.cfg")), 0);
	test_write(test_dir, "pyvenv.cfg", "");
	check(NULL);
	test_write(test_dir, ".git", "gitdir: elsewhere");
	check(".git");
}

static void test_what_is_being_cleared(void **state)
{
	(void)state;
	test_write(test_dir, "thesis", "x");
	test_write(test_dir, CV_CLEARING, "");
	check(NULL);
}

static void test_remains(void **state)
{
	(void)state;
	test_write(test_dir, "CACHEDIR.TAG", "");
	test_write(test_dir, ".gitignore", "*");
	test_mkdir(test_dir, "lib");
	test_mkdir(test_dir, "lib/python3.13");
	test_write(test_dir, "lib/python3.13/thesis", "x");
	test_mkdir(test_dir, "share");
	test_mkdir(test_dir, "bin");
	test_write(test_dir, "bin/pip3", "x");
	assert_int_equal(symlink("/", in_dir("include")), 0);
	check(NULL);
	test_write(test_dir, "bin/tool", "x");
	check("bin/tool");
	test_write(test_dir, "bin/activate", "x");
	check(NULL);
	test_write(test_dir, "share/x", "x");
	check(NULL);
	assert_int_equal(unlink(in_dir("bin/activate")), 0);
	assert_int_equal(unlink(in_dir("bin/tool")), 0);
	check("share/x");
}

static void test_a_file_where_a_directory_is_expected(void **state)
{
	(void)state;
	test_write(test_dir, "bin", "a program of mine");
	check("bin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_an_environment, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_being_cleared, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_remains, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_a_file_where_a_directory_is_expected,
			test_dir_setup, test_dir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
