/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "base/err.h"
#include "posix.h"

static_assert(CV_OS_MAY_EXIST == F_OK && CV_OS_MAY_EXECUTE == X_OK && CV_OS_MAY_WRITE == W_OK &&
		      CV_OS_MAY_READ == R_OK,
	"passed on as they are");

int cv_os_access(struct cv_os_dir at, const char *name, unsigned rights)
{
	if (faccessat(cv_posix_fd(at), name, (int)rights, AT_EACCESS) == 0)
		return 0;
	/* The C library may call faccessat2() even for a plain faccessat(). */
	if (cv_err_unsupported(errno) &&
		syscall(SYS_faccessat, cv_posix_fd(at), name, (int)rights) == 0)
		return 0; /* by the real IDs, which differ in set-id programs only */
	return -errno;
}

/* musl has renameat2() only since 1.2.6. */
static int rename_flags(int from, const char *name, int to, const char *to_name, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from, name, to, to_name, flags);
}

int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind)
{
	int from_fd = cv_posix_fd(from), to_fd = cv_posix_fd(to);

	if (kind == CV_OS_REPLACE)
		return cv_posix_result(renameat(from_fd, name, to_fd, to_name));
	return cv_posix_result(rename_flags(from_fd, name, to_fd, to_name,
		kind == CV_OS_NEW ? RENAME_NOREPLACE : RENAME_EXCHANGE));
}

bool cv_os_exchanges(void)
{
	return true;
}

static bool has_acl(int fd)
{
	return fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0 ||
	       fgetxattr(fd, "system.posix_acl_default", NULL, 0) > 0;
}

bool cv_os_made_alike(struct cv_os_dir parent, struct cv_os_dir dir)
{
	int fd = cv_posix_fd(dir);
	struct stat st, up;

	return fstat(fd, &st) == 0 && fstat(cv_posix_fd(parent), &up) == 0 &&
	       st.st_uid == geteuid() &&
	       st.st_gid == (up.st_mode & S_ISGID ? up.st_gid : getegid()) && !has_acl(fd);
}
