/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_system.h"

void test_die(const char *what, const char *name)
{
	fprintf(stderr, "%s '%s': %s\n", what, name, strerror(errno));
	abort();
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

static void walk(struct lines *l, const char *dir, const char *rel)
{
	char path[2 * TEST_PATH_ROOM];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		char inner[TEST_PATH_ROOM], line[2 * TEST_PATH_ROOM + 1024];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s", rel, rel[0] ? "/" : "", e->d_name);
		snprintf(path, sizeof(path), "%s/%s", dir, inner);
		test_describe(path, inner, line, sizeof(line));
		add_line(l, line);
		if (line[0] == 'd')
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
	char path[2 * TEST_PATH_ROOM];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fwrite(text, 1, strlen(text), f) != strlen(text) || fclose(f) != 0)
		test_die("write", path);
}

size_t test_read(const char *path, char *ret, size_t room)
{
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(ret, 1, room - 1, f) : 0;

	ret[n] = '\0';
	if (f)
		fclose(f);
	return n;
}
