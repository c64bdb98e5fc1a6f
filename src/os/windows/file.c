/* SPDX-License-Identifier: MIT */
#include "nt.h"

enum { PART_MAX = 1 << 30 }; /* of one read or write */

static int give(int rc, HANDLE handle, struct cv_os_file *ret)
{
	*ret = rc < 0 ? CV_OS_NO_FILE : (struct cv_os_file){ (intptr_t)handle };
	return rc;
}

int cv_os_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_file *ret)
{
	ACCESS_MASK access = FILE_READ_DATA;
	HANDLE handle;
	int rc;

	if (how & CV_OS_WRITE)
		access |= FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES;
	rc = cv_nt_open_how(at, name, how, access, FILE_NON_DIRECTORY_FILE, &handle);
	return give(rc, handle, ret);
}

int cv_os_create(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file *ret)
{
	const struct cv_nt_how how = { FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES, FILE_CREATE,
		FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
		mode & 0200 ? FILE_ATTRIBUTE_NORMAL : FILE_ATTRIBUTE_READONLY };
	OWN_NT_NAME struct cv_nt_name nt = { .heap = NULL };
	HANDLE handle = NULL;
	int rc = cv_nt_new_name(&nt, at, name);

	if (rc == 0)
		rc = cv_nt_error(cv_nt_create(&nt.object, &how, &handle));
	return give(rc == -EISDIR ? -EEXIST : rc, handle, ret);
}

int cv_os_close(struct cv_os_file *file)
{
	if (cv_os_file_ok(*file))
		cv_nt_close(cv_nt_file(*file));
	*file = CV_OS_NO_FILE;
	return 0;
}

static int64_t read_part(HANDLE file, void *ret, size_t n, LARGE_INTEGER *at)
{
	size_t got;
	NTSTATUS status = cv_nt_read(file, ret, (ULONG)(n < PART_MAX ? n : PART_MAX), at, &got);

	if (status == STATUS_END_OF_FILE || status == STATUS_PIPE_BROKEN)
		return 0;
	return status == STATUS_SUCCESS ? (int64_t)got : cv_nt_error(status);
}

static int write_all(HANDLE file, const char *p, size_t n, LARGE_INTEGER *at)
{
	while (n) {
		size_t put;
		NTSTATUS status =
			cv_nt_write(file, p, (ULONG)(n < PART_MAX ? n : PART_MAX), at, &put);

		if (status != STATUS_SUCCESS)
			return cv_nt_error(status);
		if (put == 0)
			return -EIO;
		p += put;
		n -= put;
		if (at)
			at->QuadPart += (int64_t)put;
	}
	return 0;
}

int64_t cv_os_read(struct cv_os_file file, void *ret, size_t n)
{
	return read_part(cv_nt_file(file), ret, n, NULL);
}

int cv_os_write(struct cv_os_file file, const void *data, size_t n)
{
	return write_all(cv_nt_file(file), data, n, NULL);
}

/* Reads and writes elsewhere move the position of the handle, too. */
static int get_position(HANDLE file, FILE_POSITION_INFORMATION *ret)
{
	return cv_nt_error(cv_nt_get(file, CV_NT_POSITION_INFO, ret, sizeof(*ret)));
}

static int set_position(HANDLE file, const FILE_POSITION_INFORMATION *position)
{
	return cv_nt_error(cv_nt_set(file, CV_NT_POSITION_INFO, position, sizeof(*position)));
}

int64_t cv_os_read_at(struct cv_os_file file, void *ret, size_t n, uint64_t at)
{
	LARGE_INTEGER offset = { .QuadPart = (int64_t)at };
	HANDLE handle = cv_nt_file(file);
	FILE_POSITION_INFORMATION position;
	int64_t got;
	int rc = get_position(handle, &position);

	if (rc < 0)
		return rc;
	got = read_part(handle, ret, n, &offset);
	rc = got < 0 ? (int)got : set_position(handle, &position);
	return rc < 0 ? rc : got;
}

int cv_os_write_at(struct cv_os_file file, const void *data, size_t n, uint64_t at)
{
	LARGE_INTEGER offset = { .QuadPart = (int64_t)at };
	HANDLE handle = cv_nt_file(file);
	FILE_POSITION_INFORMATION position;
	int rc = get_position(handle, &position);

	if (rc == 0)
		rc = write_all(handle, data, n, &offset);
	return rc == 0 ? set_position(handle, &position) : rc;
}
