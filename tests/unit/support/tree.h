/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_TREE_H
#define CV_TEST_TREE_H

/*
 * Temporary directories for tests, and what is in them as text: a line an entry, sorted,
 * "d bin 755", "l bin/python -> x", "f pyvenv.cfg 644 content".
 */
char *test_dir_make(void);        /* absolute; free with test_dir_remove() */
void test_dir_remove(char *dir);  /* and everything in it; frees DIR */
char *test_tree(const char *dir); /* malloc'd */

/* Setup and teardown of a test that has one, test_dir. */
extern char *test_dir;
int test_dir_setup(void **state);
int test_dir_teardown(void **state);

void test_write(const char *dir, const char *name, const char *text);
void test_mkdir(const char *dir, const char *name);

#endif
