/* SPDX-License-Identifier: MIT */
#include "cli/allowed.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "base/own.h"

static struct cv_permit permit(const char *path, uint64_t inode, char digit)
{
	struct cv_permit p = { .path = path, .id = { 0xfd00, { inode, 0 } } };

	memset(p.sum, digit, CV_SHA256_HEX);
	return p;
}

static void keeps(struct cv_buf *list, const struct cv_permit *p, bool answer)
{
	OWN_BUF struct cv_buf old = *list;

	*list = (struct cv_buf){ 0 };
	cv_allowed_add(list, cv_buf_slice(&old), p, answer);
	assert_false(list->bad);
}

static void says(const struct cv_buf *list, const struct cv_permit *p, enum cv_permission expected)
{
	assert_int_equal(cv_allowed_find(cv_buf_slice(list), p), expected);
}

static void test_answers(void **state)
{
	OWN_BUF struct cv_buf list = { 0 };
	struct cv_permit a = permit("/a b/.venv", 7, 'a'), b = permit("/a", 7, 'a');
	struct cv_permit script = permit("/a", 7, 'b'), dir = permit("/a", 8, 'a');

	(void)state;
	says(&list, &a, CV_PERMISSION_NONE);
	keeps(&list, &a, true);
	keeps(&list, &b, false);
	says(&list, &a, CV_PERMISSION_YES);
	says(&list, &b, CV_PERMISSION_NO);
	says(&list, &script, CV_PERMISSION_OTHER);
	says(&list, &dir, CV_PERMISSION_OTHER);
	keeps(&list, &script, true);
	says(&list, &script, CV_PERMISSION_YES);
	says(&list, &b, CV_PERMISSION_OTHER);
	says(&list, &a, CV_PERMISSION_YES);
	assert_memory_equal(list.p, "yes aaaa", 8);
	assert_non_null(strstr(list.p, " fd00:7:0 /a b/.venv\nyes bbbb"));
}

static void test_names_with_newlines(void **state)
{
	OWN_BUF struct cv_buf list = { 0 };
	struct cv_permit p = permit("/x\nyes y\x1b%0A", 1, 'c'), q = permit("/x", 1, 'c');

	(void)state;
	keeps(&list, &p, true);
	assert_non_null(strstr(list.p, " /x%0Ayes y%1B%250A\n"));
	says(&list, &p, CV_PERMISSION_YES);
	says(&list, &q, CV_PERMISSION_NONE);
}

/* A line that lacks anything, even its end, allows nothing. */
static void test_other_lines(void **state)
{
	OWN_BUF struct cv_buf list = { 0 }, other = { 0 };
	struct cv_permit p = permit("/x", 1, 'c');

	(void)state;
	keeps(&list, &p, true);
	for (size_t n = 0; n < list.n; n++) {
		struct cv_str part = { list.p, n }, rest = { list.p + n + 1, list.n - n - 1 };

		assert_true(cv_allowed_find(part, &p) != CV_PERMISSION_YES);
		other.n = 0;
		cv_buf_str(&other, part);
		cv_buf_char(&other, 'X');
		cv_buf_str(&other, rest);
		assert_true(cv_allowed_find(cv_buf_slice(&other), &p) != CV_PERMISSION_YES);
	}
	assert_int_equal(
		cv_allowed_find(CV_LIT("yes\nno\n\n yes \nyes    /x\n"), &p), CV_PERMISSION_NONE);
}

static void test_the_oldest_go(void **state)
{
	OWN_BUF struct cv_buf list = { 0 };
	struct cv_permit first = permit("/first", 1, 'c'), last = permit("/last", 1, 'c');
	static char path[CV_ALLOWED_MAX - 230];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	keeps(&list, &first, true);
	keeps(&list, &(struct cv_permit){ .path = path }, true);
	keeps(&list, &last, true);
	says(&list, &first, CV_PERMISSION_YES);
	says(&list, &last, CV_PERMISSION_YES);
	for (char c = 'a'; c < 'e'; c++)
		keeps(&list, &(struct cv_permit){ .path = (char[]){ '/', c, 0 } }, false);
	assert_true(list.n <= CV_ALLOWED_MAX);
	says(&list, &first, CV_PERMISSION_NONE);
	says(&list, &last, CV_PERMISSION_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_names_with_newlines),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_the_oldest_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
