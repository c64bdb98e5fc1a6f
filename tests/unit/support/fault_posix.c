/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.h"

FAULT_WRAP(int, mkdir, (const char *p, mode_t m), (p, m), -1)
FAULT_WRAP(int, mkdirat, (int fd, const char *p, mode_t m), (fd, p, m), -1)
FAULT_WRAP(int, symlinkat, (const char *t, int fd, const char *p), (t, fd, p), -1)
FAULT_WRAP(int, linkat, (int a, const char *b, int c, const char *d, int e), (a, b, c, d, e), -1)
FAULT_WRAP(int, renameat, (int a, const char *b, int c, const char *d), (a, b, c, d), -1)
FAULT_WRAP(int, unlinkat, (int fd, const char *p, int f), (fd, p, f), -1)
FAULT_WRAP(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), -1)
FAULT_WRAP(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), -1)
FAULT_WRAP(int, fchmod, (int fd, mode_t m), (fd, m), -1)
FAULT_WRAP(int, futimens, (int fd, const struct timespec t[2]), (fd, t), -1)

/*
 * With 64-bit file offsets the C library's headers may rename these; each is wrapped under
 * both names, and calls the real one under the same.
 */
#define WRAP_BOTH(type, name, params, args, failure)  \
	FAULT_WRAP(type, name, params, args, failure) \
	FAULT_WRAP(type, name##64, params, args, failure)

#undef fstat64
#undef fstatat64
WRAP_BOTH(int, fstat, (int fd, struct stat *s), (fd, s), -1)
WRAP_BOTH(int, fstatat, (int fd, const char *p, struct stat *s, int f), (fd, p, s, f), -1)
WRAP_BOTH(ssize_t, pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at), -1)

#define WRAP_OPEN(name, first, first_arg)                       \
	int __real_##name(first const char *p, int flags, ...); \
	int __wrap_##name(first const char *p, int flags, ...); \
	int __wrap_##name(first const char *p, int flags, ...)  \
	{                                                       \
		mode_t mode = 0;                                \
		va_list ap;                                     \
		if (fault_fails(#name))                         \
			return -1;                              \
		va_start(ap, flags);                            \
		if (flags & O_CREAT)                            \
			mode = va_arg(ap, mode_t);              \
		va_end(ap);                                     \
		return __real_##name(first_arg p, flags, mode); \
	}
#define FD_PARAM int fd,
#define FD_ARG fd,
#define NOTHING
WRAP_OPEN(open, NOTHING, NOTHING)
WRAP_OPEN(open64, NOTHING, NOTHING)
WRAP_OPEN(openat, FD_PARAM, FD_ARG)
WRAP_OPEN(openat64, FD_PARAM, FD_ARG)

/* The only call by number that is counted. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long args[5];
	va_list ap;

	if (number == SYS_renameat2 && fault_fails("renameat2"))
		return -1;
	va_start(ap, number);
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		args[i] = va_arg(ap, long);
	va_end(ap);
	return __real_syscall(number, args[0], args[1], args[2], args[3], args[4]);
}

/* close() fails after it has closed, as a full disk makes it. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
	bool failing = fault_fails("close");
	int code = errno, rc = __real_close(fd);

	if (failing)
		errno = code;
	return failing ? -1 : rc;
}
