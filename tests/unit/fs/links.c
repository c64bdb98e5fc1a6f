/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "fs/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

#include "../support/tree.h"

/* Hard links to the files of a cached wheel, when a file cannot get any number of names. */
enum { NAMES_MAX = 3, MTIME = 1000000000 };

static const struct cv_tree_file tree_files[] = {
	{ .path = "x.dist-info/METADATA", .size = 4, .mtime = MTIME },
};
static char tree_dir[512];
static const struct cv_tree tree = { .dir = tree_dir, .files = tree_files, .count = 1 };

static bool fails_to_replace;

int __real_cv_os_link(
	struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name);
int __wrap_cv_os_link(
	struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name);
int __wrap_cv_os_link(
	struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name)
{
	struct cv_os_stat st;

	if (cv_os_stat(from, name, CV_OS_NOFOLLOW, &st) == 0 && st.links >= NAMES_MAX)
		return -EMLINK;
	return __real_cv_os_link(from, name, to, to_name);
}

int __real_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind);
int __wrap_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind);
int __wrap_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind)
{
	if (fails_to_replace && strcmp(to_name, "0") == 0)
		return -EBUSY;
	return __real_cv_os_rename(from, name, to, to_name, kind);
}

static int setup(void **state)
{
	int rc = test_dir_setup(state);
	struct cv_os_dir opened;

	snprintf(tree_dir, sizeof(tree_dir), "%s%ctree", test_dir, CV_PATH_SEP);
	test_mkdir(test_dir, "tree");
	test_write(test_dir, "tree/0", "meta");
	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, tree_dir, 0, &opened), 0);
	assert_int_equal(cv_os_set_mtime_at(opened, "0", MTIME), 0);
	cv_os_close_dir(&opened);
	fails_to_replace = false;
	return rc;
}

/* The stat of NAME below the test's directory. */
static struct cv_os_stat stat_of(const char *name)
{
	struct cv_arena a = { 0 };
	struct cv_os_stat st;
	const char *path = cv_path_join(&a, test_dir, name);

	assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &st), 0);
	cv_arena_done(&a);
	return st;
}

/* Create the environment NAME with links, and return the stat of its file. */
static struct cv_os_stat make(const char *name)
{
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = test_dir };
	struct cv_target target;
	enum cvenv_link_mode used;
	struct cvenv_error err;
	struct cv_os_stat st;
	char file[64];
	int rc = cv_target_find(&ctx, &arena, cv_path_join(&arena, test_dir, name),
		CV_CLEAR_NOTHING, &target, &err);

	cv_plan_tree(&plan, "lib", &tree, "demo", 0);
	if (rc == 0)
		rc = cv_publish(&ctx, &arena, &plan, &target, CVENV_LINK_HARDLINK, &used, &err);
	cv_target_close(&target);
	cv_arena_done(&arena);
	if (rc < 0)
		fail_msg("%s", err.message);
	snprintf(file, sizeof(file), "%s/lib/x.dist-info/METADATA", name);
	st = stat_of(file);
	assert_int_equal(st.size, 4);
	assert_int_equal(st.mtime.s, MTIME);
	return st;
}

/* The cache has the file "0", and nothing else. */
static void check_cache(void)
{
	struct cv_os_list list = { 0 };

	assert_int_equal(cv_os_list_open(CV_OS_ABSOLUTE, tree_dir, CV_OS_NOFOLLOW, &list), 0);
	assert_int_equal(cv_os_list_next(&list), 1);
	assert_string_equal(list.name, "0");
	assert_int_equal(cv_os_list_next(&list), 0);
	cv_os_list_close(&list);
}

static void test_copy_replaces_full_file(void **state)
{
	struct cv_os_stat st[5];

	(void)state;
	for (int i = 0; i < 5; i++) {
		char name[] = { 'e', (char)('0' + i), '\0' };

		st[i] = make(name);
	}
	assert_true(cv_os_same(&st[0], &st[1])); /* with the cache's first: three names */
	assert_false(cv_os_same(&st[1], &st[2]));
	assert_true(cv_os_same(&st[2], &st[3]));
	assert_false(cv_os_same(&st[3], &st[4]));
	st[0] = stat_of("tree/0");
	assert_true(cv_os_same(&st[0], &st[4]));
	check_cache();
}

static void test_copies_if_it_cannot_be_replaced(void **state)
{
	struct cv_os_stat first, third, fourth;

	(void)state;
	fails_to_replace = true;
	first = make("a");
	(void)make("b");
	third = make("c");
	fourth = make("d");
	assert_int_equal(third.links, 1);
	assert_int_equal(fourth.links, 1);
	third = stat_of("tree/0");
	assert_true(cv_os_same(&first, &third));
	check_cache();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_copy_replaces_full_file, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_copies_if_it_cannot_be_replaced, setup, test_dir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
