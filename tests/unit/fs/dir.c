/* SPDX-License-Identifier: MIT */
#include "fs/dir.h"
#include "../support/cmocka_all.h"
#include "fs/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/fault.h"
#include "../support/fd.h"
#include "../support/tree.h"
#include "../support/world.h"

static void test_make_and_undo(void **state)
{
	struct cv_arena a = { 0 };
	struct cvenv_error err;
	char path[256], top[256];
	const char *made;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	snprintf(top, sizeof(top), "%s/a", dir);
	assert_int_equal(cv_make_dirs(&a, path, &made, &err), 0);
	assert_string_equal(made, top);
	assert_int_equal(cv_make_dirs(&a, path, &made, &err), 0);
	assert_null(made);
	cv_undo_dirs(&a, path, top);
	check_tree("");
	assert_int_equal(cv_make_dirs(&a, path, &made, &err), 0);
	test_write(dir, "a/keep", "");
	cv_undo_dirs(&a, path, made);
	check_tree("d a 755\nf a/keep 644 \n");
	cv_arena_done(&a);
}

static void test_make_over_a_file(void **state)
{
	struct cv_arena a = { 0 };
	struct cvenv_error err;
	char path[256];
	const char *made;

	(void)state;
	test_write(dir, "f", "");
	snprintf(path, sizeof(path), "%s/f/x", dir);
	assert_int_equal(cv_make_dirs(&a, path, &made, &err), -ENOTDIR);
	assert_null(made);
	cv_arena_done(&a);
}

/* Has the directory PATH an entry "f"? -errno if it cannot be opened. */
static int open_below(const char *path, unsigned how)
{
	struct cv_os_dir top, found;
	struct cv_os_stat st;
	int rc;

	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &top), 0);
	rc = cv_open_below(top, cv_str(path), how, &found);
	if (rc == 0)
		rc = cv_os_stat(found, "f", CV_OS_NOFOLLOW, &st) == 0;
	cv_os_close_dir(&found);
	cv_os_close_dir(&top);
	return rc;
}

static void test_open_below_follows_no_links(void **state)
{
	char path[256], *longest = calloc(1, CV_PATH_MAX + 1);

	(void)state;
	snprintf(path, sizeof(path), "%s/a", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	test_write(dir, "a/b/f", "");
	snprintf(path, sizeof(path), "%s/a/link", dir);
	assert_int_equal(symlink("b", path), 0);
	for (unsigned how = 0; how <= CV_OS_ANCHOR; how += CV_OS_ANCHOR) {
		assert_int_equal(open_below("a/b", how), 1);
		assert_int_equal(open_below("a/b/", how), 1);
		assert_int_equal(open_below("a", how), 0);
		assert_int_equal(open_below("", how), 0);
		assert_true(open_below("a/link", how) < 0);
		assert_true(open_below("a/link/", how) < 0);
		assert_int_equal(open_below("a/b/f", how), -ENOTDIR);
		assert_int_equal(open_below("x/b", how), -ENOENT);
	}
	memset(longest, 'x', CV_PATH_MAX);
	assert_int_equal(open_below(longest, 0), -ENAMETOOLONG);
	free(longest);
}

static void test_remove_follows_no_links(void **state)
{
	struct cvenv_error err;

	(void)state;
	test_mkdir(dir, "victim");
	test_write(dir, "victim/f", "");
	test_mkdir(dir, "t");
	test_mkdir(dir, "t/ro");
	test_write(dir, "t/ro/f", "");
	assert_int_equal(symlinkat("../victim", test_fd(at), "t/l"), 0);
	assert_int_equal(mkfifoat(test_fd(at), "t/p", 0600), 0);
	assert_int_equal(fchmodat(test_fd(at), "t/ro", 0555, 0), 0);
	assert_int_equal(cv_remove_tree(at, "t", &err), 0);
	assert_int_equal(cv_remove_tree(at, "t", &err), 0); /* gone is fine */
	check_tree("d victim 755\nf victim/f 644 \n");
	assert_int_equal(symlinkat("victim", test_fd(at), "l"), 0);
	assert_int_equal(cv_remove_tree(at, "l", &err), 0);
	check_tree("d victim 755\nf victim/f 644 \n");
}

static void test_remove_entries(void **state)
{
	struct cvenv_error err;
	OWN_OS_DIR struct cv_os_dir t = CV_OS_NO_DIR;

	(void)state;
	test_mkdir(dir, "t");
	test_mkdir(dir, "t/keep");
	test_mkdir(dir, "t/x");
	test_write(dir, "t/f", "");
	assert_int_equal(cv_os_open_dir(at, "t", CV_OS_FOLLOW, &t), 0);
	assert_int_equal(cv_remove_entries(t, (const char *const[]){ "keep", NULL }, &err), 0);
	check_tree("d t 755\nd t/keep 755\n");
}

static void test_above(void **state)
{
	char path[256];
	struct cv_os_stat st;

	(void)state;
	test_mkdir(dir, "a");
	test_mkdir(dir, "a/b");
	test_mkdir(dir, "c");
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(cv_os_stat(at, "a", CV_OS_FOLLOW, &st), 0);
	assert_true(cv_dir_at_or_above(path, &st));
	assert_int_equal(cv_os_stat(at, "a/b", CV_OS_FOLLOW, &st), 0);
	assert_true(cv_dir_at_or_above(path, &st));
	assert_int_equal(cv_os_stat(at, "c", CV_OS_FOLLOW, &st), 0);
	assert_false(cv_dir_at_or_above(path, &st));
	assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, "/", CV_OS_FOLLOW, &st), 0);
	assert_true(cv_dir_at_or_above(path, &st));
	assert_false(cv_dir_at_or_above("/nonexistent/x", &st));
}

static void test_stage_under_faults(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		char name[CV_TEMP_NAME_MAX];
		struct cvenv_error err;
		struct cv_os_dir stage = CV_OS_NO_DIR;
		int rc;
		bool failed;

		fault_arm(n, EACCES);
		rc = cv_stage_make(at, name, &stage, &err);
		failed = fault_disarm();
		assert_int_equal(rc, failed ? -EACCES : 0);
		if (!failed) {
			assert_true(cv_is_temp_name(name));
			cv_os_close_dir(&stage);
			assert_int_equal(cv_remove_tree(at, name, &err), 0);
			break;
		}
		check_tree("");
	}
}

/* A process that has ended, and a stage that it left. */
static pid_t leave_a_stage(char name[CV_TEMP_NAME_MAX])
{
	pid_t pid = fork();
	struct cv_os_dir stage;
	struct cvenv_error err;
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(cv_stage_make(at, name, &stage, &err) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return pid;
}

static void test_sweep(void **state)
{
	char name[CV_TEMP_NAME_MAX], dead[64], other[64], longer[64], expected[256];
	struct cvenv_error err;
	struct cv_os_dir stage;
	pid_t pid;

	(void)state;
	pid = leave_a_stage(name);
	snprintf(other, sizeof(other), ".cvenv-tmp-%ld", (long)pid);
	test_mkdir(dir, other); /* the user's own, whatever they mean by it */
	snprintf(longer, sizeof(longer), ".cvenv-tmp-%ld-00000000x", (long)pid);
	test_mkdir(dir, longer);
	assert_int_equal(cv_stage_make(at, name, &stage, &err), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), name, F_OK, 0), 0);
	/* a locked directory is kept, whichever process created it */
	snprintf(dead, sizeof(dead), ".cvenv-tmp-%ld-00000000", (long)pid);
	assert_int_equal(renameat(test_fd(at), name, test_fd(at), dead), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), dead, F_OK, 0), 0);
	cv_os_close_dir(&stage);
	/* where others give names, a directory with the mode of others stays */
	assert_int_equal(fchmod(test_fd(at), 0777), 0);
	assert_int_equal(fchmodat(test_fd(at), dead, 0700, 0), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), dead, F_OK, 0), 0);
	assert_int_equal(fchmod(test_fd(at), 0770), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), dead, F_OK, 0), 0);
	/* but not in the likes of /tmp */
	assert_int_equal(fchmod(test_fd(at), 01777), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), dead, F_OK, 0), -1);
	/* nor does what has the mode of a stage */
	assert_int_equal(cv_stage_make(at, name, &stage, &err), 0);
	cv_os_close_dir(&stage);
	assert_int_equal(renameat(test_fd(at), name, test_fd(at), dead), 0);
	assert_int_equal(fchmod(test_fd(at), 0777), 0);
	cv_stage_sweep(at);
	assert_int_equal(faccessat(test_fd(at), dead, F_OK, 0), -1);
	assert_int_equal(fchmod(test_fd(at), 0755), 0);
	snprintf(expected, sizeof(expected), "d %s 755\nd %s 755\n", other, longer);
	check_tree(expected);
}

/* For a directory handle that was read to its end. */
static void test_remove_entries_begins_anew(void **state)
{
	struct cvenv_error err;
	char *listing;

	(void)state;
	test_write(dir, "a", "x");
	cv_stage_sweep(at);
	assert_int_equal(cv_remove_entries(at, NULL, &err), 0);
	listing = test_tree(dir);
	assert_string_equal(listing, "");
	free(listing);
}

/* unlink() says EPERM of a file that is immutable or, in a sticky directory, not ours. */
static void test_remove_tells_why_a_file_stays(void **state)
{
	struct cvenv_error err;

	(void)state;
	test_write(dir, "f", "");
	fault_arm(1, EPERM);
	assert_int_equal(cv_remove_tree(at, "f", &err), -EPERM);
	assert_true(fault_disarm());
	assert_string_equal(err.message, "cannot remove 'f': Operation not permitted");
	/* which is what POSIX has unlink() say of a directory */
	test_mkdir(dir, "d");
	fault_arm(1, EPERM);
	assert_int_equal(cv_remove_tree(at, "d", &err), 0);
	assert_true(fault_disarm());
	check_tree("f f 644 \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_make_and_undo),
		TEST(test_make_over_a_file),
		TEST(test_open_below_follows_no_links),
		TEST(test_remove_follows_no_links),
		TEST(test_remove_entries),
		TEST(test_above),
		TEST(test_stage_under_faults),
		TEST(test_sweep),
		TEST(test_remove_tells_why_a_file_stays),
		TEST(test_remove_entries_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
