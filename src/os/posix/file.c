/* SPDX-License-Identifier: MIT */
#include "posix.h"

enum { PART_MAX = 1 << 30 }; /* of one read or write: macOS refuses more than INT_MAX */

int cv_posix_open(struct cv_os_dir at, const char *name, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(cv_posix_fd(at), name, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && errno == EMLINK && flags & O_NOFOLLOW) /* FreeBSD, for a link */
		return -ELOOP;
	return fd < 0 ? -errno : fd;
}

int cv_posix_open_quiet(struct cv_os_dir at, const char *name, int flags, unsigned how)
{
	int fd = -EPERM;

	if (CV_POSIX_QUIET != 0 && (how & CV_OS_QUIET))
		fd = cv_posix_open(at, name, flags | CV_POSIX_QUIET, 0);
	/* The file of another user. */
	return fd == -EPERM ? cv_posix_open(at, name, flags, 0) : fd;
}

static int give(int fd, struct cv_os_file *ret)
{
	*ret = CV_OS_NO_FILE;
	if (fd < 0)
		return fd;
	ret->handle = (intptr_t)fd + 1;
	return 0;
}

int cv_os_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_file *ret)
{
	int flags = how & CV_OS_WRITE ? O_RDWR : O_RDONLY;

	if (how & CV_OS_NOFOLLOW)
		flags |= O_NOFOLLOW;
	return give(cv_posix_open_quiet(at, name, flags | O_NONBLOCK | O_NOCTTY, how), ret);
}

int cv_os_create(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file *ret)
{
	return give(cv_posix_open(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, (mode_t)mode),
		ret);
}

int cv_os_close(struct cv_os_file *file)
{
	int fd = cv_posix_file_fd(*file);

	*file = CV_OS_NO_FILE;
	/* Never again: after EINTR the number may be another's. */
	return fd >= 0 && close(fd) < 0 && errno != EINTR ? -errno : 0;
}

int64_t cv_os_read(struct cv_os_file file, void *ret, size_t n)
{
	ssize_t got;

	do
		got = read(cv_posix_file_fd(file), ret, n < PART_MAX ? n : PART_MAX);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int64_t cv_os_read_at(struct cv_os_file file, void *ret, size_t n, uint64_t at)
{
	ssize_t got;

	do
		got = pread(cv_posix_file_fd(file), ret, n < PART_MAX ? n : PART_MAX, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int cv_os_write(struct cv_os_file file, const void *data, size_t n)
{
	const char *p = data;

	while (n) {
		ssize_t put = write(cv_posix_file_fd(file), p, n < PART_MAX ? n : PART_MAX);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

int cv_os_write_at(struct cv_os_file file, const void *data, size_t n, uint64_t at)
{
	const char *p = data;

	while (n) {
		ssize_t put =
			pwrite(cv_posix_file_fd(file), p, n < PART_MAX ? n : PART_MAX, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		p += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return 0;
}

static enum cv_os_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return CV_OS_FILE;
	case S_IFDIR:
		return CV_OS_DIR;
	case S_IFLNK:
		return CV_OS_LINK;
	default:
		return CV_OS_OTHER;
	}
}

static int fill(int rc, const struct stat *st, struct cv_os_stat *ret)
{
	enum { BLOCK = 512 }; /* st_blocks counts in these, whatever st_blksize is */

	if (rc < 0)
		return -errno;
	*ret = (struct cv_os_stat){
		.type = type_of(st->st_mode),
		.mode = st->st_mode & CV_OS_MODE,
		.owner = st->st_uid,
		.own_group = st->st_gid == st->st_uid,
		.size = (uint64_t)st->st_size,
		.disk = (uint64_t)st->st_blocks * BLOCK,
		.links = st->st_nlink,
		.mtime = { st->st_mtim.tv_sec, (int32_t)st->st_mtim.tv_nsec },
		.ctime = { st->st_ctim.tv_sec, (int32_t)st->st_ctim.tv_nsec },
		.atime = { st->st_atim.tv_sec, (int32_t)st->st_atim.tv_nsec },
		.id = { (uint64_t)st->st_dev, { st->st_ino } },
	};
	return 0;
}

int cv_os_stat(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_stat *ret)
{
	struct stat st;

	return fill(fstatat(cv_posix_fd(at), name, &st, cv_posix_at_flags(how)), &st, ret);
}

int cv_os_stat_dir(struct cv_os_dir dir, struct cv_os_stat *ret)
{
	struct stat st;

	return fill(fstat(cv_posix_fd(dir), &st), &st, ret);
}

int cv_os_stat_file(struct cv_os_file file, struct cv_os_stat *ret)
{
	struct stat st;

	return fill(fstat(cv_posix_file_fd(file), &st), &st, ret);
}

int cv_os_stat_parent(struct cv_os_dir dir, struct cv_os_stat *ret)
{
	return cv_os_stat(dir, "..", CV_OS_FOLLOW, ret);
}

int cv_os_chmod(struct cv_os_file file, unsigned mode)
{
	return cv_posix_result(fchmod(cv_posix_file_fd(file), (mode_t)mode));
}

int cv_os_chmod_dir(struct cv_os_dir dir, unsigned mode)
{
	return cv_posix_result(fchmod(cv_posix_fd(dir), (mode_t)mode));
}

int cv_os_chmod_at(struct cv_os_dir at, const char *name, unsigned mode)
{
	return cv_posix_result(fchmodat(cv_posix_fd(at), name, (mode_t)mode, AT_SYMLINK_NOFOLLOW));
}

static int set_mtime(int fd, int64_t s)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = (time_t)s } };

	return cv_posix_result(futimens(fd, times));
}

int cv_os_set_mtime(struct cv_os_file file, int64_t s)
{
	return set_mtime(cv_posix_file_fd(file), s);
}

int cv_os_set_mtime_dir(struct cv_os_dir dir, int64_t s)
{
	return set_mtime(cv_posix_fd(dir), s);
}

int cv_os_set_mtime_at(struct cv_os_dir at, const char *name, int64_t s)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = (time_t)s } };

	return cv_posix_result(utimensat(cv_posix_fd(at), name, times, AT_SYMLINK_NOFOLLOW));
}

int cv_os_touch_at(struct cv_os_dir at, const char *name)
{
	static const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_nsec = UTIME_NOW } };

	return cv_posix_result(utimensat(cv_posix_fd(at), name, times, AT_SYMLINK_NOFOLLOW));
}
