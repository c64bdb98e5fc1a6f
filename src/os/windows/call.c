/* SPDX-License-Identifier: MIT */
#include "nt.h"

/* What mingw's <winternl.h> does not declare. */
NTSYSAPI NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE dir, HANDLE event, PIO_APC_ROUTINE apc,
	PVOID context, PIO_STATUS_BLOCK io, PVOID ret, ULONG room, FILE_INFORMATION_CLASS class,
	BOOLEAN single, UNICODE_STRING *pattern, BOOLEAN restart);
NTSYSAPI NTSTATUS NTAPI NtReadFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE apc, PVOID context,
	PIO_STATUS_BLOCK io, PVOID ret, ULONG n, PLARGE_INTEGER at, PULONG key);
NTSYSAPI NTSTATUS NTAPI NtWriteFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE apc, PVOID context,
	PIO_STATUS_BLOCK io, const void *data, ULONG n, PLARGE_INTEGER at, PULONG key);
NTSYSAPI NTSTATUS NTAPI NtQuerySecurityObject(
	HANDLE handle, SECURITY_INFORMATION what, PVOID ret, ULONG room, PULONG ret_room);
NTSYSAPI NTSTATUS NTAPI NtCreateEvent(
	HANDLE *ret, ACCESS_MASK access, OBJECT_ATTRIBUTES *name, ULONG type, BOOLEAN set);

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

static NTSTATUS simple(NTSTATUS status)
{
	return NT_SUCCESS(status) ? STATUS_SUCCESS : status;
}

/* The native calls do not change what they are given, but their types are not const. */
static void *unconst(const void *p)
{
	return (void *)(uintptr_t)p;
}

NTSTATUS cv_nt_create(OBJECT_ATTRIBUTES *name, const struct cv_nt_how *how, HANDLE *ret)
{
	IO_STATUS_BLOCK io = { 0 };
	NTSTATUS status;

	*ret = NULL;
	status = NtCreateFile(ret, how->access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, name, &io,
		NULL, how->attributes, SHARE_ALL, how->disposition,
		how->options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
	if (!NT_SUCCESS(status))
		*ret = NULL;
	return simple(status);
}

void cv_nt_close(HANDLE handle)
{
	(void)NtClose(handle);
}

NTSTATUS cv_nt_get(HANDLE handle, int class, void *ret, size_t room)
{
	IO_STATUS_BLOCK io = { 0 };

	return simple(NtQueryInformationFile(
		handle, &io, ret, (ULONG)room, (FILE_INFORMATION_CLASS) class));
}

NTSTATUS cv_nt_set(HANDLE handle, int class, const void *data, size_t n)
{
	IO_STATUS_BLOCK io = { 0 };

	return simple(NtSetInformationFile(
		handle, &io, unconst(data), (ULONG)n, (FILE_INFORMATION_CLASS) class));
}

NTSTATUS cv_nt_get_volume(HANDLE handle, int class, void *ret, size_t room)
{
	IO_STATUS_BLOCK io = { 0 };
	NTSTATUS status = NtQueryVolumeInformationFile(
		handle, &io, ret, (ULONG)room, (FS_INFORMATION_CLASS) class);

	/* The names at the end of these structures are cut off. */
	return status == STATUS_BUFFER_OVERFLOW ? STATUS_SUCCESS : simple(status);
}

NTSTATUS cv_nt_list(HANDLE dir, int class, void *ret, size_t room)
{
	IO_STATUS_BLOCK io = { 0 };

	return simple(NtQueryDirectoryFile(dir, NULL, NULL, NULL, &io, ret, (ULONG)room,
		(FILE_INFORMATION_CLASS) class, FALSE, NULL, FALSE));
}

NTSTATUS cv_nt_read(HANDLE file, void *ret, ULONG n, LARGE_INTEGER *at, size_t *ret_n)
{
	IO_STATUS_BLOCK io = { 0 };
	NTSTATUS status = NtReadFile(file, NULL, NULL, NULL, &io, ret, n, at, NULL);

	*ret_n = NT_SUCCESS(status) ? io.Information : 0;
	return simple(status);
}

NTSTATUS cv_nt_write(HANDLE file, const void *data, ULONG n, LARGE_INTEGER *at, size_t *ret_n)
{
	IO_STATUS_BLOCK io = { 0 };
	NTSTATUS status = NtWriteFile(file, NULL, NULL, NULL, &io, data, n, at, NULL);

	*ret_n = NT_SUCCESS(status) ? io.Information : 0;
	return simple(status);
}

NTSTATUS cv_nt_control(HANDLE file, ULONG code, const void *in, size_t in_n, void *ret, size_t room)
{
	IO_STATUS_BLOCK io = { 0 };

	return simple(NtFsControlFile(
		file, NULL, NULL, NULL, &io, code, unconst(in), (ULONG)in_n, ret, (ULONG)room));
}

NTSTATUS cv_nt_security(HANDLE handle, void *ret, size_t room)
{
	ULONG n = 0;

	return simple(NtQuerySecurityObject(handle,
		OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, ret, (ULONG)room, &n));
}

NTSTATUS cv_nt_claim(OBJECT_ATTRIBUTES *name, HANDLE *ret)
{
	enum { NOTIFICATION = 0 };
	NTSTATUS status;

	*ret = NULL;
	status = NtCreateEvent(ret, SYNCHRONIZE, name, NOTIFICATION, FALSE);
	if (!NT_SUCCESS(status))
		*ret = NULL;
	return simple(status);
}

size_t cv_nt_final_path(HANDLE handle, unsigned flags, wchar_t *ret, size_t room)
{
	size_t n = GetFinalPathNameByHandleW(handle, ret, (DWORD)room, flags);

	return n && n < room ? n + 1 : n;
}

bool cv_nt_make_symlink(const wchar_t *path, const wchar_t *target, unsigned flags)
{
	return CreateSymbolicLinkW(path, target, flags) != 0;
}
