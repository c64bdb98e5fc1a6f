/* SPDX-License-Identifier: MIT */
#include "fs/walk.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/thread.h"

#include "../support/tree.h"

struct found {
	struct cv_os_mutex mutex;
	char text[8192]; /* paths below test_dir, sorted, a line each */
	size_t count;
	char *paths[1024];
	unsigned workers;
	int failures, rc;
};

static int add(void *data, unsigned worker, const char *path)
{
	struct found *found = data;
	int rc = found->rc;

	cv_os_lock(&found->mutex);
	found->paths[found->count++] = strdup(path + strlen(test_dir));
	found->workers |= 1u << worker;
	cv_os_unlock(&found->mutex);
	return rc;
}

static void note(void *data, unsigned worker, const char *path, int code)
{
	struct found *found = data;

	(void)worker;
	(void)path;
	(void)code;
	cv_os_lock(&found->mutex);
	found->failures++;
	cv_os_unlock(&found->mutex);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int walk(struct found *ret, unsigned workers, size_t count, const char *const *roots)
{
	struct cv_walk how = { .roots = roots,
		.root_count = count,
		.workers = workers,
		.found = add,
		.failed = note,
		.data = ret };
	struct cv_ctx ctx = { 0 };
	int rc;

	cv_os_mutex_init(&ret->mutex);
	rc = cv_walk(&ctx, &how, NULL);
	cv_os_mutex_done(&ret->mutex);
	qsort(ret->paths, ret->count, sizeof(ret->paths[0]), compare);
	ret->text[0] = '\0';
	for (size_t i = 0; i < ret->count; i++) {
		strncat(ret->text, ret->paths[i], 200);
		strcat(ret->text, "\n");
		free(ret->paths[i]);
	}
	return rc;
}

static void make_env(const char *name)
{
	char config[300];

	test_mkdir(test_dir, name);
	(void)snprintf(config, sizeof(config), "%s/pyvenv.cfg", name);
	test_write(test_dir, config, "");
}

static void test_finds_environments_and_enters_none(void **state)
{
	static const char *const dirs[] = { "p", "p/sub", ".git", "conda-meta", ".hg", "dir",
		"dir/pyvenv.cfg", ".cvenv-tmp-1-00000000", ".cvenv-old-00000000-x" };
	struct found found = { 0 };
	const char *root = test_dir;
	char link[300];

	(void)state;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		test_mkdir(test_dir, dirs[i]);
	make_env("p/.venv");
	make_env("p/.venv/lib"); /* in another one */
	make_env("p/sub/env");
	make_env(".git/env");
	make_env(".hg/env");
	make_env("conda-meta/env");
	make_env(".cvenv-tmp-1-00000000/env");
	make_env(".cvenv-old-00000000-x/env");
	make_env("dir/pyvenv.cfg/env"); /* a directory of that name is none */
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_int_equal(symlink("p", link), 0);
	assert_int_equal(walk(&found, 2, 1, &root), 0);
	assert_string_equal(found.text, "/dir/pyvenv.cfg/env\n/p/.venv\n/p/sub/env\n");
	assert_int_equal(found.failures, 0);
}

static void test_searches_each_root_once(void **state)
{
	char inside[300], link[300], env[300], missing[300];
	const char *const roots[] = { test_dir, inside, test_dir, link, env, missing };
	struct found found = { 0 };

	(void)state;
	test_mkdir(test_dir, "p");
	test_mkdir(test_dir, ".git");
	make_env("p/env");
	make_env(".git/env");
	(void)snprintf(inside, sizeof(inside), "%s/p", test_dir);
	(void)snprintf(env, sizeof(env), "%s/.git/env", test_dir);
	(void)snprintf(missing, sizeof(missing), "%s/missing", test_dir);
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_int_equal(symlink("p", link), 0);
	assert_int_equal(walk(&found, 3, 6, roots), 0);
	assert_string_equal(found.text, "/.git/env\n/p/env\n");
	assert_int_equal(found.failures, 1);
}

/* A root that is a link is followed. */
static void test_follows_a_root(void **state)
{
	char link[300];
	const char *root = link;
	struct found found = { 0 };

	(void)state;
	test_mkdir(test_dir, "p");
	make_env("p/env");
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_int_equal(symlink("p", link), 0);
	assert_int_equal(walk(&found, 1, 1, &root), 0);
	assert_string_equal(found.text, "/link/env\n");
}

static void test_workers_share(void **state)
{
	const char *root = test_dir;
	struct found found = { 0 }, alone = { 0 };
	char name[64];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "d%u", i);
		test_mkdir(test_dir, name);
		for (unsigned k = 0; k < 10; k++) {
			(void)snprintf(name, sizeof(name), "d%u/e%u", i, k);
			make_env(name);
		}
	}
	for (unsigned workers = 1; workers <= CV_WALK_WORKERS_MAX; workers++) {
		found = (struct found){ 0 };
		assert_int_equal(walk(&found, workers, 1, &root), 0);
		assert_int_equal(found.count, 200);
		if (workers == 1)
			alone = found;
		assert_string_equal(found.text, alone.text);
	}
}

static void test_found_ends_the_search(void **state)
{
	const char *root = test_dir;
	struct found found = { .rc = -ENOMEM };

	(void)state;
	make_env("a");
	make_env("b");
	assert_int_equal(walk(&found, 1, 1, &root), -ENOMEM);
	assert_int_equal(found.count, 1);
}

static void test_stops(void **state)
{
	const int stop = 1;
	struct cv_walk how = { .roots = (const char *const[]){ test_dir },
		.root_count = 1,
		.workers = 4,
		.found = add };
	struct cv_ctx ctx = { .stop = &stop };
	struct cvenv_error err;

	(void)state;
	assert_int_equal(cv_walk(&ctx, &how, &err), -EINTR);
	assert_int_equal(err.code, EINTR);
}

static void test_deep(void **state)
{
	char path[CV_WALK_DEPTH_MAX * 3 + 300];
	const char *root = test_dir;
	struct found found = { 0 };
	size_t len = strlen(test_dir);
	FILE *file;

	(void)state;
	memcpy(path, test_dir, len + 1);
	for (unsigned i = 0; i < CV_WALK_DEPTH_MAX; i++) {
		(void)snprintf(path + len, sizeof(path) - len, "/d");
		len += 2;
		assert_int_equal(mkdir(path, 0755), 0);
		if (i != CV_WALK_DEPTH_MAX - 2 && i != CV_WALK_DEPTH_MAX - 1)
			continue;
		(void)snprintf(path + len, sizeof(path) - len, "/e");
		assert_int_equal(mkdir(path, 0755), 0);
		(void)snprintf(path + len, sizeof(path) - len, "/e/pyvenv.cfg");
		file = fopen(path, "w");
		assert_non_null(file);
		(void)fclose(file);
		path[len] = '\0';
	}
	assert_int_equal(walk(&found, 2, 1, &root), 0);
	assert_int_equal(found.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_finds_environments_and_enters_none, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_searches_each_root_once, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_follows_a_root, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_workers_share, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_found_ends_the_search, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_stops, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_deep, test_dir_setup, test_dir_teardown),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
