/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_OS_WORLD_H
#define CV_TEST_OS_WORLD_H

#include <stdlib.h>

#include "../support/cmocka_all.h"
#include "../support/tree.h"
#include "os/os.h"

/* A temporary directory for each test, open as `at`. Include it once in a program. */
static char *dir;
static struct cv_os_dir at;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	return cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &at);
}

static int teardown(void **state)
{
	(void)state;
	cv_os_close_dir(&at);
	test_dir_remove(dir);
	return 0;
}

static void check_tree(const char *expected)
{
	char *tree = test_tree(dir);

	assert_string_equal(tree, expected);
	free(tree);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
