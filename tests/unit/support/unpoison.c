/* SPDX-License-Identifier: MIT */
/*
 * For MemorySanitizer, which sees no write of what it did not compile: the functions of libraries
 * (and of the C library, where it does not know them) that our code has something written by. They
 * stand in front of the real ones, say that what these have written is set, and look whether what
 * they are given is. Nowhere else is anything declared as set.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <nettle/sha2.h>
#include <sanitizer/msan_interface.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Something of each library that is not ours: else the linker would leave the library out. */
static void (*const kept[])(void) __attribute__((used)) = {
	(void (*)(void))libdeflate_free_decompressor,
	(void (*)(void))nettle_sha256_init,
};

/* real: the function of that name that is behind ours. */
#define REAL(name)                                       \
	static __typeof__(&(name)) real;                 \
	if (!real && !(*(void **)&real = symbol(#name))) \
		abort();

static void *symbol(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

size_t libdeflate_deflate_compress(
	struct libdeflate_compressor *c, const void *in, size_t in_n, void *out, size_t room)
{
	size_t n;

	REAL(libdeflate_deflate_compress)
	__msan_check_mem_is_initialized(in, in_n);
	n = real(c, in, in_n, out, room);
	__msan_unpoison(out, n);
	return n;
}

enum libdeflate_result libdeflate_deflate_decompress_ex(struct libdeflate_decompressor *d,
	const void *in, size_t in_n, void *out, size_t room, size_t *ret_in, size_t *ret_out)
{
	enum libdeflate_result rc;
	size_t taken = 0, made = room;

	REAL(libdeflate_deflate_decompress_ex)
	__msan_check_mem_is_initialized(in, in_n);
	rc = real(d, in, in_n, out, room, &taken, ret_out ? &made : NULL);
	if (rc != LIBDEFLATE_SUCCESS)
		return rc;
	__msan_unpoison(out, made);
	if (ret_in)
		*ret_in = taken;
	if (ret_out)
		*ret_out = made;
	return rc;
}

uint32_t libdeflate_crc32(uint32_t crc, const void *in, size_t n)
{
	REAL(libdeflate_crc32)
	__msan_check_mem_is_initialized(in, n);
	return real(crc, in, n);
}

void nettle_sha256_update(struct sha256_ctx *ctx, size_t n, const uint8_t *in)
{
	REAL(nettle_sha256_update)
	__msan_check_mem_is_initialized(in, n);
	real(ctx, n, in);
}

void nettle_sha256_digest(struct sha256_ctx *ctx, size_t n, uint8_t *out)
{
	REAL(nettle_sha256_digest)
	real(ctx, n, out);
	__msan_unpoison(out, n);
}

/* clang 14 knows those of an older C library only. */
int fstat(int fd, struct stat *ret)
{
	int rc;

	REAL(fstat)
	rc = real(fd, ret);
	__msan_unpoison(ret, rc == 0 ? sizeof(*ret) : 0);
	return rc;
}

int fstatat(int fd, const char *path, struct stat *ret, int flags)
{
	int rc;

	REAL(fstatat)
	__msan_check_mem_is_initialized(path, strlen(path) + 1);
	rc = real(fd, path, ret, flags);
	__msan_unpoison(ret, rc == 0 ? sizeof(*ret) : 0);
	return rc;
}

int stat(const char *path, struct stat *ret)
{
	return fstatat(AT_FDCWD, path, ret, 0);
}

int lstat(const char *path, struct stat *ret)
{
	return fstatat(AT_FDCWD, path, ret, AT_SYMLINK_NOFOLLOW);
}

long syscall(long number, ...)
{
	long rc;
	va_list ap;
	int first;

	REAL(syscall)
	va_start(ap, number);
	first = va_arg(ap, int);
	if (number == SYS_pidfd_open) {
		rc = real(number, first, va_arg(ap, int));
	} else if (number == SYS_statx) {
		const char *path = va_arg(ap, const char *);
		int flags = va_arg(ap, int);
		unsigned mask = va_arg(ap, unsigned);
		void *out = va_arg(ap, void *);

		rc = real(number, first, path, flags, mask, out);
		__msan_unpoison(out, rc == 0 ? sizeof(struct statx) : 0);
	} else if (number == SYS_renameat2) {
		const char *from = va_arg(ap, const char *);
		int to_fd = va_arg(ap, int);
		const char *to = va_arg(ap, const char *);

		rc = real(number, first, from, to_fd, to, va_arg(ap, unsigned));
	} else if (number == SYS_faccessat) {
		const char *path = va_arg(ap, const char *);

		rc = real(number, first, path, va_arg(ap, int));
	} else {
		abort(); /* of no other it is known what it writes */
	}
	va_end(ap);
	return rc;
}
