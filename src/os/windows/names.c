/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdlib.h>
#include <string.h>

/* --- removing ---------------------------------------------------------------------------- */

static NTSTATUS set_readonly(HANDLE handle, const struct cv_nt_kind *kind, bool on)
{
	ULONG rest =
		kind->attributes & ~(ULONG)(FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_REPARSE_POINT);
	FILE_BASIC_INFORMATION info = { .FileAttributes =
						on ? rest | FILE_ATTRIBUTE_READONLY : rest };

	if (info.FileAttributes == 0)
		info.FileAttributes = FILE_ATTRIBUTE_NORMAL;
	return cv_nt_set(handle, CV_NT_BASIC_INFO, &info, sizeof(info));
}

/* Without POSIX semantics, the name remains until all handles are closed. */
static NTSTATUS delete_old(HANDLE handle, const struct cv_nt_kind *kind)
{
	const BOOLEAN yes = TRUE;
	bool readonly = kind->attributes & FILE_ATTRIBUTE_READONLY;
	NTSTATUS status = readonly ? set_readonly(handle, kind, false) : STATUS_SUCCESS;

	if (status == STATUS_SUCCESS)
		status = cv_nt_set(handle, CV_NT_DISPOSITION_INFO, &yes, sizeof(yes));
	if (status != STATUS_SUCCESS && readonly)
		(void)set_readonly(handle, kind, true);
	return status;
}

/*
 * The name is free at once, even if the file is open elsewhere: since Windows 10 1709 on NTFS. The
 * flag for read-only files is of 1809.
 */
static NTSTATUS delete_now(HANDLE handle, const struct cv_nt_kind *kind)
{
	const ULONG flags = CV_NT_DELETE | CV_NT_DELETE_POSIX | CV_NT_DELETE_IGNORE_READONLY;
	NTSTATUS status = cv_nt_set(handle, CV_NT_DISPOSITION_INFO_EX, &flags, sizeof(flags));

	return cv_nt_unsupported(status) ? delete_old(handle, kind) : status;
}

static ACCESS_MASK delete_access(bool may_set)
{
	return may_set ? DELETE | FILE_WRITE_ATTRIBUTES : DELETE;
}

/* Who may delete entries of the directory need not have the right to change attributes. */
static int open_to_delete(
	struct cv_os_dir at, const char *name, HANDLE *ret, struct cv_nt_kind *ret_kind)
{
	int rc = cv_nt_open_entry(at, name, delete_access(true), ret, ret_kind);

	return rc == -EACCES ? cv_nt_open_entry(at, name, delete_access(false), ret, ret_kind) : rc;
}

static int delete_entry(struct cv_os_dir at, const char *name, bool dir)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	struct cv_nt_kind kind;
	int rc = open_to_delete(at, name, &handle, &kind);

	if (rc < 0)
		return rc;
	if ((kind.type == CV_OS_DIR) != dir)
		return dir ? -ENOTDIR : -EISDIR;
	return cv_nt_error(delete_now(handle, &kind));
}

int cv_os_unlink(struct cv_os_dir at, const char *name)
{
	return delete_entry(at, name, false);
}

int cv_os_remove_dir(struct cv_os_dir at, const char *name)
{
	return delete_entry(at, name, true);
}

/* --- renaming and linking ---------------------------------------------------------------- */

/* Give HANDLE the name TO: rename it, or add a name. */
static NTSTATUS set_name(HANDLE handle, int class, ULONG flags, const struct cv_nt_name *to)
{
	size_t n = sizeof(struct cv_nt_new_name_info) + to->text.Length;
	struct cv_nt_new_name_info *info = calloc(1, n + sizeof(wchar_t));
	NTSTATUS status;

	if (!info)
		return STATUS_NO_MEMORY;
	info->flags = flags;
	info->dir = to->object.RootDirectory;
	info->length = to->text.Length;
	memcpy(info->name, to->text.Buffer, to->text.Length);
	status = cv_nt_set(handle, class, info, n);
	free(info);
	return status;
}

/* Take READONLY off the file TO, which is to be replaced. False if it has not got it. */
static bool make_replaceable(struct cv_os_dir at, const char *name)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	struct cv_nt_kind kind;

	return cv_nt_open_entry(at, name, FILE_WRITE_ATTRIBUTES, &handle, &kind) == 0 &&
	       kind.attributes & FILE_ATTRIBUTE_READONLY && kind.type != CV_OS_DIR &&
	       set_readonly(handle, &kind, false) == STATUS_SUCCESS;
}

/* Replace TO even if it is open (since Windows 10 1709, on NTFS). */
static NTSTATUS replace_once(HANDLE handle, const struct cv_nt_name *to)
{
	const ULONG flags =
		CV_NT_RENAME_REPLACE | CV_NT_RENAME_POSIX | CV_NT_RENAME_IGNORE_READONLY;
	NTSTATUS status = set_name(handle, CV_NT_RENAME_INFO_EX, flags, to);

	return cv_nt_unsupported(status)
		       ? set_name(handle, CV_NT_RENAME_INFO, CV_NT_RENAME_REPLACE, to)
		       : status;
}

static NTSTATUS replace(
	HANDLE handle, const struct cv_nt_name *nt, struct cv_os_dir to, const char *name)
{
	NTSTATUS status = replace_once(handle, nt);

	return status == STATUS_ACCESS_DENIED && make_replaceable(to, name)
		       ? replace_once(handle, nt)
		       : status;
}

/* Access is denied to a rename over a directory, whatever the rights are. */
static bool is_dir(struct cv_os_dir at, const char *name)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	struct cv_nt_kind kind;

	return cv_nt_open_entry(at, name, FILE_READ_ATTRIBUTES, &handle, &kind) == 0 &&
	       kind.type == CV_OS_DIR;
}

int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind)
{
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	OWN_NT_HANDLE HANDLE handle = NULL;
	NTSTATUS status;
	int rc;

	if (kind == CV_OS_EXCHANGE)
		return -ENOSYS;
	rc = cv_nt_open(from, name, DELETE, FILE_OPEN_REPARSE_POINT, &handle);
	if (rc == 0)
		rc = cv_nt_new_name(&nt, to, to_name);
	if (rc < 0)
		return rc;
	if (kind == CV_OS_NEW)
		return cv_nt_error(set_name(handle, CV_NT_RENAME_INFO, 0, &nt));
	status = replace(handle, &nt, to, to_name);
	if (status == STATUS_ACCESS_DENIED && is_dir(to, to_name))
		return -EEXIST;
	return cv_nt_error(status);
}

bool cv_os_exchanges(void)
{
	return false;
}

int cv_os_link(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name)
{
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	OWN_NT_HANDLE HANDLE handle = NULL;
	int rc = cv_nt_open(from, name, FILE_WRITE_ATTRIBUTES, FILE_OPEN_REPARSE_POINT, &handle);

	if (rc == 0)
		rc = cv_nt_new_name(&nt, to, to_name);
	if (rc == 0)
		rc = cv_nt_error(set_name(handle, CV_NT_LINK_INFO, 0, &nt));
	return rc == -EISDIR ? -EPERM : rc;
}
