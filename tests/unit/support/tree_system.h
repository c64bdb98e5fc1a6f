/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_TREE_SYSTEM_H
#define CV_TEST_TREE_SYSTEM_H

#include <stddef.h>

/* What tree.c takes from tree_posix.c or tree_windows.c, and they from tree.c. */
enum { TEST_PATH_ROOM = 5000 };

/* The line about PATH, which is called NAME there. Only for a directory it begins with 'd'. */
void test_describe(const char *path, const char *name, char *ret_line, size_t room);

size_t test_read(const char *path, char *ret, size_t room); /* "" if it cannot be read */
_Noreturn void test_die(const char *what, const char *name);

#endif
