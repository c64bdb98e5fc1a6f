/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_FS_WORLD_H
#define CV_TEST_FS_WORLD_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../support/cmocka_all.h"
#include "../support/tree.h"

/* A temporary directory for each test, open as dir_fd. Include it once in a program. */
static char *dir;
static int dir_fd;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	return dir_fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dir_fd);
	test_dir_remove(dir);
	return 0;
}

static void check_tree(const char *expected)
{
	char *listing = test_tree(dir);

	assert_string_equal(listing, expected);
	free(listing);
}

#endif
