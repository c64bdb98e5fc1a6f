/* SPDX-License-Identifier: MIT */
#ifndef TEST_API_SESSION_H
#define TEST_API_SESSION_H

#include <stdio.h>

#include "../support/tree.h"
#include "cvenv.h"

/* A directory for each test, and options of the public calls for it. */
extern char **environ;

static char *dir;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

/* NAME below the test's directory; some of them at a time. */
static const char *inside(const char *name)
{
	static char paths[4][512];
	static size_t next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static struct cvenv_options sane_options(void)
{
	static char cache[256];

	snprintf(cache, sizeof(cache), "%s/cache", dir);
	return (struct cvenv_options){ .size = sizeof(struct cvenv_options),
		.envp = (const char *const *)environ,
		.cwd = dir,
		.cache_dir = cache,
		.without_pip = true };
}

#endif
