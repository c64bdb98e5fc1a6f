/* SPDX-License-Identifier: MIT */
#include "env/portable.h"

#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "fs/bytecode.h"

static void test_formats(void **state)
{
	(void)state;
	assert_int_equal(cv_archive_format_of("/a/env.tar.gz"), CV_ARCHIVE_TAR_GZ);
	assert_int_equal(cv_archive_format_of("x.TGZ"), CV_ARCHIVE_TAR_GZ);
	assert_int_equal(cv_archive_format_of("x.tar.zst"), CV_ARCHIVE_TAR_ZST);
	assert_int_equal(cv_archive_format_of("x.tzst"), CV_ARCHIVE_TAR_ZST);
	assert_int_equal(cv_archive_format_of("x.tar"), CV_ARCHIVE_TAR);
	assert_int_equal(cv_archive_format_of("x.zip"), CV_ARCHIVE_ZIP);
	assert_int_equal(cv_archive_format_of("x.tar.gz/d"), CV_ARCHIVE_DIRECTORY);
	assert_int_equal(cv_archive_format_of(".zip"), CV_ARCHIVE_DIRECTORY);
}

static struct cv_packed *add(
	struct cv_packed_list *list, enum cv_packed_type type, const char *name, const char *target)
{
	struct cv_packed *m = cv_packed_add(list, name);

	assert_non_null(m);
	m->type = type;
	m->target = target;
	return m;
}

static void test_sorted_and_last_of_a_name(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_packed_list list = { .arena = &a };

	(void)state;
	add(&list, CV_PACKED_FILE, "a/x", NULL);
	add(&list, CV_PACKED_FILE, "a-b", NULL);
	add(&list, CV_PACKED_DIR, "a", NULL);
	add(&list, CV_PACKED_LINK, "a/x", "y");
	cv_packed_sort(&list);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.all[0].name, "a");
	assert_string_equal(list.all[1].name, "a-b");
	assert_int_equal(cv_packed_find(&list, "a/x")->type, CV_PACKED_LINK);
	assert_null(cv_packed_find(&list, "b"));
}

static void leads(const struct cv_packed_list *list, const char *name, const char *expected)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *got = cv_packed_resolve(list, &a, name);

	if (!expected)
		assert_null(got);
	else if (!got || strcmp(got, expected) != 0)
		fail_msg("%s leads to %s", name, got ? got : "(nothing)");
}

static void test_links(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_packed_list list = { .arena = &a };

	(void)state;
	add(&list, CV_PACKED_DIR, "bin", NULL);
	add(&list, CV_PACKED_LINK, "bin/python", "python3");
	add(&list, CV_PACKED_LINK, "bin/python3", "../lib64/x");
	add(&list, CV_PACKED_LINK, "lib64", "lib/./deep//er");
	add(&list, CV_PACKED_LINK, "out", "/etc");
	add(&list, CV_PACKED_LINK, "through", "out/passwd");
	add(&list, CV_PACKED_LINK, "up", "lib/../../x");
	/* By its text it stays inside; but lib64 leads deeper, and ".." starts there. */
	add(&list, CV_PACKED_LINK, "in", "lib64/../../x");
	add(&list, CV_PACKED_LINK, "loop", "loop");
	cv_packed_sort(&list);
	leads(&list, "bin/python", "lib/deep/er/x");
	leads(&list, "in", "lib/x");
	leads(&list, "out", NULL);
	leads(&list, "through", NULL);
	leads(&list, "up", NULL);
	leads(&list, "loop", NULL);
}

static void test_targets(void **state)
{
	static const char *const places[] = { "/e", "/old/env" };
	struct cv_arena a OWN_ARENA = { 0 };

	(void)state;
	assert_string_equal(cv_portable_target(&a, "bin/x", "/e/lib/y", places, 2), "../lib/y");
	assert_string_equal(cv_portable_target(&a, "x", "/old/env", places, 2), ".");
	assert_string_equal(cv_portable_target(&a, "a/b/x", "/e/c", places, 2), "../../c");
	assert_string_equal(cv_portable_target(&a, "x", "/e2/c", places, 2), "/e2/c");
	assert_string_equal(cv_portable_target(&a, "x", "../c", places, 2), "../c");
	assert_string_equal(cv_portable_target(&a, "x", "/e/../c", places, 2), "/e/../c");
}

static void pth(const char *text, int expected, const char *result)
{
	static const char *const places[] = { "/e" };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_str outside = { 0 };

	assert_int_equal(
		cv_portable_pth(&b, &a, "lib/site", cv_str(text), places, 1, &outside), expected);
	if (expected < 0)
		assert_memory_equal(outside.p, result, strlen(result));
	else if (expected > 0)
		assert_string_equal(b.p, result);
}

static void test_pth(void **state)
{
	(void)state;
	pth("", 0, NULL);
	pth("# /x\nimport os; '/x'\nimport\tos\n\n", 0, NULL);
	pth("sub\n../../src\n", 0, NULL);
	pth("a\r\n/e/src\r\nb", 1, "a\r\n../../src\nb");
	pth("/e\n", 1, "../../.\n");
	pth("/e2/src\n", -1, "/e2/src");
	pth("../../../x\n", -1, "../../../x");
	pth("/e/../x\n", -1, "/e/../x");
	pth("/e/./lib/../src\n", 1, "../../src\n");
	pth("\xef\xbb\xbf/e/src\n", 1, "\xef\xbb\xbf../../src\n");
	pth("\xef\xbb\xbf/x\n", -1, "/x");
}

static void test_bytecode(void **state)
{
	char header[CV_PYC_HEADER] = { 1, 2, 3, 4, 0, 0, 0, 0, 9, 1, 0, 0, 5, 0, 0, 0 };
	struct cv_packed source = { .type = CV_PACKED_FILE, .mtime = 265, .size = 5 };
	const struct cv_str text = { header, sizeof(header) };

	(void)state;
	assert_int_equal(cv_bytecode_dating(text, &source), CV_DATING_TIME);
	assert_int_equal(cv_bytecode_dating(text, NULL), CV_DATING_STALE);
	assert_int_equal(
		cv_bytecode_dating((struct cv_str){ header, 15 }, &source), CV_DATING_STALE);
	cv_bytecode_date(header, 0x01020304, false);
	assert_memory_equal(header + CV_PYC_MTIME_AT, "\4\3\2\1\5\0\0\0", 8);
	assert_int_equal(cv_bytecode_dating(text, &source), CV_DATING_STALE);
	source.mtime = 0x01020304;
	source.has_data = true;
	assert_int_equal(cv_bytecode_dating(text, &source), CV_DATING_STALE);
	cv_bytecode_date(header, 0, true);
	assert_memory_equal(header, "\1\2\3\4\1\0\0\0\0\0\0\0\0\0\0\0", CV_PYC_HEADER);
	assert_int_equal(cv_bytecode_dating(text, &source), CV_DATING_NONE);
}

static void test_prefixes(void **state)
{
	static const struct cv_pair pairs[] = { { "/a/base", "/new" }, { "/a/base/x", "/other" } };
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	assert_true(cv_portable_prefixes(&b,
		CV_LIT("-I/a/base/inc /a/base2 '/a/base' /a/base-x /a/base/x/y\n/a/base"), pairs,
		2));
	cv_buf_char(&b, '\0');
	assert_string_equal(
		cv_buf_slice(&b).p, "-I/new/inc /a/base2 '/new' /a/base-x /other/y\n/new");
	cv_buf_done(&b);
	b = (struct cv_buf){ 0 };
	assert_false(cv_portable_prefixes(&b, CV_LIT("/a/base_ /a//base"), pairs, 2));
	assert_true(cv_str_eq(cv_buf_slice(&b), CV_LIT("/a/base_ /a//base")));
	cv_buf_done(&b);
	b = (struct cv_buf){ 0 };
	assert_false(cv_portable_prefixes(&b, (struct cv_str){ 0 }, pairs, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_sorted_and_last_of_a_name),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_pth),
		cmocka_unit_test(test_bytecode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
