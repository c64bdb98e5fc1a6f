/* SPDX-License-Identifier: MIT */
#include "nt.h"

/* In newer SDKs only. */
#define TAG_APP_EXECUTION_ALIAS 0x8000001BUL
#define TAG_UNIX_SOCKET 0x80000023UL
#define TAG_WSL_FIFO 0x80000024UL
#define TAG_WSL_CHAR 0x80000025UL
#define TAG_WSL_BLOCK 0x80000026UL
#define TAG_NAME_SURROGATE 0x20000000UL

/*
 * Symbolic links and junctions are links: a junction is removed like a link, and never recursed
 * into. App execution aliases, WSL's special files and unknown kinds of links are CV_OS_OTHER: they
 * cannot be opened. All other reparse points (OneDrive, deduplication, compression) are what they
 * look like.
 */
enum cv_os_type cv_nt_type(ULONG attributes, ULONG tag)
{
	if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) {
		if (tag == (ULONG)IO_REPARSE_TAG_SYMLINK ||
			tag == (ULONG)IO_REPARSE_TAG_MOUNT_POINT)
			return CV_OS_LINK;
		if (tag == TAG_APP_EXECUTION_ALIAS || tag == TAG_UNIX_SOCKET ||
			(tag >= TAG_WSL_FIFO && tag <= TAG_WSL_BLOCK) || tag & TAG_NAME_SURROGATE)
			return CV_OS_OTHER;
	}
	if (attributes & FILE_ATTRIBUTE_DEVICE)
		return CV_OS_OTHER;
	return attributes & FILE_ATTRIBUTE_DIRECTORY ? CV_OS_DIR : CV_OS_FILE;
}

int cv_nt_kind(HANDLE handle, struct cv_nt_kind *ret)
{
	FILE_ATTRIBUTE_TAG_INFORMATION info = { 0 };
	FILE_BASIC_INFORMATION basic = { 0 };
	NTSTATUS status = cv_nt_get(handle, CV_NT_TAG_INFO, &info, sizeof(info));

	if (cv_nt_unsupported(status)) { /* FAT, which has no reparse points */
		status = cv_nt_get(handle, CV_NT_BASIC_INFO, &basic, sizeof(basic));
		info.FileAttributes = basic.FileAttributes;
	}
	*ret = (struct cv_nt_kind){ 0 };
	if (status != STATUS_SUCCESS)
		return cv_nt_error(status);
	ret->attributes = info.FileAttributes;
	ret->tag = info.ReparseTag;
	ret->type = cv_nt_type(info.FileAttributes, info.ReparseTag);
	return 0;
}

int cv_nt_open(
	struct cv_os_dir at, const char *name, ACCESS_MASK access, ULONG options, HANDLE *ret)
{
	const struct cv_nt_how how = { access, FILE_OPEN, options, 0 };
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	NTSTATUS status;
	int rc = cv_nt_name(&nt, at, name);

	*ret = NULL;
	if (rc < 0)
		return rc;
	status = cv_nt_create(&nt.object, &how, ret);
	/* Removed already, and only open somewhere. */
	return status == STATUS_DELETE_PENDING ? -ENOENT : cv_nt_error(status);
}

int cv_nt_open_entry(struct cv_os_dir at, const char *name, ACCESS_MASK access, HANDLE *ret,
	struct cv_nt_kind *ret_kind)
{
	int rc = cv_nt_open(at, name, access, FILE_OPEN_REPARSE_POINT, ret);

	if (rc == 0)
		rc = cv_nt_kind(*ret, ret_kind);
	if (rc < 0) {
		cv_nt_drop(ret);
		*ret = NULL;
	}
	return rc;
}

/* It may have become another file since. */
static int same_file(HANDLE a, HANDLE b)
{
	struct cv_os_id x, y;
	int rc = cv_nt_id(a, &x);

	if (rc == 0)
		rc = cv_nt_id(b, &y);
	if (rc == 0 && !cv_os_same_id(&x, &y))
		rc = -ELOOP;
	return rc;
}

int cv_nt_open_how(struct cv_os_dir at, const char *name, unsigned how, ACCESS_MASK access,
	ULONG options, HANDLE *ret)
{
	OWN_NT_HANDLE HANDLE entry = NULL;
	struct cv_nt_kind kind;
	int rc;

	*ret = NULL;
	if (!(how & CV_OS_NOFOLLOW))
		return cv_nt_open(at, name, access, options, ret);
	rc = cv_nt_open(at, name, access, options | FILE_OPEN_REPARSE_POINT, &entry);
	/* For a link to a directory, too. */
	if (rc == -EISDIR && cv_nt_open_entry(at, name, FILE_READ_ATTRIBUTES, &entry, &kind) == 0)
		return kind.type == CV_OS_LINK ? -ELOOP : -EISDIR;
	if (rc == 0)
		rc = cv_nt_kind(entry, &kind);
	if (rc < 0)
		return rc;
	if (kind.type == CV_OS_LINK)
		return -ELOOP;
	if (!(kind.attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
		*ret = entry;
		entry = NULL;
		return 0;
	}
	/* What such a reparse point contains is found without the option only. */
	rc = cv_nt_open(at, name, access, options, ret);
	if (rc == 0)
		rc = same_file(entry, *ret);
	if (rc < 0) {
		cv_nt_drop(ret);
		*ret = NULL;
	}
	return rc;
}

int cv_nt_reopen(HANDLE handle, ACCESS_MASK access, HANDLE *ret)
{
	const struct cv_nt_how how = { access, FILE_OPEN, FILE_OPEN_REPARSE_POINT, 0 };
	struct cv_nt_name self;

	cv_nt_self(&self, handle);
	return cv_nt_error(cv_nt_create(&self.object, &how, ret));
}
