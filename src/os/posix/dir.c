/* SPDX-License-Identifier: MIT */
#include "posix.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

uint64_t cv_os_user(void)
{
	return geteuid();
}

int cv_posix_open_list(struct cv_os_dir at, const char *name, unsigned how)
{
	int flags = O_RDONLY | O_DIRECTORY;

	return cv_posix_open_quiet(
		at, name, how & CV_OS_NOFOLLOW ? flags | O_NOFOLLOW : flags, how);
}

static int give(int fd, struct cv_os_dir *ret)
{
	*ret = CV_OS_NO_DIR;
	if (fd < 0)
		return fd;
	ret->handle = (intptr_t)fd + 1;
	return 0;
}

int cv_os_open_dir(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_dir *ret)
{
	int flags = CV_POSIX_ANCHOR | O_DIRECTORY;

	if (!(how & CV_OS_ANCHOR))
		return give(cv_posix_open_list(at, name, how), ret);
	return give(
		cv_posix_open(at, name, how & CV_OS_NOFOLLOW ? flags | O_NOFOLLOW : flags, 0), ret);
}

int cv_os_open_parent(struct cv_os_dir dir, struct cv_os_dir *ret)
{
	return cv_os_open_dir(dir, "..", CV_OS_ANCHOR, ret);
}

void cv_os_close_dir(struct cv_os_dir *dir)
{
	if (cv_os_dir_ok(*dir))
		cv_posix_close(cv_posix_fd(*dir));
	*dir = CV_OS_NO_DIR;
}

int cv_os_make_dir(struct cv_os_dir at, const char *name, unsigned mode)
{
	return cv_posix_result(mkdirat(cv_posix_fd(at), name, (mode_t)mode));
}

int cv_os_remove_dir(struct cv_os_dir at, const char *name)
{
	return cv_posix_result(unlinkat(cv_posix_fd(at), name, AT_REMOVEDIR));
}

int cv_os_lock_dir(struct cv_os_dir dir)
{
	return cv_posix_result(flock(cv_posix_fd(dir), LOCK_EX | LOCK_NB));
}

int cv_os_unlink(struct cv_os_dir at, const char *name)
{
	return cv_posix_result(unlinkat(cv_posix_fd(at), name, 0));
}

bool cv_os_in_use(int rc)
{
	(void)rc;
	return false;
}

const char *cv_os_users_of(struct cv_arena *a, const char *const *paths, size_t count)
{
	(void)a;
	(void)paths;
	(void)count;
	return NULL;
}

int cv_os_link(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name)
{
	return cv_posix_result(linkat(cv_posix_fd(from), name, cv_posix_fd(to), to_name, 0));
}

int cv_os_symlink(const char *target, struct cv_os_dir at, const char *name)
{
	return cv_posix_result(symlinkat(target, cv_posix_fd(at), name));
}

int cv_os_readlink(struct cv_os_dir at, const char *name, char *ret, size_t room)
{
	ssize_t n = readlinkat(cv_posix_fd(at), name, ret, room);

	if (n < 0)
		return -errno;
	if ((size_t)n >= room || n > INT_MAX)
		return -ENAMETOOLONG;
	ret[n] = '\0';
	return (int)n;
}

int cv_os_realpath(struct cv_arena *a, const char *path, char **ret)
{
	char *real = realpath(path, NULL);

	if (!real)
		return -errno;
	*ret = cv_strdup(a, cv_str(real));
	free(real);
	return *ret ? 0 : -ENOMEM;
}
