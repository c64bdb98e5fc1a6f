/* SPDX-License-Identifier: MIT */
/*
 * Runs a program where the kernel refuses some system calls, as a sandbox, an old container
 * runtime or a poor file system does:
 *
 *	deny CALL=ERROR... -- PROGRAM ARG...
 *
 * CALL is the name of a system call; "reflink" is ioctl() with FICLONE or FICLONERANGE, and
 * "renameat2" is meant with flags only, since that is renameat() on some processors. The filter
 * is inherited by all children. Exit status 77: filters are not possible here, stderr says why.
 */
#if !defined(__linux__) || (!defined(__x86_64__) && !defined(__aarch64__))
#include <stdio.h>

int main(void)
{
	(void)fputs("deny: not written for this system\n", stderr);
	return 77;
}
#else
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* Numbers are the same on all processors from 424 on, for older headers. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { CANNOT = 77, USAGE = 2, ROOM = 256, RULE = 8 };

#define CALL(name)                \
	{                         \
#name, SYS_##name \
	}
#define ERROR(name)         \
	{                   \
#name, name \
	}

struct named {
	const char *name;
	int value;
};

static const struct named calls[] = {
#ifdef __x86_64__
	CALL(chmod),
	CALL(chown),
	CALL(link),
	CALL(symlink),
#endif
	CALL(clone3),
	CALL(close_range),
	CALL(copy_file_range),
	CALL(faccessat2),
	CALL(fadvise64),
	CALL(fallocate),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(fchmodat2),
	CALL(fchown),
	CALL(fchownat),
	CALL(fgetxattr),
	CALL(flock),
	CALL(fsync),
	CALL(fstatfs),
	CALL(getrandom),
	CALL(getxattr),
	CALL(lgetxattr),
	CALL(linkat),
	CALL(memfd_create),
	CALL(openat2),
	CALL(pidfd_open),
	CALL(prlimit64),
	{ "reflink", SYS_ioctl },
	CALL(renameat2),
	CALL(rseq),
	CALL(sendfile),
	CALL(set_robust_list),
	CALL(setpgid),
	CALL(setxattr),
	CALL(socketpair),
	CALL(statx),
	CALL(symlinkat),
	CALL(sysinfo),
	CALL(utimensat),
};

static const struct named errors[] = {
	ERROR(EACCES),
	ERROR(EINVAL),
	ERROR(ENOSYS),
	ERROR(ENOTTY),
	ERROR(EOPNOTSUPP),
	ERROR(EPERM),
	ERROR(EPROTO),
	ERROR(EROFS),
	ERROR(EXDEV),
};

static int find(const struct named *list, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i].name) == len && memcmp(list[i].name, name, len) == 0)
			return list[i].value;
	(void)fprintf(stderr, "deny: unknown name '%.*s'\n", (int)len, name);
	return -1;
}

struct filter {
	struct sock_filter code[ROOM];
	unsigned short n;
};

static void add(struct filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	f->code[f->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* "CALL=ERROR"; false after a message. */
static bool add_rule(struct filter *f, const char *text)
{
	const char *sign = strchr(text, '=');
	size_t len = sign ? (size_t)(sign - text) : strlen(text);
	int call = find(calls, sizeof(calls) / sizeof(calls[0]), text, len);
	int code =
		sign ? find(errors, sizeof(errors) / sizeof(errors[0]), sign + 1, strlen(sign + 1))
		     : -1;

	if (call < 0 || code < 0 || f->n + RULE >= ROOM)
		return false;
	load(f, offsetof(struct seccomp_data, nr));
	if (call == SYS_ioctl) {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
		load(f, offsetof(struct seccomp_data, args[1]));
		add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)FICLONE, 1, 0);
		add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)FICLONERANGE, 0, 1);
	} else if (call == SYS_renameat2) {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 3);
		load(f, offsetof(struct seccomp_data, args[4]));
		add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	} else {
		add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	}
	add(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code, 0, 0);
	return true;
}

int main(int argc, char **argv)
{
	struct filter f = { .n = 0 };
	struct sock_fprog program = { .filter = f.code };
	int at = 1;

	load(&f, offsetof(struct seccomp_data, arch));
	add(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	add(&f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	for (; at < argc && strcmp(argv[at], "--") != 0; at++)
		if (!add_rule(&f, argv[at]))
			return USAGE;
	add(&f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = f.n;
	if (at + 1 >= argc) {
		(void)fputs("deny: no program\n", stderr);
		return USAGE;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		(void)fprintf(
			stderr, "deny: cannot filter system calls here: %s\n", strerror(errno));
		return CANNOT;
	}
	(void)execv(argv[at + 1], argv + at + 1);
	(void)fprintf(stderr, "deny: cannot run '%s': %s\n", argv[at + 1], strerror(errno));
	return USAGE;
}
#endif
