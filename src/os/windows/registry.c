/* SPDX-License-Identifier: MIT */
#include "os/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "nt.h"
#include "text.h"

enum { NAME_UNITS = 256 }; /* with the NUL; the system's limit for keys */

static void close_key(HKEY *key)
{
	if (*key)
		(void)RegCloseKey(*key);
}
#define OWN_KEY __attribute__((cleanup(close_key)))

static int open_key(enum cv_os_hive hive, const char *name, HKEY *ret)
{
	static const struct {
		HKEY root;
		REGSAM view;
	} hives[CV_OS_HIVES] = {
		[CV_OS_HKCU] = { HKEY_CURRENT_USER, 0 },
		[CV_OS_HKLM] = { HKEY_LOCAL_MACHINE, KEY_WOW64_64KEY },
		[CV_OS_HKLM_32] = { HKEY_LOCAL_MACHINE, KEY_WOW64_32KEY },
	};
	OWN_MEM wchar_t *wide = NULL;
	LSTATUS status;
	int rc = cv_nt_wide(name, &wide);

	if (rc < 0)
		return rc;
	status = RegOpenKeyExW(hives[hive].root, wide, 0, KEY_READ | hives[hive].view, ret);
	return status == ERROR_SUCCESS ? 0 : cv_nt_win32_error((DWORD)status);
}

/* N units at TEXT, which end at the first NUL. */
static int to_arena(struct cv_arena *a, const wchar_t *text, size_t n, char **ret)
{
	size_t room = 3 * n + 1;
	int rc;

	*ret = cv_new(a, char, room);
	rc = *ret ? cv_nt_to_utf8(text, n, *ret, room) : -ENOMEM;
	return rc < 0 ? rc : 0;
}

static int compare(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

int cv_os_registry_keys(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *const **ret)
{
	const char **names = cv_new(a, const char *, CV_OS_KEYS_MAX + 1);
	OWN_KEY HKEY open = NULL;
	size_t count = 0;
	int rc = names ? open_key(hive, key, &open) : -ENOMEM;

	for (DWORD i = 0; rc == 0 && count < CV_OS_KEYS_MAX; i++) {
		wchar_t name[NAME_UNITS];
		DWORD n = NAME_UNITS;
		LSTATUS status = RegEnumKeyExW(open, i, name, &n, NULL, NULL, NULL, NULL);
		char *text = NULL;

		if (status == ERROR_NO_MORE_ITEMS)
			break;
		if (status != ERROR_SUCCESS)
			rc = cv_nt_win32_error((DWORD)status);
		else
			rc = to_arena(a, name, n, &text);
		if (rc == 0)
			names[count++] = text;
	}
	if (rc < 0)
		return rc;
	qsort(names, count, sizeof(*names), compare);
	*ret = names;
	return 0;
}

int cv_os_registry_text(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *name, char **ret)
{
	OWN_MEM wchar_t *wide = NULL, *value = NULL;
	DWORD type, bytes = CV_OS_VALUE_MAX;
	OWN_KEY HKEY open = NULL;
	LSTATUS status;
	size_t n;
	int rc = open_key(hive, key, &open);

	if (rc == 0)
		rc = cv_nt_wide(name, &wide);
	if (rc < 0)
		return rc;
	value = malloc(CV_OS_VALUE_MAX);
	if (!value)
		return -ENOMEM;
	status = RegQueryValueExW(open, wide, NULL, &type, (BYTE *)value, &bytes);
	if (status == ERROR_MORE_DATA)
		return -EFBIG;
	if (status != ERROR_SUCCESS)
		return cv_nt_win32_error((DWORD)status);
	if (type != REG_SZ)
		return -EINVAL;
	n = bytes / sizeof(wchar_t);
	while (n && value[n - 1] == L'\0') /* there may be one, or none, or several */
		n--;
	return wmemchr(value, L'\0', n) ? -EINVAL : to_arena(a, value, n, ret);
}

int cv_os_registry_number(enum cv_os_hive hive, const char *key, const char *name, uint32_t *ret)
{
	OWN_MEM wchar_t *wide = NULL;
	OWN_KEY HKEY open = NULL;
	DWORD type, value, bytes = sizeof(value);
	LSTATUS status;
	int rc = open_key(hive, key, &open);

	if (rc == 0)
		rc = cv_nt_wide(name, &wide);
	if (rc < 0)
		return rc;
	status = RegQueryValueExW(open, wide, NULL, &type, (BYTE *)&value, &bytes);
	if (status == ERROR_MORE_DATA)
		return -EINVAL;
	if (status != ERROR_SUCCESS)
		return cv_nt_win32_error((DWORD)status);
	if (type != REG_DWORD)
		return -EINVAL;
	*ret = value;
	return 0;
}
