/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <restartmanager.h>
#include <stdlib.h>
#include <string.h>

#include "base/library_windows.h"
#include "base/own.h"
#include "base/str.h"
#include "text.h"

enum { SHOWN_MAX = 8, ASKED_MAX = 64 };

/* A rename of a directory with open files below, and one over a program that runs, are denied. */
bool cv_os_in_use(int rc)
{
	return rc == -EBUSY || rc == -EACCES;
}

/* The Restart Manager */
struct manager {
	__typeof__(&RmStartSession) start;
	__typeof__(&RmRegisterResources) add;
	__typeof__(&RmGetList) list;
	__typeof__(&RmEndSession) end;
};

static bool load_manager(struct manager *ret)
{
	static const wchar_t name[] = L"rstrtmgr.dll";

	return cv_system_function(name, "RmStartSession", &ret->start) &&
	       cv_system_function(name, "RmRegisterResources", &ret->add) &&
	       cv_system_function(name, "RmGetList", &ret->list) &&
	       cv_system_function(name, "RmEndSession", &ret->end);
}

/* The file name of the program, or else what the Restart Manager calls it. */
static char *name_of(const RM_PROCESS_INFO *info)
{
	wchar_t path[1024];
	const wchar_t *name = info->strAppName;
	DWORD n = sizeof(path) / sizeof(path[0]);
	HANDLE process =
		OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, info->Process.dwProcessId);
	char *text = NULL;

	if (process && QueryFullProcessImageNameW(process, 0, path, &n) && wcsrchr(path, L'\\'))
		name = wcsrchr(path, L'\\') + 1;
	if (process)
		CloseHandle(process);
	(void)cv_nt_utf8(name, &text);
	return text;
}

static const char *describe(struct cv_arena *a, const RM_PROCESS_INFO *info, UINT count)
{
	char *all = NULL;

	for (UINT i = 0; i < count; i++) {
		OWN_MEM char *name = name_of(&info[i]);

		all = cv_strfmt(a, "%s%s%s (process %lu)", all ? all : "", all ? ", " : "",
			name ? name : "?", (unsigned long)info[i].Process.dwProcessId);
		if (!all)
			return NULL;
	}
	return all;
}

static const char *ask(
	const struct manager *m, struct cv_arena *a, wchar_t *const *paths, size_t count)
{
	OWN_MEM RM_PROCESS_INFO *info = calloc(ASKED_MAX, sizeof(*info));
	LPCWSTR *names = (LPCWSTR *)(uintptr_t)paths; /* its strings are not changed */
	WCHAR key[CCH_RM_SESSION_KEY + 1] = L"";
	UINT needed = 0, n = ASKED_MAX;
	DWORD session, why, code;
	const char *users = NULL;

	if (!info || m->start(&session, 0, key) != ERROR_SUCCESS)
		return NULL;
	if (m->add(session, (UINT)count, names, 0, NULL, 0, NULL) == ERROR_SUCCESS) {
		code = m->list(session, &needed, &n, info, &why);
		if (code == ERROR_SUCCESS)
			users = describe(a, info, n < SHOWN_MAX ? n : SHOWN_MAX);
	}
	(void)m->end(session);
	return users;
}

const char *cv_os_users_of(struct cv_arena *a, const char *const *paths, size_t count)
{
	wchar_t **wide = calloc(count, sizeof(*wide));
	const char *users = NULL;
	struct manager m;
	bool ok = wide && count;

	for (size_t i = 0; i < count && ok; i++)
		ok = cv_nt_wide(paths[i], &wide[i]) == 0;
	if (ok && load_manager(&m))
		users = ask(&m, a, wide, count);
	for (size_t i = 0; wide && i < count; i++)
		free(wide[i]);
	free(wide);
	return users;
}
