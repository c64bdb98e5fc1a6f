/* SPDX-License-Identifier: MIT */
/* The names of ENV_DIR that are refused on Windows, on every system. */
#include "base/system.h"

#define CV_WINDOWS 1
/* instead of the library's */
#include "../../../src/base/path.c"
#include "../../../src/create/env_name.c"

#include "../support/cmocka_all.h"

static void test_accepts(void **state)
{
	static const char *const good[] = { "C:\\", "C:\\x\\.venv", "C:\\it's\\per%cent%",
		"C:\\amp&ersand\\\xc3\xa9\xe4\xb8\xad sp ace", "\\\\srv\\share\\x",
		"\\\\srv\\share", "\\\\?\\C:\\x", "\\\\?\\UNC\\srv\\share\\x", "D:\\con1\\nul-x" };
	struct cvenv_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(cv_env_name_check(good[i], &err), 0);
	assert_int_equal(err.code, 0);
}

static void test_refuses(void **state)
{
	static const char *const bad[][2] = {
		{ "C:\\semi;colon", "PATH separator ';'" }, { "C:\\CON", "'CON' is a device" },
		{ "C:\\x\\nul.txt\\env", "'nul.txt' is a device" },
		{ "C:\\com\xc2\xb9", "is a device" },
		{ "C:\\colon:x", "'colon:x' contains a character" },
		{ "C:\\a?b", "'a?b' contains a character" }, { "C:\\a\nb", "contains a character" },
		{ "C:\\a \\b", "'a ' ends with a dot or a space" },
		{ "C:\\...", "'...' ends with a dot or a space" },
		{ "\\\\?\\C:\\x.", "'x.' ends with a dot or a space" },
		{ "\\\\.\\C:\\x", "it is a device" }, { "\\\\srv", "a server without a share" },
		{ "\\\\srv\\", "a server without a share" },
		{ "\\\\\\share\\x", "a server without a share" },
		{ "C:\\\xed\xa0\x80", "not UTF-8" }, /* half of a surrogate pair */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cvenv_error err = { 0 };

		assert_true(cv_env_name_check(bad[i][0], &err) < 0);
		assert_non_null(strstr(err.message, bad[i][1]));
		assert_true(err.hint[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
