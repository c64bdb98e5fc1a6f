/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include "nt.h"

#include <bcrypt.h>
#include <stdlib.h>
#include <userenv.h>

#include "base/library_windows.h"
#include "text.h"

int64_t cv_os_pid(void)
{
	return GetCurrentProcessId();
}

bool cv_os_process_alive(int64_t pid)
{
	HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)pid);
	bool ended;

	if (!process)
		return GetLastError() != ERROR_INVALID_PARAMETER; /* no such number */
	ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0; /* only its handle is left */
	CloseHandle(process);
	return !ended;
}

bool cv_os_random(void *ret, size_t n)
{
	__typeof__(&BCryptGenRandom) generate;

	return cv_system_function(L"bcrypt.dll", "BCryptGenRandom", &generate) &&
	       generate(NULL, ret, (ULONG)n, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}

int64_t cv_os_monotonic_ns(void)
{
	enum { NS_PER_S = 1000000000 };
	LARGE_INTEGER t, per_s;

	(void)QueryPerformanceFrequency(&per_s);
	(void)QueryPerformanceCounter(&t);
	/* In two parts, which do not overflow. */
	return t.QuadPart / per_s.QuadPart * NS_PER_S +
	       t.QuadPart % per_s.QuadPart * NS_PER_S / per_s.QuadPart;
}

void cv_os_sleep_ms(int ms)
{
	Sleep(ms > 0 ? (DWORD)ms : 0);
}

static int keep(struct cv_arena *a, const wchar_t *path, char **ret)
{
	char *text = NULL;
	int rc = cv_nt_utf8(path, &text);

	if (rc < 0)
		return rc;
	*ret = cv_strdup(a, cv_str(text));
	free(text);
	return *ret ? 0 : -ENOMEM;
}

int cv_os_copy_environ(struct cv_arena *a, const char *const **ret)
{
	wchar_t *block = GetEnvironmentStringsW();
	size_t count = 0;
	char **list;
	int rc = -ENOMEM;

	if (!block)
		return -ENOMEM;
	for (const wchar_t *e = block; *e; e += wcslen(e) + 1)
		count++;
	list = cv_new(a, char *, count + 1);
	if (list) {
		rc = 0;
		count = 0;
		for (const wchar_t *e = block; *e && rc == 0; e += wcslen(e) + 1)
			rc = keep(a, e, &list[count++]);
	}
	(void)FreeEnvironmentStringsW(block);
	*ret = (const char *const *)list;
	return rc;
}

int cv_os_cwd(struct cv_arena *a, char **ret)
{
	wchar_t *path = NULL;
	DWORD room = 0, n = GetCurrentDirectoryW(0, NULL);
	int rc = -ENOENT;

	/* Another thread may change it meanwhile. */
	while (n > room) {
		free(path);
		room = n;
		path = malloc(room * sizeof(*path));
		if (!path)
			return -ENOMEM;
		n = GetCurrentDirectoryW(room, path);
	}
	if (n)
		rc = keep(a, path, ret);
	free(path);
	return rc;
}

/* There is one user: a process cannot have an effective user of another name. */
size_t cv_os_homes(struct cv_arena *a, const char *ret[2])
{
	enum { ROOM = 1024 };
	wchar_t path[ROOM];
	__typeof__(&GetUserProfileDirectoryW) find;
	DWORD room = ROOM;
	HANDLE token;
	char *home = NULL;
	bool found;

	if (!cv_system_function(L"userenv.dll", "GetUserProfileDirectoryW", &find) ||
		!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return 0;
	found = find(token, path, &room) && keep(a, path, &home) == 0;
	CloseHandle(token);
	ret[0] = home;
	return found ? 1 : 0;
}
