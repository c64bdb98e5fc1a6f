/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_WINDOWS_NT_H
#define CV_OS_WINDOWS_NT_H

#define WIN32_LEAN_AND_MEAN
#define WIN32_NO_STATUS /* ntstatus.h has all of them */
#include <windows.h>
#undef WIN32_NO_STATUS

#include <ntstatus.h>
#include <winternl.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

/*
 * What the files of this folder share. A handle of os.h is a HANDLE. Files are opened with the
 * native calls of ntdll.dll: only those take a name relative to a directory handle, rename and link
 * to such a name, and delete a file that is open elsewhere.
 *
 * All opens share reading, writing and deleting, so cvenv never is the reason of a sharing
 * violation.
 */

static inline HANDLE cv_nt_dir(struct cv_os_dir dir)
{
	return (HANDLE)dir.handle;
}

static inline HANDLE cv_nt_file(struct cv_os_file file)
{
	return (HANDLE)file.handle;
}

/* --- call.c: the calls ------------------------------------------------------------------- */

/*
 * Every call of this folder about files is in call.c, and nothing else is. So a test program can
 * make a call fail with any status: it is linked with -Wl,--wrap=cv_nt_set and its own
 * __wrap_cv_nt_set(), as tests/unit/os/status_windows.c is. cvenv itself contains nothing of that.
 * The status is STATUS_SUCCESS or an error.
 */

struct cv_nt_how {
	ACCESS_MASK access; /* SYNCHRONIZE and FILE_READ_ATTRIBUTES are added */
	ULONG disposition;  /* FILE_OPEN, FILE_CREATE */
	ULONG options;      /* synchronous is added */
	ULONG attributes;   /* of a new file */
};

NTSTATUS cv_nt_create(OBJECT_ATTRIBUTES *name, const struct cv_nt_how *how, HANDLE *ret);
void cv_nt_close(HANDLE handle);
NTSTATUS cv_nt_get(HANDLE handle, int class, void *ret, size_t room);
NTSTATUS cv_nt_set(HANDLE handle, int class, const void *data, size_t n);
NTSTATUS cv_nt_get_volume(HANDLE handle, int class, void *ret, size_t room);
/* The next entries of a directory. STATUS_NO_MORE_FILES at the end. */
NTSTATUS cv_nt_list(HANDLE dir, int class, void *ret, size_t room);
/* AT may be NULL: the position of the handle. STATUS_END_OF_FILE at the end. */
NTSTATUS cv_nt_read(HANDLE file, void *ret, ULONG n, LARGE_INTEGER *at, size_t *ret_n);
NTSTATUS cv_nt_write(HANDLE file, const void *data, ULONG n, LARGE_INTEGER *at, size_t *ret_n);
NTSTATUS cv_nt_control(
	HANDLE file, ULONG code, const void *in, size_t in_n, void *ret, size_t room);
/* Owner and DACL, self-relative. */
NTSTATUS cv_nt_security(HANDLE handle, void *ret, size_t room);
/* An event that no other process has. STATUS_OBJECT_NAME_COLLISION if one has. */
NTSTATUS cv_nt_claim(OBJECT_ATTRIBUTES *name, HANDLE *ret);
/* The length with the NUL; 0: failed, with GetLastError(). */
size_t cv_nt_final_path(HANDLE handle, unsigned flags, wchar_t *ret, size_t room);
bool cv_nt_make_symlink(const wchar_t *path, const wchar_t *target, unsigned flags);

/* --- error.c ----------------------------------------------------------------------------- */

/* -errno; 0 for a success. */
int cv_nt_error(NTSTATUS status);
/* -errno of a code of GetLastError(). Never 0. */
int cv_nt_win32_error(DWORD code);
/* Does the file system, or this version of Windows, not know the call? */
bool cv_nt_unsupported(NTSTATUS status);

/* --- path.c ------------------------------------------------------------------------------ */

/*
 * A name as the native calls take it: relative to an open directory, or absolute below "\??\", so
 * that long paths need no setting. Empty components and "." are dropped; in an absolute path ".."
 * removes the component before it, as in Windows itself.
 */
struct cv_nt_name {
	OBJECT_ATTRIBUTES object; /* for cv_nt_create(); points into this struct: do not copy it */
	UNICODE_STRING text;
	wchar_t *heap;
	wchar_t buf[280];
};
#define OWN_NT_NAME __attribute__((cleanup(cv_nt_name_done)))

/*
 * -EINVAL: not absolute, ".." in a relative name, or a ':', which would name a stream of a file.
 * -ENAMETOOLONG, -EILSEQ, -ENOMEM. After a failure, cv_nt_name_done() is allowed.
 */
int cv_nt_name(struct cv_nt_name *ret, struct cv_os_dir at, const char *name);
/* The same, for a new entry. -EINVAL also for a '.' or ' ' at its end, which Win32 cannot open. */
int cv_nt_new_name(struct cv_nt_name *ret, struct cv_os_dir at, const char *name);
/* The file of HANDLE itself. */
void cv_nt_self(struct cv_nt_name *ret, HANDLE handle);
void cv_nt_name_done(struct cv_nt_name *name);

/*
 * The path of HANDLE without links, as Win32 takes it ("\\?\C:\x"), malloc'd and NUL-terminated. 0
 * or -errno.
 */
int cv_nt_path_of(HANDLE handle, wchar_t **ret);

/* --- open.c ------------------------------------------------------------------------------ */

#define OWN_NT_HANDLE __attribute__((cleanup(cv_nt_drop)))

static inline void cv_nt_drop(HANDLE *handle)
{
	if (*handle)
		cv_nt_close(*handle);
}

/* What HANDLE is, without its size and times. */
struct cv_nt_kind {
	enum cv_os_type type;
	ULONG attributes, tag;
};
int cv_nt_kind(HANDLE handle, struct cv_nt_kind *ret);
enum cv_os_type cv_nt_type(ULONG attributes, ULONG tag);

/*
 * Open an existing file or directory. Without FILE_OPEN_REPARSE_POINT in OPTIONS, links are
 * followed. *RET is NULL after a failure.
 */
int cv_nt_open(
	struct cv_os_dir at, const char *name, ACCESS_MASK access, ULONG options, HANDLE *ret);
/* The same, but HOW decides about links: -ELOOP for one with CV_OS_NOFOLLOW. */
int cv_nt_open_how(struct cv_os_dir at, const char *name, unsigned how, ACCESS_MASK access,
	ULONG options, HANDLE *ret);
/* Open the entry itself, even if it is a link. */
int cv_nt_open_entry(struct cv_os_dir at, const char *name, ACCESS_MASK access, HANDLE *ret,
	struct cv_nt_kind *ret_kind);
/* Open the file of HANDLE once more, with other rights. */
int cv_nt_reopen(HANDLE handle, ACCESS_MASK access, HANDLE *ret);

/* --- stat.c ------------------------------------------------------------------------------ */

int cv_nt_id(HANDLE handle, struct cv_os_id *ret);
int cv_nt_stat(HANDLE handle, struct cv_os_stat *ret);

/* --- lock.c ------------------------------------------------------------------------------ */

/* DIR is about to be closed. */
void cv_nt_unlock(HANDLE dir);

/* --- owner.c ----------------------------------------------------------------------------- */

/* Set the owner of *RET, CV_OS_OTHERS_WRITE and CV_OS_STICKY. */
int cv_nt_owner(HANDLE dir, struct cv_os_stat *ret);

/* --- information classes and structures that mingw's headers lack ------------------------- */

enum {
	CV_NT_FULL_DIR_INFO = 2,
	CV_NT_BASIC_INFO = 4,
	CV_NT_STANDARD_INFO = 5,
	CV_NT_INTERNAL_INFO = 6,
	CV_NT_NAME_INFO = 9,
	CV_NT_RENAME_INFO = 10,
	CV_NT_LINK_INFO = 11,
	CV_NT_DISPOSITION_INFO = 13,
	CV_NT_POSITION_INFO = 14,
	CV_NT_END_INFO = 20,
	CV_NT_TAG_INFO = 35,
	CV_NT_ID_INFO = 59,
	CV_NT_DISPOSITION_INFO_EX = 64,
	CV_NT_RENAME_INFO_EX = 65,

	CV_NT_VOLUME_INFO = 1,
	CV_NT_VOLUME_SIZE_INFO = 3,
	CV_NT_VOLUME_ATTRIBUTE_INFO = 5,
};

struct cv_nt_id_info {
	uint64_t device;
	uint64_t number[2];
};

/* For a new name: CV_NT_RENAME_INFO, CV_NT_RENAME_INFO_EX and CV_NT_LINK_INFO. */
struct cv_nt_new_name_info {
	ULONG flags; /* without _EX: 1 replaces an existing file */
	HANDLE dir;
	ULONG length; /* in bytes */
	wchar_t name[];
};

enum {
	CV_NT_RENAME_REPLACE = 1,
	CV_NT_RENAME_POSIX = 2,
	CV_NT_RENAME_IGNORE_READONLY = 0x40,
	CV_NT_DELETE = 1,
	CV_NT_DELETE_POSIX = 2,
	CV_NT_DELETE_IGNORE_READONLY = 0x10,
};

#endif
