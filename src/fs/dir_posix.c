/* SPDX-License-Identifier: MIT */
#include "fs/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/own.h"
#include "base/path.h"

#define TEMP_PREFIX ".cvenv-tmp-"

enum {
	RANDOM_DIGITS = 8,
	UP_MAX = 4096, /* directories one above the other */
	/*
	 * Of a stage as long as it is one. Who may rename in the directory around it, but not write
	 * into it, can give its name to another one of ours, but not this mode.
	 */
	STAGE_MODE = S_ISVTX | 0700,
};

void cv_temp_name(char ret_name[CV_TEMP_NAME_MAX])
{
	static atomic_uint serial; /* the one global: names must differ between threads */
	uint32_t noise = 0;

	/* Without randomness names still differ, but for those that a process with our number left.
	 */
	(void)!getrandom(&noise, sizeof(noise), GRND_NONBLOCK);
	(void)snprintf(ret_name, CV_TEMP_NAME_MAX, TEMP_PREFIX "%ld-%08x", (long)getpid(),
		noise + atomic_fetch_add(&serial, 1));
}

/* The process number in such a name; 0 when it is another name. */
static pid_t maker_of(const char *name)
{
	struct cv_str rest = cv_str(name), pid;
	uint64_t value;

	if (!cv_str_starts(rest, CV_LIT(TEMP_PREFIX)))
		return 0;
	rest = cv_str(name + strlen(TEMP_PREFIX));
	if (!cv_str_cut(&rest, '-', &pid) || !rest.p || rest.n != RANDOM_DIGITS ||
		strspn(rest.p, "0123456789abcdef") != rest.n || !cv_str_u64(pid, INT_MAX, &value))
		return 0;
	return (pid_t)value;
}

bool cv_is_temp_name(const char *name)
{
	return maker_of(name) > 0;
}

static int make_dirs(char *path, size_t *ret_made_len, struct cvenv_error *err)
{
	size_t len = strlen(path);
	size_t at = len;
	bool stood = false;

	/* Up to the first one that can be made, then down again. */
	for (;;) {
		if (mkdir(path, 0777) == 0)
			break;
		if (errno == EEXIST) {
			if (at == len)
				return 0;
			stood = true;
			break;
		}
		if (errno != ENOENT || at <= 1)
			return cv_fail(err, errno, "cannot create directory '%s'", path);
		while (at > 0 && path[--at] != '/')
			;
		if (at == 0)
			return cv_fail(err, ENOENT, "cannot create directory '%s'", path);
		path[at] = '\0';
	}
	if (!stood)
		*ret_made_len = strlen(path);
	while (at < len) {
		path[at] = '/';
		at = strlen(path);
		if (mkdir(path, 0777) < 0) {
			if (errno != EEXIST)
				return cv_fail(err, errno, "cannot create directory '%s'", path);
		} else if (*ret_made_len == 0) {
			*ret_made_len = at;
		}
	}
	return 0;
}

int cv_make_dirs(
	struct cv_arena *a, const char *path, const char **ret_made, struct cvenv_error *err)
{
	char *work = cv_strdup(a, cv_str(path));
	size_t made = 0;
	int rc;

	*ret_made = NULL;
	if (!work)
		return cv_fail_nomem(err);
	rc = make_dirs(work, &made, err);
	if (made) {
		*ret_made = cv_strdup(a, (struct cv_str){ path, made });
		if (!*ret_made)
			return cv_fail_nomem(err);
	}
	return rc;
}

void cv_undo_dirs(struct cv_arena *a, const char *path, const char *made)
{
	char *work = made ? cv_strdup(a, cv_str(path)) : NULL;
	size_t stop = made ? strlen(made) : 0;

	while (work && strlen(work) >= stop) {
		char *slash = strrchr(work, '/');

		/* What was never made, since its name is too long, is no reason to stop. */
		if (rmdir(work) < 0 && errno != ENOENT && errno != ENAMETOOLONG)
			return;
		if (!slash || slash == work)
			return;
		*slash = '\0';
	}
}

/*
 * 1: it is ours; 0: a sweeper met it before it was locked, and holds the lock or has removed it;
 * -errno.
 */
static int lock_stage(int fd, struct stat *ret_st)
{
	bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (!locked && errno == EWOULDBLOCK)
		return 0;
	if (fstat(fd, ret_st) < 0)
		return -errno;
	return !locked || ret_st->st_nlink > 0; /* a file system without locks has no sweepers */
}

int cv_stage_make_stat(int dir_fd, char ret_name[CV_TEMP_NAME_MAX], int *ret_fd,
	struct stat *ret_st, struct cvenv_error *err)
{
	for (int tries = 0; tries < CV_TEMP_TRIES; tries++) {
		OWN_FD int fd = -1;
		int rc;

		cv_temp_name(ret_name);
		if (mkdirat(dir_fd, ret_name, STAGE_MODE) < 0) {
			if (errno == EEXIST)
				continue;
			return cv_fail(err, errno, "cannot create a directory");
		}
		fd = cv_open_dir(dir_fd, ret_name);
		rc = fd < 0 ? fd : lock_stage(fd, ret_st);
		if (rc < 0 && rc != -ENOENT) {
			(void)unlinkat(dir_fd, ret_name, AT_REMOVEDIR);
			return cv_fail(err, -rc, "cannot open '%s'", ret_name);
		}
		if (rc > 0) {
			*ret_fd = take_fd(&fd);
			return 0;
		}
	}
	return cv_fail(err, EEXIST, "cannot create a directory");
}

int cv_stage_make(int dir_fd, char ret_name[CV_TEMP_NAME_MAX], int *ret_fd, struct cvenv_error *err)
{
	struct stat st;

	return cv_stage_make_stat(dir_fd, ret_name, ret_fd, &st, err);
}

/*
 * Of a file, which is not locked. A process of our own number is one before us, in a container
 * where that is always the same.
 */
static bool maker_lives(const char *name)
{
	pid_t pid = maker_of(name);

	return pid != getpid() && (kill(pid, 0) == 0 || errno != ESRCH);
}

/* Nobody but us, and root, can have given names to what is in it. */
static bool names_are_ours(int dir_fd)
{
	struct stat st;

	if (fstat(dir_fd, &st) < 0 || (st.st_uid != geteuid() && st.st_uid != 0))
		return false;
	return (st.st_mode & S_ISVTX) || !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* A stage, or an environment that was replaced by one: that has the mode it always had. */
static bool is_left_over(int dir_fd, const struct stat *st)
{
	return st->st_uid == geteuid() &&
	       ((st->st_mode & (S_ISVTX | 0777)) == STAGE_MODE || names_are_ours(dir_fd));
}

static void sweep_one(int dir_fd, const char *name)
{
	OWN_FD int fd = cv_open_dir(dir_fd, name);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && is_left_over(dir_fd, &st) &&
		flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)cv_remove_dir(dir_fd, name, &st, NULL);
	if (fd == -ENOTDIR && !maker_lives(name) &&
		fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		st.st_uid == geteuid())
		(void)unlinkat(dir_fd, name, 0);
}

void cv_stage_sweep_once(int dir_fd)
{
	/* Not readdir(): its five other calls would be made in vain nearly always. */
	alignas(struct dirent) char room[8 * 1024];
	long n;

	while ((n = syscall(SYS_getdents64, dir_fd, room, sizeof(room))) > 0)
		for (long at = 0; at < n;) {
			const struct dirent *e = (const void *)(room + at); /* 64-bit offsets */

			if (cv_is_temp_name(e->d_name))
				sweep_one(dir_fd, e->d_name);
			at += e->d_reclen;
		}
}

void cv_stage_sweep(int dir_fd)
{
	cv_stage_sweep_once(dir_fd);
	(void)lseek(dir_fd, 0, SEEK_SET);
}

int cv_open_dir(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

DIR *cv_list_dir(int dir_fd, const char *name)
{
	int fd = cv_open_dir(dir_fd, name);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int code = fd < 0 ? -fd : errno;

	if (!dir) {
		cv_own_fd(&fd);
		errno = code;
	}
	return dir;
}

bool cv_is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Mount IDs need Linux 5.8; older kernels only tell the devices. */
static bool mount_of(int fd, struct statx *ret)
{
	struct stat st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID, ret) == 0)
		return true;
	if (fstat(fd, &st) < 0)
		return false;
	*ret = (struct statx){ .stx_dev_major = major(st.st_dev),
		.stx_dev_minor = minor(st.st_dev) };
	return true;
}

static bool is_mounted_in(int dir_fd, int fd)
{
	struct statx above, here;

	if (!mount_of(dir_fd, &above) || !mount_of(fd, &here))
		return false; /* before, fs/guard.h has checked directories of others */
	if (above.stx_mask & here.stx_mask & STATX_MNT_ID)
		return above.stx_mnt_id != here.stx_mnt_id;
	return above.stx_dev_major != here.stx_dev_major ||
	       above.stx_dev_minor != here.stx_dev_minor;
}

static int remove_below(int fd, const char *const *keep, int depth, struct cvenv_error *err);

/* WHICH may be NULL: whatever it is. */
static int remove_dir(
	int dir_fd, const char *name, const struct stat *which, int depth, struct cvenv_error *err)
{
	OWN_FD int fd = cv_open_dir(dir_fd, name);
	struct stat st;
	int rc;

	if (fd == -EACCES && fchmodat(dir_fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = cv_open_dir(dir_fd, name);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return cv_fail(err, -fd, "cannot open '%s'", name);
	if (which && fstat(fd, &st) < 0)
		return cv_fail(err, errno, "cannot look at '%s'", name);
	if (which && !cv_same_file(&st, which))
		return cv_fail_msg(err, CVENV_EREFUSED, "'%s' is another directory by now", name);
	if (is_mounted_in(dir_fd, fd))
		return cv_fail_msg(err, EBUSY, "cannot remove '%s': it is a mount point", name);
	rc = remove_below(fd, NULL, depth + 1, err);
	if (rc < 0)
		return cv_wrap(err, rc, "in '%s'", name);
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return cv_fail(err, errno, "cannot remove '%s'", name);
	return 0;
}

static int remove_entry(int dir_fd, const char *name, int depth, struct cvenv_error *err)
{
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EACCES) { /* a directory that its owner made read-only */
		struct stat st;

		if (fstat(dir_fd, &st) == 0 && fchmod(dir_fd, (st.st_mode & 07777) | 0700) == 0 &&
			unlinkat(dir_fd, name, 0) == 0)
			return 0;
	}
	/* Linux says EISDIR, POSIX says EPERM. */
	if (errno == EISDIR || errno == EPERM)
		return remove_dir(dir_fd, name, NULL, depth, err);
	return cv_fail(err, errno, "cannot remove '%s'", name);
}

static bool is_kept(const char *name, const char *const *keep)
{
	while (keep && *keep)
		if (strcmp(name, *keep++) == 0)
			return true;
	return false;
}

static int remove_below(int fd, const char *const *keep, int depth, struct cvenv_error *err)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	/* From the beginning, whoever has read it: where that cannot be, nothing would be removed.
	 */
	bool begins = copy >= 0 && lseek(copy, 0, SEEK_SET) == 0;
	OWN_DIR DIR *dir = begins ? fdopendir(copy) : NULL;
	struct dirent *e;

	if (!dir) {
		int code = errno;

		if (copy >= 0)
			(void)close(copy);
		return cv_fail(err, code, "cannot read a directory");
	}
	if (depth > CV_DEPTH_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT, "directories are nested too deeply");
	while ((errno = 0, e = readdir(dir))) {
		int rc;

		if (cv_is_dots(e->d_name) || is_kept(e->d_name, keep))
			continue;
		rc = remove_entry(fd, e->d_name, depth, err);
		if (rc < 0)
			return rc;
	}
	return errno ? cv_fail(err, errno, "cannot read a directory") : 0;
}

int cv_remove_tree(int dir_fd, const char *name, struct cvenv_error *err)
{
	return remove_entry(dir_fd, name, 0, err);
}

int cv_remove_dir(int dir_fd, const char *name, const struct stat *which, struct cvenv_error *err)
{
	return remove_dir(dir_fd, name, which, 0, err);
}

int cv_remove_entries(int fd, const char *const *keep, struct cvenv_error *err)
{
	return remove_below(fd, keep, 0, err);
}

bool cv_same_mount(int fd, int other_fd)
{
	struct statx a, b;

	if (!mount_of(fd, &a) || !mount_of(other_fd, &b))
		return true; /* the call that needs it will tell */
	if ((a.stx_mask & b.stx_mask & STATX_MNT_ID) && a.stx_mnt_id != b.stx_mnt_id)
		return false;
	return a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor;
}

/* By the names in PATH, which tells less where there are links, but asks for fewer rights. */
static bool named_at_or_above(const char *path, const struct stat *st)
{
	char part[PATH_MAX];
	struct stat here;

	for (const char *p = path; *p; p += strspn(p, "/")) {
		p += strcspn(p, "/");
		if ((size_t)(p - path) >= sizeof(part))
			return false;
		memcpy(part, path, (size_t)(p - path));
		part[p - path] = '\0';
		if (part[0] && stat(part, &here) == 0 && cv_same_file(&here, st))
			return true;
	}
	return false;
}

bool cv_dir_at_or_above(const char *path, const struct stat *st)
{
	OWN_FD int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat here, below = { 0 };

	for (int depth = 0; depth < UP_MAX && fd >= 0 && fstat(fd, &here) == 0; depth++) {
		int up;

		if (cv_same_file(&here, st))
			return true;
		if (depth && cv_same_file(&here, &below))
			return false; /* the root is its own parent */
		below = here;
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = up;
	}
	return named_at_or_above(path, st);
}

bool cv_path_leads_through(const char *path, const struct stat *st)
{
	const char *base = cv_path_base(path);
	char dir[PATH_MAX];
	size_t n = (size_t)(base - path);

	if (named_at_or_above(path, st))
		return true;
	if (n >= sizeof(dir))
		return false;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return cv_dir_at_or_above(dir, st);
}
