/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include "../support/world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void write_new(const char *name)
{
	struct cv_os_file f;

	assert_int_equal(cv_os_create(at, name, 0600, &f), 0);
	assert_int_equal(cv_os_close(&f), 0);
}

static void test_names_that_no_file_can_have(void **state)
{
	static const char *const bad[] = { "a:b", "a*b", "a?b", "../x", "d/../x", "\xff" };
	struct cv_os_file f;
	struct cv_os_stat st;
	char name[300];

	(void)state;
	test_mkdir(dir, "d");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int rc = cv_os_create(at, bad[i], 0600, &f);

		assert_true(rc == -EINVAL || rc == -EILSEQ);
		assert_int_not_equal(cv_os_stat(at, bad[i], CV_OS_FOLLOW, &st), 0);
	}
	/* What Win32 cannot open later is not made. */
	assert_int_equal(cv_os_create(at, "a.", 0600, &f), -EINVAL);
	assert_int_equal(cv_os_make_dir(at, "a ", 0700), -EINVAL);
	write_new("f");
	assert_int_equal(cv_os_rename(at, "f", at, "f.", CV_OS_NEW), -EINVAL);
	assert_int_equal(cv_os_link(at, "f", at, "f:stream"), -EINVAL);
	memset(name, 'n', 256);
	name[256] = '\0';
	assert_int_equal(cv_os_create(at, name, 0600, &f), -ENAMETOOLONG);
	assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, "d", CV_OS_FOLLOW, &st), -EINVAL);
	assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, "C:d", CV_OS_FOLLOW, &st), -EINVAL);
}

static void test_names_of_one_file(void **state)
{
	static const char *const relative[] = { "d/f", "d\\f", "D/F", "./d//f", "d/./f" };
	static const char *const absolute[][2] = { { "", "\\d\\f" }, { "", "/d/f" },
		{ "\\\\?\\", "\\d\\f" }, { "\\\\.\\", "\\d\\f" }, { "", "\\d\\..\\.\\d\\f" } };
	struct cv_os_stat st, other;
	char path[600];

	(void)state;
	test_mkdir(dir, "d");
	write_new("d/f");
	assert_int_equal(cv_os_stat(at, "d/f", CV_OS_NOFOLLOW, &st), 0);
	for (size_t i = 0; i < sizeof(relative) / sizeof(relative[0]); i++) {
		assert_int_equal(cv_os_stat(at, relative[i], CV_OS_FOLLOW, &other), 0);
		assert_true(cv_os_same(&st, &other));
	}
	for (size_t i = 0; i < sizeof(absolute) / sizeof(absolute[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", absolute[i][0], dir, absolute[i][1]);
		assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &other), 0);
		assert_true(cv_os_same(&st, &other));
	}
}

/* As the native calls get them; no other way tells about servers. */
static void test_native_names(void **state)
{
	static const struct {
		const char *path;
		const wchar_t *native;
	} paths[] = {
		{ "C:\\", L"\\??\\C:\\" },
		{ "c:/x/../..", L"\\??\\c:\\" },
		{ "C:\\x\\", L"\\??\\C:\\x" },
		{ "\\\\?\\C:\\x", L"\\??\\C:\\x" },
		{ "\\??\\C:\\x", L"\\??\\C:\\x" },
		{ "//server/share", L"\\??\\UNC\\server\\share\\" },
		{ "\\\\server\\share\\x\\..\\..\\..\\y", L"\\??\\UNC\\server\\share\\y" },
		{ "\\\\?\\unc\\server\\share\\..\\x", L"\\??\\unc\\server\\share\\x" },
		{ "C:\\\xed\xa0\x80", L"\\??\\C:\\\xd800" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		OWN_NT_NAME struct cv_nt_name name = { .heap = NULL };

		assert_int_equal(cv_nt_name(&name, CV_OS_ABSOLUTE, paths[i].path), 0);
		assert_int_equal(name.text.Length, wcslen(paths[i].native) * sizeof(wchar_t));
		assert_memory_equal(name.text.Buffer, paths[i].native, name.text.Length);
	}
}

/* Longer than the 260 units of Win32. */
static void test_long_paths(void **state)
{
	enum { DEPTH = 3 };
	char path[1000], name[201];
	struct cv_os_stat st;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(path, sizeof(path), "%s", dir);
	for (int i = 0; i < DEPTH; i++) {
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "\\%s", name);
		assert_int_equal(cv_os_make_dir(CV_OS_ABSOLUTE, path, 0700), 0);
	}
	assert_int_equal(cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &st), 0);
	assert_int_equal(st.type, CV_OS_DIR);
	for (int i = 0; i < DEPTH; i++) {
		assert_int_equal(cv_os_remove_dir(CV_OS_ABSOLUTE, path), 0);
		*strrchr(path, '\\') = '\0';
	}
}

static void test_hidden_directories(void **state)
{
	OWN_OS_DIR struct cv_os_dir d = CV_OS_NO_DIR;
	struct cv_os_stat st;

	(void)state;
	assert_int_equal(cv_os_make_dir(at, "d", CV_OS_HIDDEN | 0700), 0);
	check_tree("d d hidden\n");
	assert_int_equal(cv_os_open_dir(at, "d", CV_OS_NOFOLLOW, &d), 0);
	assert_int_equal(cv_os_stat_dir(d, &st), 0);
	assert_int_equal(st.mode & ~(unsigned)CV_OS_STICKY, CV_OS_HIDDEN | 0700);
	assert_true(st.owner == cv_os_user());
	assert_int_equal(cv_os_chmod_dir(d, 0700), 0);
	check_tree("d d -\n");
}

static void test_read_only_files(void **state)
{
	OWN_OS_FILE struct cv_os_file f = CV_OS_NO_FILE;
	struct cv_os_stat st;

	(void)state;
	assert_int_equal(cv_os_create(at, "f", 0400, &f), 0);
	assert_int_equal(cv_os_write(f, "x", 1), 0);
	assert_int_equal(cv_os_stat_file(f, &st), 0);
	assert_int_equal(st.mode, 0400);
	cv_os_drop_file(&f);
	check_tree("f f readonly x\n");
	write_new("g");
	assert_int_equal(cv_os_rename(at, "g", at, "f", CV_OS_REPLACE), 0);
	check_tree("f f - \n");
	assert_int_equal(cv_os_chmod_at(at, "f", 0444), 0);
	check_tree("f f readonly \n");
	assert_int_equal(cv_os_unlink(at, "f"), 0);
	check_tree("");
}

static void test_locks_go_with_their_handle(void **state)
{
	OWN_OS_DIR struct cv_os_dir a = CV_OS_NO_DIR, b = CV_OS_NO_DIR, other = CV_OS_NO_DIR;

	(void)state;
	test_mkdir(dir, "other");
	assert_int_equal(cv_os_open_dir(at, ".", CV_OS_FOLLOW, &a), 0);
	assert_int_equal(cv_os_open_dir(at, ".", CV_OS_FOLLOW, &b), 0);
	assert_int_equal(cv_os_open_dir(at, "other", CV_OS_FOLLOW, &other), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cv_os_lock_dir(a), 0);
		assert_int_equal(cv_os_lock_dir(a), 0);
		assert_int_equal(cv_os_lock_dir(b), -EWOULDBLOCK);
		assert_int_equal(cv_os_lock_dir(other), 0);
		cv_os_close_dir(&other);
		assert_int_equal(cv_os_lock_dir(b), -EWOULDBLOCK);
		assert_int_equal(cv_os_open_dir(at, "other", CV_OS_FOLLOW, &other), 0);
		cv_os_close_dir(&a);
		a = cv_os_take_dir(&b);
		assert_int_equal(cv_os_open_dir(at, ".", CV_OS_FOLLOW, &b), 0);
	}
}

static void test_types_of_reparse_points(void **state)
{
	enum { POINT = FILE_ATTRIBUTE_REPARSE_POINT, DIR = FILE_ATTRIBUTE_DIRECTORY };

	(void)state;
	assert_int_equal(cv_nt_type(0, 0), CV_OS_FILE);
	assert_int_equal(cv_nt_type(DIR, 0), CV_OS_DIR);
	assert_int_equal(cv_nt_type(POINT, 0xA000000CUL), CV_OS_LINK);       /* symbolic link */
	assert_int_equal(cv_nt_type(POINT | DIR, 0xA0000003UL), CV_OS_LINK); /* junction */
	assert_int_equal(cv_nt_type(POINT, 0x80000013UL), CV_OS_FILE);       /* deduplicated */
	assert_int_equal(cv_nt_type(POINT | DIR, 0x9000601AUL), CV_OS_DIR);  /* OneDrive */
	assert_int_equal(cv_nt_type(POINT, 0x8000001BUL), CV_OS_OTHER); /* an alias for an app */
	assert_int_equal(cv_nt_type(POINT, 0xA000001DUL), CV_OS_OTHER); /* link of WSL */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_that_no_file_can_have),
		TEST(test_names_of_one_file),
		TEST(test_native_names),
		TEST(test_long_paths),
		TEST(test_hidden_directories),
		TEST(test_read_only_files),
		TEST(test_locks_go_with_their_handle),
		TEST(test_types_of_reparse_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
