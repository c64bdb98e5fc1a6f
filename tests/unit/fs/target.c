/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "fs/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs/dir.h"
#include "fs/guard.h"
#include "fs/remains.h"

#include "../support/fault.h"
#include "../support/tree.h"

/* ENV_DIR in states that publishing meets seldom; publish.c has the others. */
static char env_dir[256];
static bool others_lock; /* ENV_DIR, as soon as it exists */

/* Found before the C library's. */
int flock(int fd, int operation);
int flock(int fd, int operation)
{
	struct stat here, there;

	if (others_lock && fstat(fd, &here) == 0 && stat(env_dir, &there) == 0 &&
		here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
		errno = EWOULDBLOCK;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int setup(void **state)
{
	test_dir_setup(state);
	snprintf(env_dir, sizeof(env_dir), "%s/env", test_dir);
	others_lock = false;
	return 0;
}

/* *RET_LOST: of the target. */
static int publish(enum cv_clear clear, const char *cwd, bool *ret_lost, struct cvenv_error *err)
{
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = cwd };
	struct cv_target target;
	enum cvenv_link_mode used;
	int rc = cv_target_find(&ctx, &arena, env_dir, clear, &target, err);

	cv_plan_dir(&plan, "bin");
	cv_plan_file(&plan, "pyvenv.cfg", CV_LIT("new"), 0);
	if (rc == 0)
		rc = plan.bad ? cv_fail_nomem(err)
			      : cv_publish(
					&ctx, &arena, &plan, &target, CVENV_LINK_COPY, &used, err);
	*ret_lost = target.lost;
	cv_arena_done(&arena);
	return rc;
}

static void check_env(const char *expected)
{
	char *listing = test_tree(env_dir);

	assert_string_equal(listing, expected);
	free(listing);
}

/* What has the name of the entry that exists while ENV_DIR is cleared, and cannot be removed. */
static void test_clear_says_what_it_could_not_remove(void **state)
{
	char path[CV_DEPTH_MAX * 2 + 400] = "env/" CV_CLEARING;
	struct cvenv_error err;
	size_t len;
	bool lost;

	(void)state;
	test_mkdir(test_dir, "env");
	test_write(test_dir, "env/pyvenv.cfg", "old");
	test_write(test_dir, "env/mine", "mine");
	test_mkdir(test_dir, path);
	for (int depth = 0; depth <= CV_DEPTH_MAX; depth++) {
		len = strlen(path);
		snprintf(path + len, sizeof(path) - len, "/d");
		test_mkdir(test_dir, path);
	}
	assert_int_equal(publish(CV_CLEAR_ENVIRONMENT, env_dir, &lost, &err), -CVENV_ELIMIT);
	assert_non_null(strstr(err.message, "nested too deeply"));
	snprintf(path, sizeof(path), "%s/mine", env_dir);
	assert_int_equal(faccessat(AT_FDCWD, path, F_OK, 0), 0);
}

static void test_clear_replaces_a_directory_of_the_reserved_name(void **state)
{
	struct cvenv_error err;
	bool lost;

	(void)state;
	test_mkdir(test_dir, "env");
	test_write(test_dir, "env/pyvenv.cfg", "old");
	test_mkdir(test_dir, "env/" CV_CLEARING);
	test_write(test_dir, "env/" CV_CLEARING "/x", "x");
	assert_int_equal(publish(CV_CLEAR_ENVIRONMENT, env_dir, &lost, &err), 0);
	check_env("d bin 755\nf pyvenv.cfg 644 new\n");
}

/*
 * Where modes cannot be set a directory is made and filled. When another process has locked it
 * before us, it is that one's: it is left as it is, and the caller may begin again.
 */
static void test_a_new_directory_that_another_process_locks_is_lost(void **state)
{
	bool met = false, hit = true;

	(void)state;
	for (int n = 1; hit; n++) {
		struct cvenv_error err;
		bool lost;
		int rc;

		setup(NULL);
		others_lock = true;
		fault_arm(n, EPERM);
		rc = publish(CV_CLEAR_NOTHING, "/", &lost, &err);
		hit = fault_disarm();
		if (hit && lost && strcmp(fault_name(), "fchmod") == 0) {
			assert_int_equal(rc, -EEXIST);
			check_env("");
			met = true;
		}
		test_dir_teardown(NULL);
	}
	assert_true(met);
}

/* A link that replaces ENV_DIR leads to another directory, which nobody named. */
static void test_lock_follows_no_link_that_appears(void **state)
{
	struct cv_arena arena = { 0 };
	struct cv_ctx ctx = { .cwd = "/" };
	struct cv_target target;
	struct cvenv_error err;
	char other[300], away[300];

	(void)state;
	test_mkdir(test_dir, "env");
	test_mkdir(test_dir, "other");
	test_write(test_dir, "other/pyvenv.cfg", "");
	assert_int_equal(
		cv_target_find(&ctx, &arena, env_dir, CV_CLEAR_ENVIRONMENT, &target, &err), 0);
	snprintf(other, sizeof(other), "%s/other", test_dir);
	snprintf(away, sizeof(away), "%s/away", test_dir);
	assert_int_equal(rename(env_dir, away), 0);
	assert_int_equal(symlink(other, env_dir), 0);
	assert_true(cv_target_lock(&ctx, &target, &err) < 0);
	cv_target_close(&target);
	cv_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_clear_says_what_it_could_not_remove, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_clear_replaces_a_directory_of_the_reserved_name, setup,
			test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_lock_follows_no_link_that_appears, setup, test_dir_teardown),
		cmocka_unit_test(test_a_new_directory_that_another_process_locks_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
