/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "os/registry.h"

#include <errno.h>
#include <string.h>
#include <windows.h>

#include "alias.h"
#include "base/own.h"

#define KEY "Software\\cvenv-test"

static void set(const wchar_t *key, const wchar_t *name, DWORD type, const void *data, DWORD n)
{
	assert_int_equal(
		RegSetKeyValueW(HKEY_CURRENT_USER, key, name, type, data, n), ERROR_SUCCESS);
}

static int setup(void **state)
{
	(void)state;
	(void)RegDeleteTreeW(HKEY_CURRENT_USER, L"" KEY);
	set(L"" KEY "\\b\\InstallPath", NULL, REG_SZ, L"C:\\\u00e9\\", 12);
	set(L"" KEY "\\a\u4e2d", L"x", REG_SZ, L"", 0);
	set(L"" KEY "\\kinds", L"number", REG_DWORD, "1234", 4);
	set(L"" KEY "\\kinds", L"nul", REG_SZ, L"a\0b", 8);
	set(L"" KEY "\\kinds", L"no nul", REG_SZ, L"ab", 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)RegDeleteTreeW(HKEY_CURRENT_USER, L"" KEY);
	return 0;
}

static void test_keys_are_sorted(void **state)
{
	OWN_ARENA struct cv_arena a = { 0 };
	const char *const *keys = NULL;

	(void)state;
	assert_int_equal(cv_os_registry_keys(&a, CV_OS_HKCU, KEY, &keys), 0);
	assert_string_equal(keys[0], "a\xe4\xb8\xad");
	assert_string_equal(keys[1], "b");
	assert_string_equal(keys[2], "kinds");
	assert_null(keys[3]);
	assert_int_equal(cv_os_registry_keys(&a, CV_OS_HKCU, KEY "\\none", &keys), -ENOENT);
	assert_int_equal(cv_os_registry_keys(&a, CV_OS_HKLM, KEY, &keys), -ENOENT);
	assert_int_equal(cv_os_registry_keys(&a, CV_OS_HKLM_32, KEY, &keys), -ENOENT);
}

static void test_numbers(void **state)
{
	uint32_t n = 7;

	(void)state;
	set(L"" KEY "\\kinds", L"long", REG_QWORD, "12345678", 8);
	assert_int_equal(cv_os_registry_number(CV_OS_HKCU, KEY "\\kinds", "none", &n), -ENOENT);
	assert_int_equal(cv_os_registry_number(CV_OS_HKCU, KEY "\\none", "number", &n), -ENOENT);
	assert_int_equal(cv_os_registry_number(CV_OS_HKCU, KEY "\\kinds", "long", &n), -EINVAL);
	assert_int_equal(cv_os_registry_number(CV_OS_HKCU, KEY "\\kinds", "no nul", &n), -EINVAL);
	assert_int_equal(n, 7);
	assert_int_equal(cv_os_registry_number(CV_OS_HKCU, KEY "\\kinds", "number", &n), 0);
	assert_memory_equal(&n, "1234", 4);
}

static void reads(const char *key, const char *name, const char *want)
{
	OWN_ARENA struct cv_arena a = { 0 };
	char *got = NULL;

	assert_int_equal(cv_os_registry_text(&a, CV_OS_HKCU, key, name, &got), 0);
	assert_string_equal(got, want);
}

static void refuses(const char *key, const char *name, int code)
{
	OWN_ARENA struct cv_arena a = { 0 };
	char *got = NULL;

	assert_int_equal(cv_os_registry_text(&a, CV_OS_HKCU, key, name, &got), -code);
}

static void test_only_text_is_read(void **state)
{
	(void)state;
	reads(KEY "\\b\\InstallPath", "", "C:\\\xc3\xa9\\");
	reads(KEY "\\a\xe4\xb8\xad", "x", "");
	reads(KEY "\\kinds", "no nul", "ab");
	refuses(KEY "\\kinds", "number", EINVAL);
	refuses(KEY "\\kinds", "nul", EINVAL);
	refuses(KEY "\\kinds", "missing", ENOENT);
	refuses(KEY "\\kinds", "", ENOENT);
	refuses(KEY "\\none", "", ENOENT);
}

static size_t alias_data(char *ret, const wchar_t *texts, size_t units)
{
	const uint32_t tag = 0x8000001b, version = 3;
	uint16_t length = (uint16_t)(sizeof(version) + units * sizeof(wchar_t));

	memset(ret, 0, 8);
	memcpy(ret, &tag, sizeof(tag));
	memcpy(ret + 4, &length, sizeof(length));
	memcpy(ret + 8, &version, sizeof(version));
	memcpy(ret + 12, texts, units * sizeof(wchar_t));
	return 8 + length;
}

static void test_aliases_are_parsed(void **state)
{
	static const wchar_t texts[] = L"Family_1\0Family_1!App\0C:\\dir\\\u00e9.exe\0"
				       L"0";
	OWN_ARENA struct cv_arena a = { 0 };
	struct cv_os_alias alias;
	char data[512];
	size_t n = alias_data(data, texts, sizeof(texts) / sizeof(*texts));

	(void)state;
	assert_int_equal(cv_nt_parse_alias(&a, data, n, &alias), 1);
	assert_string_equal(alias.package, "Family_1");
	assert_string_equal(alias.target, "C:\\dir\\\xc3\xa9.exe");
	for (size_t cut = 0; cut < n; cut++) /* less than its length says */
		assert_int_equal(cv_nt_parse_alias(&a, data, cut, &alias), -EINVAL);
	n = alias_data(data, L"Family_1\0\0C:\\x.exe\0", 19);
	assert_int_equal(cv_nt_parse_alias(&a, data, n, &alias), -EINVAL);
	n = alias_data(data, L"Family_1\0App\0C:\\x.exe", 21); /* the last one has no end */
	assert_int_equal(cv_nt_parse_alias(&a, data, n, &alias), -EINVAL);
	n = alias_data(data, texts, sizeof(texts) / sizeof(*texts));
	data[8] = 2;
	assert_int_equal(cv_nt_parse_alias(&a, data, n, &alias), -EINVAL);
}

static void test_other_files_are_no_aliases(void **state)
{
	OWN_ARENA struct cv_arena a = { 0 };
	struct cv_os_alias alias;

	(void)state;
	assert_int_equal(cv_os_read_alias(&a, "C:\\windows\\system32\\cmd.exe", &alias), 0);
	assert_int_equal(cv_os_read_alias(&a, "C:\\windows", &alias), 0);
	assert_int_equal(cv_os_read_alias(&a, "C:\\none\\x.exe", &alias), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys_are_sorted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_text_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test(test_aliases_are_parsed),
		cmocka_unit_test(test_other_files_are_no_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
