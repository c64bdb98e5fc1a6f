/* SPDX-License-Identifier: MIT */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"
#include "tree_system.h"

char *test_dir_make(void)
{
	char *dir = strdup("/tmp/cvenv-unit-XXXXXX");

	if (!dir || !mkdtemp(dir))
		test_die("mkdtemp", "/tmp");
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void test_dir_remove(char *dir)
{
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

void test_describe(const char *path, const char *name, char *ret_line, size_t room)
{
	char content[TEST_PATH_ROOM] = "";
	struct stat st;

	if (lstat(path, &st) < 0)
		test_die("lstat", path);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path, content, sizeof(content) - 1);

		content[n < 0 ? 0 : n] = '\0';
		snprintf(ret_line, room, "l %s -> %s", name, content);
	} else if (S_ISREG(st.st_mode)) {
		test_read(path, content, sizeof(content));
		snprintf(ret_line, room, "f %s %o %s", name, st.st_mode & 07777, content);
	} else {
		snprintf(ret_line, room, "d %s %o", name, st.st_mode & 07777);
	}
}

void test_mkdir(const char *dir, const char *name)
{
	char path[2 * TEST_PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (mkdir(path, 0755) < 0)
		test_die("mkdir", path);
}
