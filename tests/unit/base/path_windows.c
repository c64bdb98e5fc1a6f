/* SPDX-License-Identifier: MIT */
/* The paths of Windows, on every system: path.c as it is compiled there. */
#include "base/system.h"

#define CV_WINDOWS 1
#include "../../../src/base/path.c" /* instead of the library's */

#include "../support/cmocka_all.h"

static const char *const environment[] = { "=C:=C:\\cur\\dir", "=D:=C:\\wrong", NULL };

/*
 * What ntpath.abspath() returned on Windows in the directory Z:\w, except where this says "not so
 * there". tests/fuzz/oracle.py compares more with ntpath.
 */
static void test_abs(void **state)
{
	static const char *const cases[][2] = {
		{ "a", "Z:\\w\\a" },
		{ "", "Z:\\w" },
		{ ".", "Z:\\w" },
		{ "..\\..\\..", "Z:\\" },
		{ "../a/./b//c\\", "Z:\\a\\b\\c" },
		{ "C:/a//b/", "C:\\a\\b" },
		{ "C:\\", "C:\\" },
		{ "C:\\..\\x", "C:\\x" },
		{ "c:x", "C:\\cur\\dir\\x" },
		{ "C:", "C:\\cur\\dir" },
		{ "C:..", "C:\\cur" },
		{ "D:x", "D:\\x" },
		{ "E:", "E:\\" },
		{ "Z:x", "Z:\\w\\x" },
		{ "z:x", "Z:\\w\\x" },
		{ "\\x", "Z:\\x" },
		{ "/x/y", "Z:\\x\\y" },
		{ "//srv/share", "\\\\srv\\share" },
		{ "\\\\srv\\share\\", "\\\\srv\\share\\" },
		{ "\\\\srv\\share\\..\\..\\x", "\\\\srv\\share\\x" },
		{ "\\\\srv", "\\\\srv" },
		{ "\\\\?\\Z:\\a\\..\\..\\b", "\\\\?\\Z:\\b" },
		{ "\\\\?\\UNC\\srv\\share\\..\\..\\..\\x", "\\\\?\\UNC\\srv\\share\\x" },
		{ "\\\\?\\unc\\srv\\share\\x\\..", "\\\\?\\unc\\srv\\share\\" },
		{ "\\\\.\\Z:\\a\\..\\..\\b", "\\\\.\\Z:\\b" },
		{ "\\\\?\\GLOBALROOT\\Device\\x\\..\\..\\y", "\\\\?\\GLOBALROOT\\y" },
		{ "a.", "Z:\\w\\a" },
		{ "a ", "Z:\\w\\a" },
		{ "a. .", "Z:\\w\\a" },
		{ "a./", "Z:\\w\\a" },
		{ "a.\\b", "Z:\\w\\a\\b" },
		{ "a..\\b", "Z:\\w\\a.\\b" },
		{ "a \\b", "Z:\\w\\a \\b" },
		{ "a. \\b", "Z:\\w\\a. \\b" },
		{ " a", "Z:\\w\\ a" },
		{ "...", "Z:\\w\\..." },             /* not so there: it is removed */
		{ "a\\...\\b", "Z:\\w\\a\\...\\b" }, /* nor this: it becomes "..", which stays */
		{ "ab:c", "Z:\\w\\ab:c" },
	};
	const struct cv_ctx ctx = { .cwd = "Z:\\w", .envp = environment };
	struct cv_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(cv_path_abs(&a, &ctx, cases[i][0]), cases[i][1]);
	assert_string_equal(cv_path_abs(&a, NULL, "C:/x/../y"), "C:\\y");
	cv_arena_done(&a);
}

static void test_abs_on_share(void **state)
{
	const struct cv_ctx ctx = { .cwd = "\\\\srv\\share\\dir" };
	struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(cv_path_abs(&a, &ctx, "x"), "\\\\srv\\share\\dir\\x");
	assert_string_equal(cv_path_abs(&a, &ctx, "\\x"), "\\\\srv\\share\\x");
	assert_string_equal(cv_path_abs(&a, &ctx, "C:x"), "C:\\x");
	cv_arena_done(&a);
}

static void test_kinds(void **state)
{
	static const struct {
		const char *path;
		size_t root;
		bool abs, is_path;
	} cases[] = {
		{ "", 0, false, false },
		{ "x", 0, false, false },
		{ "x\\y", 0, false, true },
		{ "x/y", 0, false, true },
		{ "..", 0, false, true },
		{ "C:", 2, false, true },
		{ "C:x", 2, false, true },
		{ "\\x", 1, false, true },
		{ "/", 1, false, true },
		{ "C:\\x", 3, true, true },
		{ "c:/x", 3, true, true },
		{ "\\\\srv\\share\\x", 12, true, true },
		{ "//srv/share/x", 12, true, true },
		{ "\\\\srv\\share", 11, true, true },
		{ "\\\\?\\C:\\x", 7, true, true },
		{ "\\\\?\\UNC\\s\\h\\x", 12, true, true },
		{ "\xc3\xa9:x", 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cv_path_root(cases[i].path), cases[i].root);
		assert_int_equal(cv_path_is_abs(cases[i].path), cases[i].abs);
		assert_int_equal(cv_path_is_path(cases[i].path), cases[i].is_path);
	}
}

static void test_parts(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(cv_path_base("C:\\a\\b"), "b");
	assert_string_equal(cv_path_base("C:/a/b"), "b");
	assert_string_equal(cv_path_base("C:\\"), "");
	assert_string_equal(cv_path_base("C:b"), "b");
	assert_string_equal(cv_path_base("\\\\srv\\share"), "");
	assert_string_equal(cv_path_dir(&a, "C:\\a\\b"), "C:\\a");
	assert_string_equal(cv_path_dir(&a, "C:\\a"), "C:\\");
	assert_string_equal(cv_path_dir(&a, "C:\\"), "C:\\");
	assert_string_equal(cv_path_dir(&a, "\\\\srv\\share\\a"), "\\\\srv\\share\\");
	assert_string_equal(cv_path_dir(&a, "\\\\?\\C:\\a"), "\\\\?\\C:\\");
	assert_string_equal(cv_path_dir(&a, "lib/x"), "lib");
	assert_string_equal(cv_path_join(&a, "C:\\a", "lib/b"), "C:\\a\\lib\\b");
	assert_string_equal(cv_path_join(&a, "C:\\", "b"), "C:\\b");
	assert_string_equal(cv_path_join(&a, "C:\\a", "D:\\b"), "D:\\b");
	assert_string_equal(cv_path_join(&a, "C:\\a", "\\b"), "C:\\b");
	assert_string_equal(cv_path_join(&a, "C:\\a", "c:b"), "C:\\a\\b");
	assert_string_equal(cv_path_join(&a, "\\\\srv\\share", "b"), "\\\\srv\\share\\b");
	assert_string_equal(cv_path_join(&a, "lib/x", "y"), "lib/x/y");
	cv_arena_done(&a);
}

static void test_within(void **state)
{
	(void)state;
	assert_true(cv_path_within("C:\\a\\b", "c:\\A"));
	assert_true(cv_path_within("C:\\a", "C:\\"));
	assert_true(cv_path_same("C:\\a", "c:\\A"));
	assert_false(cv_path_same("C:\\a", "C:\\ab"));
	assert_true(cv_path_same("C:/a/b", "C:\\a\\b"));
	assert_string_equal(cv_path_below("C:/a/b", "C:\\a"), "b");
	assert_null(cv_path_below("C:/ab", "C:\\a"));
	assert_false(cv_path_within("C:\\ab", "C:\\a"));
	assert_false(cv_path_within("D:\\a", "C:\\a"));
	assert_string_equal(cv_path_below("C:\\a\\b\\c", "C:\\a"), "b\\c");
	assert_string_equal(cv_path_below("C:\\a", "C:\\"), "a");
	assert_string_equal(cv_path_below("Scripts/pip.exe", "scripts"), "pip.exe");
}

static void test_inside(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(cv_path_inside(&a, "Lib/x", "..\\..\\Scripts/a.exe"), "Scripts/a.exe");
	assert_null(cv_path_inside(&a, "Lib/x", "..\\..\\..\\a"));
	assert_null(cv_path_inside(&a, "Lib/x", "C:a"));
	assert_null(cv_path_inside(&a, "Lib/x", "\\a"));
	cv_arena_done(&a);
}

static void test_list(void **state)
{
	struct cv_str list = CV_LIT("C:\\a;\"C:\\b;c\";;C:\\\"d e\"\\f");
	static const char *const dirs[] = { "C:\\a", "C:\\b;c", "", "C:\\d e\\f" };
	struct cv_arena a = { 0 };
	char *dir;

	(void)state;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		assert_true(cv_path_list_cut(&a, &list, &dir));
		assert_string_equal(dir, dirs[i]);
	}
	assert_false(cv_path_list_cut(&a, &list, &dir));
	cv_arena_done(&a);
}

static void test_names(void **state)
{
	static const char *const good[] = { "a", "a b", ".a", "it's", "per%cent%", "amp&ersand",
		"\xc3\xa9", "console", "COM", "COM0", "COM10", "LPTx", "nul-x", "a.con" };
	static const char *const devices[] = { "CON", "con", "prn", "Aux", "NUL", "COM1", "com9",
		"LPT1", "lpt9", "COM\xc2\xb9", "LPT\xc2\xb2", "com\xc2\xb3", "CONIN$", "conout$",
		"con.txt", "nul.tar.gz", "CON .txt", "prn.", "aux " };
	static const char *const characters[] = { "a:b", "a<", "a>", "a\"", "a|", "a?", "a*",
		"a\x01", "a\n", "a\\b", "nul:" };
	static const char *const ends[] = { "a.", "a ", "...", ". .", " " };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(cv_name_on_windows(cv_str(good[i])), CV_NAME_OK);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		assert_int_equal(cv_name_on_windows(cv_str(devices[i])), CV_NAME_DEVICE);
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
		assert_int_equal(cv_name_on_windows(cv_str(characters[i])), CV_NAME_CHARACTER);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_int_equal(cv_name_on_windows(cv_str(ends[i])), CV_NAME_END);
	assert_true(cv_path_safe(CV_LIT("a/b.py")));
	assert_false(cv_path_safe(CV_LIT("a/nul.py")));
	assert_false(cv_path_safe(CV_LIT("a:b")));
	assert_false(cv_path_safe(CV_LIT("a./b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abs),
		cmocka_unit_test(test_abs_on_share),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
