/* SPDX-License-Identifier: MIT */
#include <windows.h>

#include <direct.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"
#include "tree_system.h"

char *test_dir_make(void)
{
	char *dir = malloc(MAX_PATH + 64), *end;
	static LONG serial;
	DWORD n = dir ? GetTempPathA(MAX_PATH, dir) : 0;

	if (n == 0)
		test_die("GetTempPath", "");
	end = dir + n;
	do
		snprintf(end, 64, "cvenv-unit-%lu-%ld", GetCurrentProcessId(),
			InterlockedIncrement(&serial));
	while (_mkdir(dir) < 0);
	return dir;
}

/* Links are removed, not followed. */
static void remove_all(const char *path)
{
	DWORD attributes = GetFileAttributesA(path);
	struct dirent *e;
	DIR *d;

	if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
		(void)SetFileAttributesA(path, FILE_ATTRIBUTE_NORMAL);
		(void)DeleteFileA(path);
		return;
	}
	d = attributes & FILE_ATTRIBUTE_REPARSE_POINT ? NULL : opendir(path);
	while (d && (e = readdir(d))) {
		char inner[TEST_PATH_ROOM];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
		remove_all(inner);
	}
	if (d)
		closedir(d);
	(void)RemoveDirectoryA(path);
}

void test_dir_remove(char *dir)
{
	remove_all(dir);
	free(dir);
}

/* There are no modes; hidden and read-only files are marked instead. */
void test_describe(const char *path, const char *name, char *ret_line, size_t room)
{
	DWORD attributes = GetFileAttributesA(path);
	const char *mark = attributes & FILE_ATTRIBUTE_HIDDEN     ? "hidden"
			   : attributes & FILE_ATTRIBUTE_READONLY ? "readonly"
								  : "-";
	char content[TEST_PATH_ROOM] = "";

	if (attributes == INVALID_FILE_ATTRIBUTES)
		test_die("GetFileAttributes", path);
	if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) {
		snprintf(ret_line, room, "l %s", name);
	} else if (attributes & FILE_ATTRIBUTE_DIRECTORY) {
		snprintf(ret_line, room, "d %s %s", name, mark);
	} else {
		test_read(path, content, sizeof(content));
		snprintf(ret_line, room, "f %s %s %s", name, mark, content);
	}
}

void test_mkdir(const char *dir, const char *name)
{
	char path[2 * TEST_PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (_mkdir(path) < 0)
		test_die("mkdir", path);
}
