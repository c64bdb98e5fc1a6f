/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <winioctl.h>

#include "text.h"

enum {
	REPARSE_MAX = 16 << 10,
	UNPRIVILEGED = 2, /* allowed in the developer mode of Windows 10 1703 and later */
};

/* What FSCTL_GET_REPARSE_POINT returns for links; mingw declares it for drivers only. */
struct reparse {
	ULONG tag;
	USHORT length, reserved;
	USHORT target_at, target_length, shown_at, shown_length; /* in bytes, in the text */
	union {
		struct {
			ULONG relative;
			wchar_t text[REPARSE_MAX / sizeof(wchar_t)];
		} symlink;
		struct {
			wchar_t text[REPARSE_MAX / sizeof(wchar_t)];
		} junction;
	};
};

/* "\??\C:\x" as Win32 writes it. Returns the new length. */
static size_t to_win32(wchar_t *text, size_t n)
{
	static const wchar_t share[] = L"\\??\\UNC\\";
	const size_t share_n = sizeof(share) / sizeof(share[0]) - 1;
	enum { PREFIX = 4 };

	if (n >= share_n && wcsncmp(text, share, share_n) == 0) {
		n -= share_n - 2;
		memmove(text + 2, text + share_n, (n - 2) * sizeof(*text));
		text[0] = text[1] = L'\\';
		return n;
	}
	if (n < PREFIX || wcsncmp(text, share, PREFIX) != 0)
		return n;
	if (n > PREFIX + 1 && text[PREFIX + 1] == L':') {
		memmove(text, text + PREFIX, (n - PREFIX) * sizeof(*text));
		return n - PREFIX;
	}
	text[1] = L'\\'; /* "\\?\Volume{...}\" */
	return n;
}

/* The target in R; NULL if it is not a link. */
static wchar_t *target_in(struct reparse *r, size_t *ret_n)
{
	size_t room = sizeof(r->junction.text);
	wchar_t *text = r->junction.text;

	if (r->tag == (ULONG)IO_REPARSE_TAG_SYMLINK) {
		text = r->symlink.text;
		room -= sizeof(r->symlink.relative);
	} else if (r->tag != (ULONG)IO_REPARSE_TAG_MOUNT_POINT) {
		return NULL;
	}
	if ((size_t)r->target_at + r->target_length > room || r->target_at % sizeof(*text))
		return NULL;
	text += r->target_at / sizeof(*text);
	*ret_n = to_win32(text, r->target_length / sizeof(*text));
	return text;
}

int cv_os_readlink(struct cv_os_dir at, const char *name, char *ret, size_t room)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	struct reparse *r = NULL;
	NTSTATUS status;
	wchar_t *text;
	size_t n = 0;
	int rc = cv_nt_open(at, name, FILE_READ_ATTRIBUTES, FILE_OPEN_REPARSE_POINT, &handle);

	if (rc < 0)
		return rc;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	status = cv_nt_control(handle, FSCTL_GET_REPARSE_POINT, NULL, 0, r, REPARSE_MAX);
	rc = cv_nt_unsupported(status) ? -EINVAL : cv_nt_error(status); /* or no such file system */
	text = rc == 0 ? target_in(r, &n) : NULL;
	if (rc == 0)
		rc = text ? cv_nt_to_utf8(text, n, ret, room) : -EINVAL;
	free(r);
	return rc;
}

/* --- making them ------------------------------------------------------------------------- */

/* The absolute path of an entry that need not exist, for a call that takes no handle. */
static int path_for(struct cv_os_dir at, const struct cv_nt_name *name, wchar_t **ret)
{
	size_t n = name->text.Length / sizeof(wchar_t), dir_n = 0;
	wchar_t *dir = NULL, *path;
	int rc = cv_os_dir_ok(at) ? cv_nt_path_of(cv_nt_dir(at), &dir) : 0;

	*ret = NULL;
	if (rc < 0)
		return rc;
	dir_n = dir ? wcslen(dir) : 0;
	path = malloc((dir_n + n + 2) * sizeof(*path));
	if (path) {
		if (dir_n)
			memcpy(path, dir, dir_n * sizeof(*path));
		if (dir_n && path[dir_n - 1] != L'\\')
			path[dir_n++] = L'\\';
		memcpy(path + dir_n, name->text.Buffer, n * sizeof(*path));
		path[dir_n + n] = L'\0';
		path[1] = L'\\'; /* "\??\" of an absolute name, as Win32 takes it */
	}
	free(dir);
	*ret = path;
	return path ? 0 : -ENOMEM;
}

/* Is TARGET, seen from the new link PATH, a directory? Windows has two kinds of links. */
static bool leads_to_dir(const wchar_t *path, const wchar_t *target)
{
	bool absolute = target[0] == L'\\' || (target[0] && target[1] == L':');
	size_t up = absolute ? 0 : (size_t)(wcsrchr(path, L'\\') + 1 - path);
	wchar_t *full = malloc((up + wcslen(target) + 1) * sizeof(*full));
	char *text = NULL;
	struct cv_os_stat st = { 0 };
	bool yes = false;

	if (full) {
		memcpy(full, path, up * sizeof(*full));
		wcscpy(full + up, target);
		yes = cv_nt_utf8(full, &text) == 0 &&
		      cv_os_stat(CV_OS_ABSOLUTE, text, CV_OS_FOLLOW, &st) == 0 &&
		      st.type == CV_OS_DIR;
	}
	free(text);
	free(full);
	return yes;
}

/* Links with '/' in them do not work. */
static int wide_target(const char *target, wchar_t **ret)
{
	int rc = cv_nt_wide(target, ret);

	for (wchar_t *p = *ret; p && *p; p++)
		if (*p == L'/')
			*p = L'\\';
	return rc;
}

static int make(const wchar_t *path, const wchar_t *target)
{
	unsigned flags = leads_to_dir(path, target) ? SYMBOLIC_LINK_FLAG_DIRECTORY : 0;
	DWORD code;

	if (cv_nt_make_symlink(path, target, flags | UNPRIVILEGED))
		return 0;
	code = GetLastError();
	if (code == ERROR_INVALID_PARAMETER) { /* before 1703 */
		if (cv_nt_make_symlink(path, target, flags))
			return 0;
		code = GetLastError();
	}
	return cv_nt_win32_error(code);
}

/* wine 10 says that it has made a link, and has not. */
static int is_made(struct cv_os_dir at, const char *name)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(at, name, CV_OS_NOFOLLOW, &st);

	return rc == 0 && st.type == CV_OS_LINK ? 0 : -ENOSYS;
}

int cv_os_symlink(const char *target, struct cv_os_dir at, const char *name)
{
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	wchar_t *path = NULL, *to = NULL;
	struct cv_os_stat st;
	int rc = cv_nt_new_name(&nt, at, name);

	/* Without the privilege, the system does not say that the name exists. */
	if (rc == 0 && cv_os_stat(at, name, CV_OS_NOFOLLOW, &st) == 0)
		rc = -EEXIST;
	if (rc == 0)
		rc = path_for(at, &nt, &path);
	if (rc == 0)
		rc = wide_target(target, &to);
	if (rc == 0)
		rc = make(path, to);
	if (rc == 0)
		rc = is_made(at, name);
	free(to);
	free(path);
	return rc;
}

/* --- paths without links ----------------------------------------------------------------- */

/* As Python's os.path.realpath(): without "\\?\", unless the user wrote it. */
int cv_os_realpath(struct cv_arena *a, const char *path, char **ret)
{
	bool verbatim = strncmp(path, "\\\\?\\", 4) == 0;
	OWN_NT_HANDLE HANDLE handle = NULL;
	wchar_t *wide = NULL;
	char *text = NULL;
	int rc = cv_nt_open(CV_OS_ABSOLUTE, path, FILE_READ_ATTRIBUTES, 0, &handle);

	if (rc == 0)
		rc = cv_nt_path_of(handle, &wide);
	if (rc == 0 && !verbatim) {
		wide[1] = L'?';
		wide[to_win32(wide, wcslen(wide))] = L'\0';
	}
	if (rc == 0)
		rc = cv_nt_utf8(wide, &text);
	if (rc == 0) {
		*ret = cv_strdup(a, cv_str(text));
		rc = *ret ? 0 : -ENOMEM;
	}
	free(text);
	free(wide);
	return rc;
}
