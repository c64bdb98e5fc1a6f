/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_WORLD_H
#define CV_TEST_WORLD_H

#include <stdlib.h>

#include "base/err.h"
#include "base/system.h"
#include "cmocka_all.h"
#include "os/os.h"
#include "tree.h"

/* A temporary directory for each test, and open. Include it once in a program. */
static char *dir;
static struct cv_os_dir at;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	return cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &at) < 0;
}

static int teardown(void **state)
{
	(void)state;
	cv_os_close_dir(&at);
	test_dir_remove(dir);
	return 0;
}

static inline void check_tree(const char *expected)
{
	char *listing = test_tree(dir);

	assert_string_equal(listing, expected);
	free(listing);
}

/* False where the system makes no symbolic links: on Windows without the privilege, and in wine. */
static inline bool make_link(const char *target, const char *name)
{
	int rc = cv_os_symlink(target, at, name);

	assert_true(rc == 0 || (CV_WINDOWS && cv_err_unsupported(-rc)));
	return rc == 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
