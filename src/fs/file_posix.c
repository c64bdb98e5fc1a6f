/* SPDX-License-Identifier: MIT */
#include "fs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/own.h"
#include "fs/dir.h"

enum {
	COPY_CHUNK = 128 * 1024,
	SIZELESS_MAX = 16 * 1024,
	CLONE_BLOCK = 4096, /* of most file systems; where theirs are larger they refuse */
};

/* To the end, or as far as there is room. A read that ends at ENOUGH ends the file, too; 0: none.
 */
static int read_all(int fd, char *p, size_t room, size_t enough, size_t *ret_len)
{
	size_t n = 0;

	while (n < room && (n == 0 || n != enough)) {
		ssize_t got = read(fd, p + n, room - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_len = n;
	return 0;
}

int cv_read_file_stat(int dir_fd, const char *name, int flags, size_t max, struct cv_arena *a,
	struct cv_str *ret, struct stat *ret_st, struct cvenv_error *err)
{
	OWN_FD int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
	struct stat st;
	size_t room, len = 0;
	char *p;
	int rc;

	if (fd < 0 && errno != ENXIO)
		return cv_fail(err, errno, "cannot open '%s'", name);
	if (fd >= 0 && fstat(fd, &st) < 0)
		return cv_fail(err, errno, "cannot read '%s'", name);
	if (fd < 0 || !S_ISREG(st.st_mode)) /* ENXIO: a socket */
		return cv_fail_msg(err, EINVAL, "cannot read '%s': not a regular file", name);
	if ((uint64_t)st.st_size > max)
		return cv_fail(err, CVENV_ELIMIT, "cannot read '%s'", name);
	room = (size_t)st.st_size + 1; /* one more, to notice a file that grows */
	if (st.st_size == 0)           /* or one of /proc, which tells no size */
		room = (max < SIZELESS_MAX ? max : SIZELESS_MAX) + 1;
	p = cv_new(a, char, room + 1);
	if (!p)
		return cv_fail_nomem(err);
	rc = read_all(fd, p, room, (size_t)st.st_size, &len);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", name);
	if (len > max)
		return cv_fail(err, CVENV_ELIMIT, "cannot read '%s'", name);
	*ret = (struct cv_str){ p, len };
	*ret_st = st;
	return 0;
}

int cv_read_file(int dir_fd, const char *name, int flags, size_t max, struct cv_arena *a,
	struct cv_str *ret, struct cvenv_error *err)
{
	struct stat st;

	return cv_read_file_stat(dir_fd, name, flags, max, a, ret, &st, err);
}

bool cv_file_is(int dir_fd, const char *name, struct cv_str data, mode_t *ret_mode)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct stat st = { 0 };
	struct cv_str text = { 0 };

	if (cv_read_file_stat(dir_fd, name, O_NOFOLLOW, data.n, &a, &text, &st, NULL) < 0)
		return false;
	*ret_mode = st.st_mode;
	return cv_str_eq(text, data);
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* What there is from AT on, but no more than MAX; *ret_done says how much that was. */
static int copy_by_hand(int from, int to, uint64_t at, uint64_t max, uint64_t *ret_done)
{
	OWN_MEM char *buf = malloc(COPY_CHUNK);
	uint64_t done = 0;

	if (!buf)
		return -ENOMEM;
	while (done < max) {
		size_t want = max - done < COPY_CHUNK ? (size_t)(max - done) : COPY_CHUNK;
		ssize_t n = pread(from, buf, want, (off_t)(at + done));
		int rc;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		rc = write_all(to, buf, (size_t)n);
		if (rc < 0)
			return rc;
		done += (uint64_t)n;
	}
	*ret_done = done;
	return 0;
}

/* As far as that goes: between file systems and on old kernels it goes nowhere. */
static int copy_in_kernel(int from, int to, uint64_t at, uint64_t size, uint64_t *ret_done)
{
	loff_t offset = (loff_t)at;
	uint64_t done = 0;

	while (done < size) {
		ssize_t n = copy_file_range(from, &offset, to, NULL, (size_t)(size - done), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && cv_err_unsupported(errno)))
			break;
		if (n < 0)
			return -errno;
		done += (uint64_t)n;
	}
	*ret_done = done;
	return 0;
}

/* To the end of the file, whose SIZE is what fstat said: 0 in /proc for anything. */
static int copy_all(int from, int to, uint64_t size)
{
	uint64_t done = 0, rest;
	int rc = copy_in_kernel(from, to, 0, size, &done);

	if (rc < 0 || (done == size && size))
		return rc;
	return copy_by_hand(from, to, done, UINT64_MAX, &rest);
}

static int copy_part(int from, int to, uint64_t at, uint64_t size)
{
	uint64_t done = 0, rest = 0;
	int rc = copy_in_kernel(from, to, at, size, &done);

	if (rc == 0 && done < size)
		rc = copy_by_hand(from, to, at + done, size - done, &rest);
	return rc == 0 && done + rest < size ? -ENODATA : rc;
}

/*
 * Of the Linux file systems that clone: XFS unshares the block that is cut, which measured three
 * times as long as copying all; what others do was not measured.
 */
bool cv_clones_parts(int fd)
{
	struct statfs st;

	return fstatfs(fd, &st) == 0 && st.f_type == BTRFS_SUPER_MAGIC;
}

/* An unnamed file in that directory, which closing the descriptor deletes. */
static int open_unnamed(int dir_fd)
{
	return openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

bool cv_clones(int from_dir_fd, int to_dir_fd)
{
	static const char block[CLONE_BLOCK];
	OWN_FD int from = open_unnamed(from_dir_fd);
	OWN_FD int to = open_unnamed(to_dir_fd);

	return from >= 0 && to >= 0 && write_all(from, block, sizeof(block)) == 0 &&
	       ioctl(to, FICLONE, from) == 0;
}

/* Whole blocks, then what is too much is cut off. 1: done; 0: these file systems cannot; -errno. */
static int clone_part(int from, int to, uint64_t at, uint64_t size)
{
	struct file_clone_range range = { .src_fd = from,
		.src_offset = at,
		.src_length = (size + CLONE_BLOCK - 1) / CLONE_BLOCK * CLONE_BLOCK };

	if (size == 0)
		return 1;
	if (ioctl(to, FICLONERANGE, &range) < 0)
		return 0;
	return ftruncate(to, (off_t)size) < 0 ? -errno : 1;
}

bool cv_refuses_attribute(int code)
{
	return code == EACCES || cv_err_unsupported(code);
}

/* The mode that open() shall be given. */
static mode_t open_mode(const struct cv_new_file *how)
{
	if (how->mask)
		return how->mode | how->add_mode;
	/* An exact mode is set when the content is there; nobody reads it before. */
	return how->exact ? how->mode & 0700 : how->mode;
}

static int change_mode(int fd, mode_t mode)
{
	mode_t needed = mode & S_IRWXU;
	struct stat st;
	int code;

	if (fchmod(fd, mode) == 0)
		return 0;
	code = errno;
	if (cv_refuses_attribute(code) && fstat(fd, &st) == 0 && (st.st_mode & needed) == needed)
		return 0;
	return -code;
}

static int set_mode(int fd, const struct cv_new_file *how)
{
	mode_t mode = how->mode;
	struct stat st;

	if (how->mask) {
		mode = (how->exact ? mode : mode & how->mask) | how->add_mode;
		if ((open_mode(how) & how->mask) == mode)
			return 0;
	} else if (how->exact) {
		mode |= how->add_mode;
	} else if (how->add_mode) {
		if (fstat(fd, &st) < 0)
			return -errno;
		mode = (st.st_mode & 07777) | how->add_mode;
	} else {
		return 0;
	}
	return change_mode(fd, mode);
}

/*
 * Only bytecode depends on a time, that of its source: a caller that writes both sets `lost_mtime`.
 */
static int set_mtime(int fd, const struct cv_new_file *how)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = how->mtime } };

	if (futimens(fd, times) == 0)
		return 0;
	if (!how->lost_mtime || !cv_refuses_attribute(errno))
		return -errno;
	*how->lost_mtime = true;
	return 0;
}

static int finish(int fd, const struct cv_new_file *how)
{
	int rc = set_mode(fd, how);

	return rc == 0 && how->set_mtime ? set_mtime(fd, how) : rc;
}

static int open_new(
	int dir_fd, const char *name, const struct cv_new_file *how, struct cvenv_error *err)
{
	int fd = openat(
		dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, open_mode(how));

	if (fd < 0)
		return cv_fail(err, errno, "cannot create '%s'", name);
	return fd;
}

/* Close FD, whose writing ended with RC; remove the file again when anything failed. */
static int close_new(int dir_fd, const char *name, int fd, int rc, struct cvenv_error *err)
{
	/* close() can be where a full disk is first reported */
	if (close(fd) < 0 && rc == 0 && errno != EINTR)
		rc = -errno;
	if (rc == 0)
		return 0;
	(void)unlinkat(dir_fd, name, 0);
	return cv_fail(err, -rc, "cannot write '%s'", name);
}

int cv_write_begin(struct cv_writing *w, int dir_fd, const char *name,
	const struct cv_new_file *how, struct cvenv_error *err)
{
	int fd = open_new(dir_fd, name, how, err);

	*w = (struct cv_writing){
		.dir_fd = dir_fd, .fd = fd < 0 ? -1 : fd, .name = name, .how = how
	};
	return fd < 0 ? fd : 0;
}

int cv_write_add(struct cv_writing *w, struct cv_str data)
{
	return write_all(w->fd, data.p, data.n);
}

int cv_write_end(struct cv_writing *w, int rc, struct cvenv_error *err)
{
	if (rc == 0)
		rc = finish(w->fd, w->how);
	rc = close_new(w->dir_fd, w->name, w->fd, rc, err);
	w->fd = -1;
	return rc;
}

int cv_write_new(int dir_fd, const char *name, const struct cv_new_file *how, struct cv_str data,
	struct cvenv_error *err)
{
	struct cv_writing w;
	int rc = cv_write_begin(&w, dir_fd, name, how, err);

	return rc < 0 ? rc : cv_write_end(&w, cv_write_add(&w, data), err);
}

int cv_copy_new(int dir_fd, const char *name, const struct cv_new_file *how, int from_fd,
	uint64_t size, bool *reflink, struct cvenv_error *err)
{
	int fd = open_new(dir_fd, name, how, err);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (*reflink && ioctl(fd, FICLONE, from_fd) < 0)
		*reflink = false;
	if (!*reflink)
		rc = copy_all(from_fd, fd, size);
	if (rc == 0)
		rc = finish(fd, how);
	return close_new(dir_fd, name, fd, rc, err);
}

int cv_copy_part(int dir_fd, const char *name, const struct cv_new_file *how, int from_fd,
	uint64_t at, uint64_t size, bool *reflink, struct cvenv_error *err)
{
	int fd = open_new(dir_fd, name, how, err);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (*reflink)
		rc = clone_part(from_fd, fd, at, size);
	if (rc == 0) {
		*reflink = false;
		rc = copy_part(from_fd, fd, at, size);
	}
	if (rc >= 0)
		rc = finish(fd, how);
	return close_new(dir_fd, name, fd, rc, err);
}

int cv_may(int dir_fd, const char *name, int how)
{
	if (faccessat(dir_fd, name, how, AT_EACCESS) == 0)
		return 0;
	/* The C library may call faccessat2() even for a plain faccessat(). */
	if (cv_err_unsupported(errno) && syscall(SYS_faccessat, dir_fd, name, how) == 0)
		return 0;
	return -errno;
}

int cv_replace_file(
	int dir_fd, const char *name, mode_t mode, struct cv_str data, struct cvenv_error *err)
{
	struct cv_new_file how = { .mode = mode };
	char tmp[CV_TEMP_NAME_MAX];
	int rc, tries = 0;

	do {
		cv_temp_name(tmp);
		rc = cv_write_new(dir_fd, tmp, &how, data, err);
	} while (rc == -EEXIST && ++tries < CV_TEMP_TRIES);
	if (rc < 0)
		return cv_wrap(err, rc, "cannot write '%s'", name);
	if (renameat(dir_fd, tmp, dir_fd, name) < 0) {
		rc = cv_fail(err, errno, "cannot write '%s'", name);
		(void)unlinkat(dir_fd, tmp, 0);
	}
	return rc;
}
