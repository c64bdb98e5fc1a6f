/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 5000 };

static void die(const char *what, const char *name)
{
	fprintf(stderr, "%s '%s': %s\n", what, name, strerror(errno));
	abort();
}

char *test_dir_make(void)
{
	char *dir = strdup("/tmp/cvenv-unit-XXXXXX");

	if (!dir || !mkdtemp(dir))
		die("mkdtemp", "/tmp");
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

char *test_dir;

int test_dir_setup(void **state)
{
	(void)state;
	test_dir = test_dir_make();
	return 0;
}

int test_dir_teardown(void **state)
{
	(void)state;
	test_dir_remove(test_dir);
	return 0;
}

struct lines {
	char **line;
	size_t count;
};

static void add_line(struct lines *l, const char *text)
{
	l->line = realloc(l->line, (l->count + 1) * sizeof(*l->line));
	l->line[l->count++] = strdup(text);
}

static void describe(struct lines *l, const char *dir, const char *rel)
{
	char path[2 * PATH_ROOM], line[2 * PATH_ROOM + 1024], content[PATH_ROOM] = "";
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	if (lstat(path, &st) < 0)
		die("lstat", path);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path, content, sizeof(content) - 1);

		content[n < 0 ? 0 : n] = '\0';
		snprintf(line, sizeof(line), "l %s -> %s", rel, content);
	} else if (S_ISREG(st.st_mode)) {
		int fd = open(path, O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read(fd, content, sizeof(content) - 1);

		content[n < 0 ? 0 : n] = '\0';
		close(fd);
		snprintf(line, sizeof(line), "f %s %o %s", rel, st.st_mode & 07777, content);
	} else {
		snprintf(line, sizeof(line), "d %s %o", rel, st.st_mode & 07777);
	}
	add_line(l, line);
}

static void walk(struct lines *l, const char *dir, const char *rel)
{
	char path[2 * PATH_ROOM];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		char inner[PATH_ROOM];
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s", rel, rel[0] ? "/" : "", e->d_name);
		describe(l, dir, inner);
		snprintf(path, sizeof(path), "%s/%s", dir, inner);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(l, dir, inner);
	}
	if (d)
		closedir(d);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *test_tree(const char *dir)
{
	struct lines l = { 0 };
	size_t room = 1;
	char *text;

	walk(&l, dir, "");
	if (l.count)
		qsort(l.line, l.count, sizeof(*l.line), by_text);
	for (size_t i = 0; i < l.count; i++)
		room += strlen(l.line[i]) + 1;
	text = calloc(1, room);
	for (size_t i = 0; i < l.count; i++) {
		size_t n = strlen(text);

		snprintf(text + n, room - n, "%s\n", l.line[i]);
		free(l.line[i]);
	}
	free(l.line);
	return text;
}

void test_write(const char *dir, const char *name, const char *text)
{
	char path[2 * PATH_ROOM];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		die("write", path);
}

void test_mkdir(const char *dir, const char *name)
{
	char path[2 * PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (mkdir(path, 0755) < 0)
		die("mkdir", path);
}
