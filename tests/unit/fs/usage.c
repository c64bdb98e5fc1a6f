/* SPDX-License-Identifier: MIT */
#include "fs/usage.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/fault.h"
#include "../support/tree.h"

enum { BIG = 100 * 1000 };

static uint64_t disk_of(const char *name)
{
	char path[300];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	assert_int_equal(lstat(path, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void write_big(const char *name)
{
	char *text = malloc(BIG + 1);

	memset(text, 'x', BIG);
	text[BIG] = '\0';
	test_write(test_dir, name, text);
	free(text);
}

static void link_file(const char *from, const char *to)
{
	char a[300], b[300];

	(void)snprintf(a, sizeof(a), "%s/%s", test_dir, from);
	(void)snprintf(b, sizeof(b), "%s/%s", test_dir, to);
	assert_int_equal(link(a, b), 0);
}

static struct cv_usage usage_of(const char *name)
{
	struct cv_usage usage = { .extents = true };
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	assert_int_equal(cv_usage_add_tree(&usage, CV_OS_ABSOLUTE, path, NULL), 0);
	cv_usage_end(&usage);
	return usage;
}

/* "a" has a file of its own, one with two names, and one that "b" and "elsewhere" have as well. */
static int setup(void **state)
{
	test_dir_setup(state);
	test_mkdir(test_dir, "a");
	test_mkdir(test_dir, "a/sub");
	test_mkdir(test_dir, "b");
	write_big("a/own");
	write_big("a/twice");
	link_file("a/twice", "a/sub/twice");
	write_big("a/shared");
	link_file("a/shared", "b/shared");
	return 0;
}

static void test_counts_each_file_once(void **state)
{
	struct cv_usage usage = usage_of("a");
	uint64_t own = disk_of("a") + disk_of("a/sub") + disk_of("a/own") + disk_of("a/twice");

	(void)state;
	assert_int_equal(usage.files, 4);
	assert_int_equal(usage.bytes, own + disk_of("a/shared"));
	assert_int_equal(usage.frees, own);
	cv_usage_done(&usage);
}

static void test_a_file_is_freed_with_its_last_name(void **state)
{
	struct cv_usage a = usage_of("a"), b = usage_of("b"), both = { 0 };

	(void)state;
	assert_int_equal(b.frees, disk_of("b"));
	assert_int_equal(cv_usage_merge(&both, &a), 0);
	assert_int_equal(cv_usage_merge(&both, &b), 0);
	cv_usage_end(&both);
	assert_int_equal(both.files, 5);
	assert_int_equal(both.bytes, a.bytes + disk_of("b"));
	assert_int_equal(both.frees, both.bytes);
	cv_usage_done(&a);
	cv_usage_done(&b);
	cv_usage_done(&both);
}

static void test_many_files_with_two_names(void **state)
{
	struct cv_usage usage = { 0 };
	struct cv_os_stat st = { .type = CV_OS_FILE, .links = 2, .disk = 10 };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 10000; i++) {
			st.id = (struct cv_os_id){ .device = 1, .number = { i * 4096, 0 } };
			assert_int_equal(cv_usage_add(&usage, CV_OS_ABSOLUTE, "", &st), 0);
		}
		cv_usage_end(&usage);
		assert_int_equal(usage.bytes, 100000);
		assert_int_equal(usage.frees, round * 100000);
	}
	cv_usage_done(&usage);
}

static void test_out_of_memory(void **state)
{
	char path[300];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/a", test_dir);
	for (int n = 1;; n++) {
		struct cv_usage usage = { 0 };
		int rc;

		fault_arm(n, ENOMEM);
		rc = cv_usage_add_tree(&usage, CV_OS_ABSOLUTE, path, NULL);
		if (!fault_disarm()) {
			cv_usage_done(&usage);
			break;
		}
		assert_true(rc == 0 || rc == -ENOMEM);
		cv_usage_done(&usage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_counts_each_file_once, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_a_file_is_freed_with_its_last_name, setup, test_dir_teardown),
		cmocka_unit_test(test_many_files_with_two_names),
		cmocka_unit_test_setup_teardown(test_out_of_memory, setup, test_dir_teardown),
	};

	return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
