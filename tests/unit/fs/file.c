/* SPDX-License-Identifier: MIT */
#include "fs/file.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/fault.h"
#include "../support/fd.h"
#include "../support/tree.h"
#include "../support/world.h"

static void test_read(void **state)
{
	struct cv_arena a = { 0 };
	struct cvenv_error err;
	struct cv_str s;

	(void)state;
	test_write(dir, "f", "hello");
	test_mkdir(dir, "d");
	assert_int_equal(symlinkat("f", test_fd(at), "l"), 0);
	assert_int_equal(mkfifoat(test_fd(at), "p", 0600), 0);
	assert_int_equal(mknodat(test_fd(at), "s", S_IFSOCK | 0600, 0), 0);
	assert_int_equal(cv_read_file(at, "f", CV_OS_FOLLOW, 5, &a, &s, &err), 0);
	assert_int_equal(s.n, 5);
	assert_string_equal(s.p, "hello");
	assert_int_equal(cv_read_file(at, "l", CV_OS_FOLLOW, 5, &a, &s, &err), 0);
	assert_int_equal(cv_read_file(at, "l", CV_OS_NOFOLLOW, 5, &a, &s, &err), -ELOOP);
	assert_int_equal(cv_read_file(at, "f", CV_OS_FOLLOW, 4, &a, &s, &err), -CVENV_ELIMIT);
	assert_int_equal(cv_read_file(at, "p", CV_OS_FOLLOW, 4, &a, &s, &err), -EINVAL);
	assert_int_equal(cv_read_file(at, "s", CV_OS_FOLLOW, 4, &a, &s, &err), -EINVAL);
	assert_int_equal(cv_read_file(at, "d", CV_OS_FOLLOW, 4, &a, &s, &err), -EINVAL);
	assert_int_equal(cv_read_file(at, "none", CV_OS_FOLLOW, 4, &a, &s, &err), -ENOENT);
	assert_string_equal(err.message, "cannot open 'none': No such file or directory");
	/* a file that says it is empty and is not */
	assert_int_equal(cv_read_file(CV_OS_ABSOLUTE, "/proc/self/status", CV_OS_FOLLOW, 1 << 20,
				 &a, &s, &err),
		0);
	assert_true(s.n > 100);
	assert_int_equal(
		cv_read_file(CV_OS_ABSOLUTE, "/proc/self/status", CV_OS_FOLLOW, 64, &a, &s, &err),
		-CVENV_ELIMIT);
	test_write(dir, "e", "");
	assert_int_equal(cv_read_file(at, "e", CV_OS_FOLLOW, 0, &a, &s, &err), 0);
	assert_int_equal(s.n, 0);
	cv_arena_done(&a);
}

static void test_modes(void **state)
{
	const struct cv_new_file plain = { .mode = 0666 }, exact = { .mode = 0755, .exact = true },
				 script = { .mode = 0666, .add_mode = 0555 };
	struct cvenv_error err;
	mode_t old = umask(077);

	(void)state;
	assert_int_equal(cv_write_new(at, "a", &plain, CV_LIT("x"), &err), 0);
	assert_int_equal(cv_write_new(at, "b", &exact, CV_LIT("x"), &err), 0);
	assert_int_equal(cv_write_new(at, "c", &script, CV_LIT("x"), &err), 0);
	umask(02);
	assert_int_equal(cv_write_new(at, "d", &script, CV_LIT("x"), &err), 0);
	umask(old);
	check_tree("f a 600 x\nf b 755 x\nf c 755 x\nf d 775 x\n");
}

static void test_new_is_new(void **state)
{
	const struct cv_new_file plain = { .mode = 0644 };
	struct cvenv_error err;

	(void)state;
	test_write(dir, "f", "old");
	assert_int_equal(symlinkat("nowhere", test_fd(at), "l"), 0);
	assert_int_equal(cv_write_new(at, "f", &plain, CV_LIT("new"), &err), -EEXIST);
	assert_int_equal(cv_write_new(at, "l", &plain, CV_LIT("new"), &err), -EEXIST);
	check_tree("f f 644 old\nl l -> nowhere\n");
}

static void test_copy(void **state)
{
	const struct cv_new_file how = { .mode = 0600, .set_mtime = true, .mtime = 315532800 };
	struct cvenv_error err;
	bool reflink = true;
	struct stat st;
	struct cv_os_file from;

	(void)state;
	test_write(dir, "f", "content");
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &from), 0);
	assert_int_equal(cv_copy_new(at, "g", &how, from, 7, &reflink, &err), 0);
	cv_os_drop_file(&from);
	assert_int_equal(fstatat(test_fd(at), "g", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 315532800);
	check_tree("f f 644 content\nf g 600 content\n");
	/* one that says it is empty and is not: by hand */
	reflink = false;
	assert_int_equal(cv_os_open(CV_OS_ABSOLUTE, "/proc/self/status", CV_OS_FOLLOW, &from), 0);
	assert_int_equal(cv_copy_new(at, "h", &how, from, 0, &reflink, &err), 0);
	cv_os_drop_file(&from);
	assert_int_equal(fstatat(test_fd(at), "h", &st, 0), 0);
	assert_true(st.st_size > 100);
}

/* Whichever call fails, the old file stays whole or the new one is, and no temporary is left. */
static void test_replace_is_all_or_nothing(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		struct cvenv_error err;
		int rc;
		bool failed;

		test_write(dir, "f", "old");
		fault_arm(n, ENOSPC);
		rc = cv_replace_file(at, "f", 0644, CV_LIT("new"), &err);
		failed = fault_disarm();
		if (!failed)
			assert_int_equal(rc, 0);
		else
			assert_int_equal(rc, -ENOSPC);
		check_tree(rc == 0 ? "f f 644 new\n" : "f f 644 old\n");
		if (!failed)
			break;
		assert_non_null(strstr(err.message, "cannot write 'f'"));
	}
}

static void test_write_leaves_nothing(void **state)
{
	const struct cv_new_file how = {
		.mode = 0644, .exact = true, .add_mode = 0111, .set_mtime = true, .mtime = 1
	};

	(void)state;
	for (int n = 1;; n++) {
		struct cvenv_error err;
		int rc;
		bool failed;

		fault_arm(n, EIO);
		rc = cv_write_new(at, "f", &how, CV_LIT("x"), &err);
		failed = fault_disarm();
		assert_int_equal(rc, failed ? -EIO : 0);
		check_tree(failed ? "" : "f f 755 x\n");
		if (!failed)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read),
		TEST(test_modes),
		TEST(test_new_is_new),
		TEST(test_copy),
		TEST(test_replace_is_all_or_nothing),
		TEST(test_write_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
