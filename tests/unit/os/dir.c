/* SPDX-License-Identifier: MIT */
#include "../support/world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/system.h"

static void check_file(const char *name, const char *content)
{
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;
	char text[16] = "";

	assert_int_equal(cv_os_open(at, name, CV_OS_NOFOLLOW, &f), 0);
	assert_true(cv_os_read(f, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, content);
}

static bool missing_or_unsupported(int rc)
{
	return rc == -ENOENT || cv_err_unsupported(-rc);
}

static void test_open_dir(void **state)
{
	struct cv_os_dir d;
	struct cv_os_stat st, above;
	bool links;
	int rc;

	(void)state;
	test_mkdir(dir, "d");
	test_write(dir, "f", "");
	links = make_link("d", "l");
	for (unsigned anchor = 0; anchor <= CV_OS_ANCHOR; anchor += CV_OS_ANCHOR) {
		assert_int_equal(cv_os_open_dir(at, "f", anchor, &d), -ENOTDIR);
		assert_int_equal(cv_os_open_dir(at, "none", anchor, &d), -ENOENT);
		rc = cv_os_open_dir(at, "l", anchor | CV_OS_NOFOLLOW, &d);
		assert_true(rc == -ENOTDIR || rc == -ELOOP || (!links && rc == -ENOENT));
		assert_false(cv_os_dir_ok(d));
		assert_int_equal(cv_os_open_dir(at, links ? "l" : "d", anchor, &d), 0);
		assert_int_equal(cv_os_stat_parent(d, &st), 0);
		assert_int_equal(cv_os_stat_dir(at, &above), 0);
		assert_true(cv_os_same(&st, &above));
		cv_os_close_dir(&d);
		cv_os_close_dir(&d); /* none: nothing happens */
	}
	assert_int_equal(cv_os_open_dir(at, "d", CV_OS_FOLLOW, &d), 0);
	OWN_OS_DIR struct cv_os_dir taken = cv_os_take_dir(&d), up = CV_OS_NO_DIR;
	assert_false(cv_os_dir_ok(d));
	assert_int_equal(cv_os_open_parent(taken, &up), 0);
	assert_int_equal(cv_os_stat_dir(up, &st), 0);
	assert_true(cv_os_same(&st, &above));
}

static void test_make_and_remove(void **state)
{
	OWN_OS_DIR struct cv_os_dir d = CV_OS_NO_DIR;
	struct cv_os_stat st;
	int rc;

	(void)state;
	assert_int_equal(cv_os_make_dir(at, "d", 0700), 0);
	assert_int_equal(cv_os_make_dir(at, "d", 0700), -EEXIST);
	assert_int_equal(cv_os_make_dir(at, "none/d", 0700), -ENOENT);
	test_write(dir, "d/f", "");
	rc = cv_os_remove_dir(at, "d");
	assert_true(rc == -ENOTEMPTY || rc == -EEXIST);
	rc = cv_os_unlink(at, "d");
	assert_true(rc == -EISDIR || rc == -EPERM);
	assert_int_equal(cv_os_remove_dir(at, "d/f"), -ENOTDIR);
	assert_int_equal(cv_os_open_dir(at, "d", CV_OS_FOLLOW, &d), 0);
	assert_int_equal(cv_os_unlink(d, "f"), 0);
	assert_int_equal(cv_os_unlink(d, "f"), -ENOENT);
	assert_int_equal(cv_os_remove_dir(at, "d"), 0);
	assert_int_equal(cv_os_stat_dir(d, &st), 0);
	assert_true(st.links == 0 || CV_WINDOWS); /* wine says 1 */
}

static void test_lock(void **state)
{
	OWN_OS_DIR struct cv_os_dir a = CV_OS_NO_DIR, b = CV_OS_NO_DIR;

	(void)state;
	assert_int_equal(cv_os_open_dir(at, ".", CV_OS_FOLLOW, &a), 0);
	assert_int_equal(cv_os_open_dir(at, ".", CV_OS_FOLLOW, &b), 0);
	assert_int_equal(cv_os_lock_dir(a), 0);
	assert_int_equal(cv_os_lock_dir(b), -EWOULDBLOCK);
	cv_os_close_dir(&a);
	assert_int_equal(cv_os_lock_dir(b), 0);
}

/* Each entry once, in a directory that needs several calls of the system; no dots. */
static void test_lists(void **state)
{
	enum { FILES = 600 };
	bool seen[FILES + 1] = { false };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_os_list none = { 0 };
	int n = 0, rc;

	(void)state;
	test_mkdir(dir, "d");
	for (int i = 0; i < FILES; i++) {
		char name[128];

		snprintf(name, sizeof(name), "d/a-name-that-takes-some-room-in-a-listing-%d", i);
		test_write(dir, name, "");
	}
	assert_int_equal(cv_os_list_open(at, "d", CV_OS_NOFOLLOW, &list), 0);
	while ((rc = cv_os_list_next(&list)) > 0) {
		struct cv_os_stat st;
		int i = atoi(strrchr(list.name, '-') + 1);

		assert_true(i >= 0 && i < FILES && !seen[i]);
		seen[i] = true;
		n++;
		assert_true(list.type == CV_OS_FILE || list.type == CV_OS_UNKNOWN);
		assert_int_equal(cv_os_stat(list.dir, list.name, CV_OS_NOFOLLOW, &st), 0);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(n, FILES);
	assert_int_equal(cv_os_list_next(&none), 0);
	assert_int_equal(cv_os_list_open(at, "none", CV_OS_NOFOLLOW, &none), -ENOENT);
	(void)make_link("d", "l");
	assert_int_not_equal(cv_os_list_open(at, "l", CV_OS_NOFOLLOW, &none), 0);
}

static void test_renames(void **state)
{
	int rc;

	(void)state;
	test_write(dir, "a", "a");
	test_write(dir, "b", "b");
	rc = cv_os_rename(at, "a", at, "b", CV_OS_NEW);
	assert_true(rc == -EEXIST || cv_err_unsupported(-rc));
	check_file("a", "a");
	check_file("b", "b");
	rc = cv_os_rename(at, "a", at, "b", CV_OS_EXCHANGE);
	if (rc == 0) {
		check_file("a", "b");
		check_file("b", "a");
		assert_int_equal(cv_os_rename(at, "a", at, "b", CV_OS_EXCHANGE), 0);
	}
	assert_true(rc == 0 || cv_err_unsupported(-rc));
	rc = cv_os_rename(at, "a", at, "none", CV_OS_EXCHANGE);
	assert_true(missing_or_unsupported(rc));
	assert_int_equal(cv_os_rename(at, "a", at, "b", CV_OS_REPLACE), 0);
	check_file("b", "a");
	assert_int_equal(cv_os_access(at, "a", CV_OS_MAY_EXIST), -ENOENT);
	assert_int_equal(cv_os_rename(at, "none", at, "b", CV_OS_REPLACE), -ENOENT);
	test_mkdir(dir, "d");
	test_mkdir(dir, "full");
	test_write(dir, "full/f", "");
	rc = cv_os_rename(at, "d", at, "full", CV_OS_REPLACE);
	assert_true(rc == -ENOTEMPTY || rc == -EEXIST);
}

static void test_links(void **state)
{
	char text[6];

	(void)state;
	test_write(dir, "f", "");
	assert_int_equal(cv_os_readlink(at, "f", text, 6), -EINVAL);
	assert_int_equal(cv_os_link(at, "f", at, "f2"), 0);
	assert_int_equal(cv_os_link(at, "f", at, "f2"), -EEXIST);
	assert_int_equal(cv_os_symlink("x", at, "f"), -EEXIST);
	if (!make_link("12345", "l"))
		return;
	assert_int_equal(cv_os_symlink("x", at, "l"), -EEXIST);
	assert_int_equal(cv_os_readlink(at, "l", text, 6), 5);
	assert_string_equal(text, "12345");
	assert_int_equal(cv_os_readlink(at, "l", text, 5), -ENAMETOOLONG);
	assert_int_equal(cv_os_link(at, "l", at, "l2"), 0); /* of the link itself */
	assert_int_equal(cv_os_link(at, "f", at, "l2"), -EEXIST);
}

static void test_realpath(void **state)
{
	struct cv_arena a = { 0 };
	char path[256], *real;

	(void)state;
	test_write(dir, "f", "");
	snprintf(path, sizeof(path), "%s/%s", dir, make_link("f", "to_f") ? "to_f" : "f");
	assert_int_equal(cv_os_realpath(&a, path, &real), 0);
	assert_true(cv_str_ends(cv_str(real), CV_WINDOWS ? CV_LIT("\\f") : CV_LIT("/f")));
	snprintf(path, sizeof(path), "%s/l", dir);
	(void)make_link("nowhere", "l");
	assert_int_equal(cv_os_realpath(&a, path, &real), -ENOENT);
	cv_arena_done(&a);
}

static void test_mounts_and_owners(void **state)
{
	OWN_OS_DIR struct cv_os_dir d = CV_OS_NO_DIR;
	OWN_OS_LIST struct cv_os_list list = { 0 };
	char path[4096];

	(void)state;
	test_mkdir(dir, "d");
	assert_int_equal(cv_os_open_dir(at, "d", CV_OS_FOLLOW, &d), 0);
	assert_int_equal(cv_os_same_mount(at, d), 1);
	assert_int_equal(cv_os_mount_below(d, path, sizeof(path)), 0);
	assert_true(cv_os_made_alike(at, d));
	(void)cv_os_clones(at, d); /* leaves nothing, whatever the answer is */
	assert_int_equal(cv_os_list_open(at, ".", CV_OS_NOFOLLOW, &list), 0);
	assert_int_equal(cv_os_list_next(&list), 1);
	assert_string_equal(list.name, "d");
	assert_int_equal(cv_os_list_next(&list), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open_dir),
		TEST(test_make_and_remove),
		TEST(test_lock),
		TEST(test_lists),
		TEST(test_renames),
		TEST(test_links),
		TEST(test_realpath),
		TEST(test_mounts_and_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
