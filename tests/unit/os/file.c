/* SPDX-License-Identifier: MIT */
#include "../support/world.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/system.h"

static void write_new(const char *name, const char *text)
{
	struct cv_os_file f;

	assert_int_equal(cv_os_create(at, name, 0600, &f), 0);
	assert_int_equal(cv_os_write(f, text, strlen(text)), 0);
	assert_int_equal(cv_os_close(&f), 0);
	assert_false(cv_os_file_ok(f));
}

static void test_create_write_read(void **state)
{
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;
	char buf[16];

	(void)state;
	write_new("f", "hello");
	assert_int_equal(cv_os_create(at, "f", 0600, &f), -EEXIST);
	assert_false(cv_os_file_ok(f));
	assert_int_equal(cv_os_open(at, "f", CV_OS_WRITE, &f), 0);
	assert_int_equal(cv_os_write_at(f, "J", 1, 0), 0);
	assert_int_equal(cv_os_read_at(f, buf, 2, 3), 2);
	assert_memory_equal(buf, "lo", 2);
	assert_int_equal(cv_os_read(f, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "Jello", 5);
	assert_int_equal(cv_os_read(f, buf, sizeof(buf)), 0);
}

static void test_create_follows_no_link(void **state)
{
	struct cv_os_file f;

	(void)state;
	if (!make_link("nowhere", "l"))
		skip();
	assert_int_equal(cv_os_create(at, "l", 0600, &f), -EEXIST);
	assert_int_equal(cv_os_make_dir(at, "l", 0700), -EEXIST);
	assert_int_equal(cv_os_access(at, "l", CV_OS_MAY_EXIST), -ENOENT);
}

static void test_open_and_links(void **state)
{
	struct cv_os_file f;

	(void)state;
	write_new("f", "");
	assert_int_equal(cv_os_open(at, "none", CV_OS_FOLLOW, &f), -ENOENT);
	assert_int_equal(cv_os_open(at, "f/x", CV_OS_FOLLOW, &f), CV_WINDOWS ? -ENOENT : -ENOTDIR);
	if (!make_link("f", "l"))
		return;
	assert_int_equal(cv_os_open(at, "l", CV_OS_NOFOLLOW, &f), -ELOOP);
	assert_int_equal(cv_os_open(at, "l", CV_OS_FOLLOW, &f), 0);
	assert_int_equal(cv_os_close(&f), 0);
}

static void test_stat(void **state)
{
	struct cv_os_stat st, other;
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;

	(void)state;
	write_new("f", "12345");
	assert_int_equal(cv_os_link(at, "f", at, "second"), 0);
	assert_int_equal(cv_os_stat(at, "f", CV_OS_NOFOLLOW, &st), 0);
	assert_int_equal(st.type, CV_OS_FILE);
	assert_int_equal(st.mode, 0600);
	assert_int_equal(st.size, 5);
	assert_int_equal(st.links, 2);
	assert_true(st.owner == cv_os_user());
	assert_int_equal(cv_os_open(at, "second", CV_OS_FOLLOW, &f), 0);
	assert_int_equal(cv_os_stat_file(f, &other), 0);
	assert_true(cv_os_same(&st, &other));
	if (make_link("f", "l")) {
		assert_int_equal(cv_os_stat(at, "l", CV_OS_FOLLOW, &other), 0);
		assert_true(cv_os_same(&st, &other));
		assert_int_equal(cv_os_stat(at, "l", CV_OS_NOFOLLOW, &other), 0);
		assert_int_equal(other.type, CV_OS_LINK);
		assert_false(cv_os_same(&st, &other));
	}
	assert_int_equal(cv_os_stat(at, ".", CV_OS_NOFOLLOW, &st), 0);
	assert_int_equal(st.type, CV_OS_DIR);
	assert_int_equal(cv_os_stat(at, "none", CV_OS_NOFOLLOW, &st), -ENOENT);
}

static void test_times(void **state)
{
	enum { LATE = 10000 };
	const int64_t late = INT64_C(10000000000); /* in 2286: in nanoseconds, more than 64 bits */
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;
	struct cv_os_stat st;

	(void)state;
	write_new("f", "");
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &f), 0);
	assert_int_equal(cv_os_set_mtime(f, 42), 0);
	assert_int_equal(cv_os_stat(at, "f", CV_OS_FOLLOW, &st), 0);
	assert_int_equal(st.mtime.s, 42);
	assert_int_equal(st.mtime.ns, 0);
	if (cv_os_set_mtime_at(at, "f", late) == 0) {
		assert_int_equal(cv_os_stat(at, "f", CV_OS_FOLLOW, &st), 0);
		assert_true(st.mtime.s == late || st.mtime.s > LATE); /* or the last it can keep */
	}
	assert_int_equal(cv_os_set_mtime_dir(at, 43), 0);
	assert_int_equal(cv_os_stat_dir(at, &st), 0);
	assert_int_equal(st.mtime.s, 43);
	assert_int_equal(cv_os_set_mtime_at(at, "f", 42), 0);
	assert_int_equal(cv_os_touch_at(at, "f"), 0);
	assert_int_equal(cv_os_stat(at, "f", CV_OS_FOLLOW, &st), 0);
	assert_true(st.mtime.s > LATE);
}

static void test_shared_blocks(void **state)
{
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE, clone = CV_OS_NO_FILE;
	uint64_t shared = 1;
	bool cloned;
	int rc;

	(void)state;
	write_new("f", "hello");
	assert_int_equal(cv_os_open(at, "f", CV_OS_QUIET, &f), 0);
	rc = cv_os_shared(f, &shared);
	assert_true(rc == 0 || cv_err_unsupported(-rc));
	assert_int_equal(shared, 0);
	assert_int_equal(cv_os_create_clone(at, "g", 0600, f, &clone, &cloned), 0);
	if (rc < 0 || !cloned)
		return;
	assert_int_equal(cv_os_shared(f, &shared), 0);
	assert_true(shared > 0);
}

static void test_modes(void **state)
{
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;
	struct cv_os_stat st;

	(void)state;
	if (CV_WINDOWS) /* which has none; see names_windows.c */
		skip();
	write_new("f", "");
	assert_int_equal(cv_os_chmod_at(at, "f", 0640), 0);
	assert_int_equal(cv_os_stat(at, "f", CV_OS_FOLLOW, &st), 0);
	assert_int_equal(st.mode, 0640);
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &f), 0);
	assert_int_equal(cv_os_chmod(f, 0755), 0);
	assert_int_equal(cv_os_access(at, "f", CV_OS_MAY_READ | CV_OS_MAY_EXECUTE), 0);
	assert_int_equal(cv_os_access(at, "none", CV_OS_MAY_EXIST), -ENOENT);
	assert_int_equal(cv_os_chmod(f, 0600), 0);
	assert_int_equal(cv_os_access(at, "f", CV_OS_MAY_EXECUTE), -EACCES);
	assert_int_equal(cv_os_chmod_dir(at, CV_OS_STICKY | 0700), 0);
	assert_int_equal(cv_os_stat_dir(at, &st), 0);
	assert_int_equal(st.mode, CV_OS_STICKY | 0700);
}

static void test_copies_are_whole(void **state)
{
	OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE, to = CV_OS_NO_FILE;
	struct cv_os_stat st;
	bool cloned;
	int64_t n;

	(void)state;
	write_new("f", "0123456789");
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &from), 0);
	assert_int_equal(cv_os_create_clone(at, "clone", 0600, from, &to, &cloned), 0);
	assert_int_equal(cv_os_stat_file(to, &st), 0);
	assert_int_equal(st.size, cloned ? 10 : 0);
	if (!cloned) {
		n = cv_os_copy(from, 4, 3, to);
		assert_true(n == 0 || n == 3); /* 0: this file system copies nothing */
		assert_int_equal(cv_os_stat_file(to, &st), 0);
		assert_int_equal(st.size, n);
	}
	cv_os_drop_file(&to);
	assert_int_equal(cv_os_create_clone(at, "clone", 0600, from, &to, &cloned), -EEXIST);
	assert_int_equal(cv_os_create(at, "part", 0600, &to), 0);
	assert_int_equal(cv_os_clone_part(from, 0, 0, to), 1);
	assert_true(cv_os_clone_part(from, 0, 3, to) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_create_write_read),
		TEST(test_create_follows_no_link),
		TEST(test_open_and_links),
		TEST(test_stat),
		TEST(test_times),
		TEST(test_shared_blocks),
		TEST(test_modes),
		TEST(test_copies_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
