/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdlib.h>

enum {
	ANCHOR_ACCESS = FILE_READ_ATTRIBUTES,
	DIR_ACCESS = FILE_READ_ATTRIBUTES | FILE_LIST_DIRECTORY | FILE_TRAVERSE,
};

static int give(int rc, HANDLE handle, struct cv_os_dir *ret)
{
	*ret = rc < 0 ? CV_OS_NO_DIR : (struct cv_os_dir){ (intptr_t)handle };
	return rc;
}

int cv_os_open_dir(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_dir *ret)
{
	ACCESS_MASK access = how & CV_OS_ANCHOR ? ANCHOR_ACCESS : DIR_ACCESS;
	HANDLE handle;
	int rc = cv_nt_open_how(at, name, how, access, FILE_DIRECTORY_FILE, &handle);

	return give(rc, handle, ret);
}

void cv_os_close_dir(struct cv_os_dir *dir)
{
	if (cv_os_dir_ok(*dir)) {
		cv_nt_unlock(cv_nt_dir(*dir));
		cv_nt_close(cv_nt_dir(*dir));
	}
	*dir = CV_OS_NO_DIR;
}

/* The number of units of PATH that are its parent; 0: PATH is a root. */
static size_t parent_length(const wchar_t *path)
{
	static const wchar_t share[] = L"\\\\?\\UNC\\";
	size_t n = wcslen(path), root = 0, at;

	/* "\\?\C:\", "\\?\Volume{...}\", "\\?\UNC\server\share" */
	if (wcsncmp(path, share, wcslen(share)) == 0)
		root = wcslen(share) + wcscspn(path + wcslen(share), L"\\") + 1;
	else
		root = wcslen(L"\\\\?\\");
	if (root > n)
		return 0;
	root += wcscspn(path + root, L"\\");
	while (n > root && path[n - 1] == L'\\')
		n--;
	for (at = n; at > root && path[at - 1] != L'\\'; at--)
		;
	if (n <= root)
		return 0;
	return at > root + 1 ? at - 1 : at;
}

int cv_os_open_parent(struct cv_os_dir dir, struct cv_os_dir *ret)
{
	const struct cv_nt_how how = { ANCHOR_ACCESS, FILE_OPEN, FILE_DIRECTORY_FILE, 0 };
	struct cv_nt_name name;
	wchar_t *path = NULL;
	HANDLE handle = NULL;
	size_t n;
	int rc = cv_nt_path_of(cv_nt_dir(dir), &path);

	if (rc == 0) {
		n = parent_length(path);
		cv_nt_self(&name, cv_nt_dir(dir));
		if (n) {
			path[1] = L'?'; /* "\??\" for the native call */
			name.object.RootDirectory = NULL;
			name.text.Buffer = path;
			name.text.Length = name.text.MaximumLength = (USHORT)(n * sizeof(*path));
		}
		rc = cv_nt_error(cv_nt_create(&name.object, &how, &handle));
	}
	free(path);
	return give(rc, handle, ret);
}

int cv_os_make_dir(struct cv_os_dir at, const char *name, unsigned mode)
{
	const struct cv_nt_how how = { FILE_READ_ATTRIBUTES, FILE_CREATE,
		FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
		mode & CV_OS_HIDDEN ? FILE_ATTRIBUTE_HIDDEN : FILE_ATTRIBUTE_NORMAL };
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	OWN_NT_HANDLE HANDLE handle = NULL;
	int rc = cv_nt_new_name(&nt, at, name);

	if (rc == 0)
		rc = cv_nt_error(cv_nt_create(&nt.object, &how, &handle));
	return rc;
}

/* --- volumes ----------------------------------------------------------------------------- */

int cv_os_same_mount(struct cv_os_dir a, struct cv_os_dir b)
{
	struct cv_os_id x, y = { 0 };
	int rc = cv_nt_id(cv_nt_dir(a), &x);

	if (rc == 0)
		rc = cv_nt_id(cv_nt_dir(b), &y);
	return rc < 0 ? rc : x.device == y.device;
}

int cv_os_renames(struct cv_os_dir a, struct cv_os_dir b)
{
	return cv_os_same_mount(a, b);
}

/* A volume is mounted on a junction, which is a link: nothing is followed or removed behind it. */
int cv_os_mount_below(struct cv_os_dir dir, char *ret_path, size_t room)
{
	(void)dir;
	(void)ret_path;
	(void)room;
	return 0;
}

bool cv_os_runs_programs(struct cv_os_dir dir)
{
	(void)dir;
	return true;
}

/* Windows does not keep them by default, and its settings are the administrator's. */
bool cv_os_keeps_atime(struct cv_os_dir dir)
{
	(void)dir;
	return false;
}
