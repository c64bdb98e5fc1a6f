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
void test_write(const char *dir, const char *name, const char *text);
void test_mkdir(const char *dir, const char *name);

#endif
