/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdlib.h>
#include <wctype.h>

/* FILETIME counts 100 ns since 1601. */
#define EPOCH_S INT64_C(11644473600)
enum { TICKS_PER_S = 10000000, TICK_NS = 100 };

static struct cv_os_time time_of(const LARGE_INTEGER *t)
{
	int64_t s = t->QuadPart / TICKS_PER_S;
	int64_t rest = t->QuadPart % TICKS_PER_S;

	if (rest < 0) {
		rest += TICKS_PER_S;
		s--;
	}
	return (struct cv_os_time){ s - EPOCH_S, (int32_t)(rest * TICK_NS) };
}

/* For file systems that do not number their files: some of virtual machines and servers. */
static int number_by_path(HANDLE handle, uint64_t *ret)
{
	wchar_t *path;
	int rc = cv_nt_path_of(handle, &path);

	*ret = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (wchar_t *p = path; rc == 0 && *p; p++)
		*ret = (*ret ^ (uint64_t)towlower(*p)) * UINT64_C(0x100000001b3);
	free(path);
	return rc;
}

/* File systems without 128-bit numbers: FAT, and servers. */
static int short_id(HANDLE handle, struct cv_os_id *ret)
{
	struct {
		LARGE_INTEGER created;
		ULONG serial, label_length;
		BOOLEAN objects;
		wchar_t label[1];
	} volume = { 0 };
	FILE_INTERNAL_INFORMATION info = { 0 };
	NTSTATUS status = cv_nt_get(handle, CV_NT_INTERNAL_INFO, &info, sizeof(info));

	if (status == STATUS_SUCCESS)
		status = cv_nt_get_volume(handle, CV_NT_VOLUME_INFO, &volume, sizeof(volume));
	*ret = (struct cv_os_id){ volume.serial, { (uint64_t)info.IndexNumber.QuadPart } };
	if (status == STATUS_SUCCESS && info.IndexNumber.QuadPart == 0)
		return number_by_path(handle, &ret->number[0]);
	return cv_nt_error(status);
}

int cv_nt_id(HANDLE handle, struct cv_os_id *ret)
{
	struct cv_nt_id_info info = { 0 };
	NTSTATUS status = cv_nt_get(handle, CV_NT_ID_INFO, &info, sizeof(info));

	if (cv_nt_unsupported(status))
		return short_id(handle, ret);
	*ret = (struct cv_os_id){ info.device, { info.number[0], info.number[1] } };
	return cv_nt_error(status);
}

static unsigned mode_of(enum cv_os_type type, ULONG attributes)
{
	if (type == CV_OS_DIR)
		return attributes & FILE_ATTRIBUTE_HIDDEN ? CV_OS_HIDDEN | 0700 : 0700;
	return attributes & FILE_ATTRIBUTE_READONLY ? 0400 : 0600;
}

int cv_nt_stat(HANDLE handle, struct cv_os_stat *ret)
{
	FILE_BASIC_INFORMATION basic = { 0 };
	FILE_STANDARD_INFORMATION standard = { 0 };
	struct cv_nt_kind kind = { 0 };
	NTSTATUS status = cv_nt_get(handle, CV_NT_BASIC_INFO, &basic, sizeof(basic));
	int rc;

	if (status == STATUS_SUCCESS)
		status = cv_nt_get(handle, CV_NT_STANDARD_INFO, &standard, sizeof(standard));
	rc = cv_nt_error(status);
	kind.type = cv_nt_type(basic.FileAttributes & ~(ULONG)FILE_ATTRIBUTE_REPARSE_POINT, 0);
	if (rc == 0 && basic.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
		rc = cv_nt_kind(handle, &kind);
	*ret = (struct cv_os_stat){
		.type = kind.type,
		.mode = mode_of(kind.type, basic.FileAttributes),
		.owner = cv_os_user(),
		.size = kind.type == CV_OS_FILE ? (uint64_t)standard.EndOfFile.QuadPart : 0,
		.disk = (uint64_t)standard.AllocationSize.QuadPart,
		.links = standard.DeletePending ? 0 : standard.NumberOfLinks,
		.mtime = time_of(&basic.LastWriteTime),
		/* FAT does not keep it. */
		.ctime = time_of(
			basic.ChangeTime.QuadPart ? &basic.ChangeTime : &basic.LastWriteTime),
		.atime = time_of(&basic.LastAccessTime),
	};
	return rc == 0 ? cv_nt_id(handle, &ret->id) : rc;
}

int cv_os_stat(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_stat *ret)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	ULONG options = how & CV_OS_NOFOLLOW ? FILE_OPEN_REPARSE_POINT : 0;
	int rc = cv_nt_open(at, name, FILE_READ_ATTRIBUTES, options, &handle);

	/* What cannot be followed may be an app execution alias. */
	if (rc == -EACCES && !options) {
		struct cv_nt_kind kind;

		rc = cv_nt_open_entry(at, name, FILE_READ_ATTRIBUTES, &handle, &kind);
		if (rc == 0 && kind.type != CV_OS_OTHER)
			rc = -EACCES;
	}
	return rc == 0 ? cv_nt_stat(handle, ret) : rc;
}

int cv_os_stat_dir(struct cv_os_dir dir, struct cv_os_stat *ret)
{
	int rc = cv_nt_stat(cv_nt_dir(dir), ret);

	return rc == 0 ? cv_nt_owner(cv_nt_dir(dir), ret) : rc;
}

int cv_os_stat_file(struct cv_os_file file, struct cv_os_stat *ret)
{
	return cv_nt_stat(cv_nt_file(file), ret);
}

int cv_os_stat_parent(struct cv_os_dir dir, struct cv_os_stat *ret)
{
	OWN_OS_DIR struct cv_os_dir up = CV_OS_NO_DIR;
	int rc = cv_os_open_parent(dir, &up);

	return rc == 0 ? cv_os_stat_dir(up, ret) : rc;
}

int cv_os_access(struct cv_os_dir at, const char *name, unsigned rights)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	ACCESS_MASK access = FILE_READ_ATTRIBUTES;
	struct cv_os_stat st;
	int rc;

	if (rights & CV_OS_MAY_READ)
		access |= FILE_READ_DATA;
	if (rights & CV_OS_MAY_WRITE)
		access |= FILE_WRITE_DATA;
	if (rights & CV_OS_MAY_EXECUTE)
		access |= FILE_EXECUTE;
	rc = cv_nt_open(at, name, access, 0, &handle);
	/* Somebody has opened it without sharing, which says nothing about rights. */
	if (rc == -EBUSY)
		return 0;
	/* An app execution alias can only be executed. */
	if (rc == -EACCES && !(rights & (CV_OS_MAY_READ | CV_OS_MAY_WRITE)) &&
		cv_os_stat(at, name, CV_OS_FOLLOW, &st) == 0 && st.type == CV_OS_OTHER)
		return 0;
	return rc;
}

/* --- changes ----------------------------------------------------------------------------- */

/* With HANDLE, or if it lacks the right, with another one of the same file. */
static int set_basic(HANDLE handle, const FILE_BASIC_INFORMATION *info)
{
	OWN_NT_HANDLE HANDLE other = NULL;
	NTSTATUS status = cv_nt_set(handle, CV_NT_BASIC_INFO, info, sizeof(*info));
	int rc;

	if (status != STATUS_ACCESS_DENIED)
		return cv_nt_error(status);
	rc = cv_nt_reopen(handle, FILE_WRITE_ATTRIBUTES, &other);
	if (rc < 0)
		return rc;
	return cv_nt_error(cv_nt_set(other, CV_NT_BASIC_INFO, info, sizeof(*info)));
}

/*
 * A directory can be hidden, and a file read-only. The attribute READONLY of a directory does not
 * protect it; it marks folders with an icon of their own.
 */
static int set_mode(HANDLE handle, unsigned mode)
{
	FILE_BASIC_INFORMATION info = { 0 };
	struct cv_nt_kind kind;
	ULONG bit, want, now;
	int rc = cv_nt_kind(handle, &kind);

	if (rc < 0)
		return rc;
	bit = kind.type == CV_OS_DIR ? FILE_ATTRIBUTE_HIDDEN : FILE_ATTRIBUTE_READONLY;
	want = kind.type == CV_OS_DIR ? mode & CV_OS_HIDDEN : !(mode & 0200);
	now = kind.attributes & (ULONG)~FILE_ATTRIBUTE_REPARSE_POINT;
	info.FileAttributes = want ? now | bit : now & ~bit;
	if (info.FileAttributes == now)
		return 0;
	if (info.FileAttributes == 0)
		info.FileAttributes = FILE_ATTRIBUTE_NORMAL; /* 0 changes nothing */
	return set_basic(handle, &info);
}

int cv_os_chmod(struct cv_os_file file, unsigned mode)
{
	return set_mode(cv_nt_file(file), mode);
}

int cv_os_chmod_dir(struct cv_os_dir dir, unsigned mode)
{
	return set_mode(cv_nt_dir(dir), mode);
}

static int open_to_set(struct cv_os_dir at, const char *name, HANDLE *ret)
{
	return cv_nt_open(at, name, FILE_WRITE_ATTRIBUTES, FILE_OPEN_REPARSE_POINT, ret);
}

int cv_os_chmod_at(struct cv_os_dir at, const char *name, unsigned mode)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	int rc = open_to_set(at, name, &handle);

	return rc == 0 ? set_mode(handle, mode) : rc;
}

static LARGE_INTEGER now_ticks(void)
{
	LARGE_INTEGER t;
	FILETIME now;

	GetSystemTimePreciseAsFileTime(&now);
	t.LowPart = now.dwLowDateTime;
	t.HighPart = (LONG)now.dwHighDateTime;
	return t;
}

/* 0 and -1 would mean "do not change". */
static int set_mtime(HANDLE handle, int64_t s)
{
	FILE_BASIC_INFORMATION info = { .LastAccessTime = now_ticks() };

	if (s <= -EPOCH_S || s > INT64_MAX / TICKS_PER_S - EPOCH_S)
		return -EINVAL;
	info.LastWriteTime.QuadPart = (s + EPOCH_S) * TICKS_PER_S;
	return set_basic(handle, &info);
}

int cv_os_set_mtime(struct cv_os_file file, int64_t s)
{
	return set_mtime(cv_nt_file(file), s);
}

int cv_os_set_mtime_dir(struct cv_os_dir dir, int64_t s)
{
	return set_mtime(cv_nt_dir(dir), s);
}

int cv_os_set_mtime_at(struct cv_os_dir at, const char *name, int64_t s)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	int rc = open_to_set(at, name, &handle);

	return rc == 0 ? set_mtime(handle, s) : rc;
}

int cv_os_touch_at(struct cv_os_dir at, const char *name)
{
	const FILE_BASIC_INFORMATION info = { .LastWriteTime = now_ticks() };
	OWN_NT_HANDLE HANDLE handle = NULL;
	int rc = open_to_set(at, name, &handle);

	return rc == 0 ? set_basic(handle, &info) : rc;
}
