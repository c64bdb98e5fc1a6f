/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_POSIX_POSIX_H
#define CV_OS_POSIX_POSIX_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "os/os.h"
#include "system.h" /* of linux/, darwin/ or bsd/ */

/*
 * What the back ends of POSIX systems share. A handle is a descriptor plus 1, so that 0 is none.
 */
static inline int cv_posix_fd(struct cv_os_dir dir)
{
	return dir.handle < 0 ? AT_FDCWD : (int)dir.handle - 1;
}

static inline int cv_posix_file_fd(struct cv_os_file file)
{
	return (int)file.handle - 1;
}

static inline int cv_posix_at_flags(unsigned how)
{
	return how & CV_OS_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
}

/* -errno when a call has failed, else 0. */
static inline int cv_posix_result(int rc)
{
	return rc < 0 ? -errno : 0;
}

static inline void cv_posix_close(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* never again: after EINTR the number may be another's */
}

/* openat() for files below a directory; close-on-exec. A descriptor or -errno. */
int cv_posix_open(struct cv_os_dir at, const char *name, int flags, mode_t mode);

/* The same for reading, as CV_OS_QUIET in HOW says. */
int cv_posix_open_quiet(struct cv_os_dir at, const char *name, int flags, unsigned how);

/* A descriptor, or -errno, to list the directory. */
int cv_posix_open_list(struct cv_os_dir at, const char *name, unsigned how);

/* What differs: each system's own. Descriptors are close-on-exec. 0, or -1 with errno. */
int cv_posix_pipe(int ret[2]);
int cv_posix_socketpair(int ret[2]); /* a write to it never raises SIGPIPE, with MSG_NOSIGNAL */
int cv_posix_watch(pid_t pid);       /* a descriptor that can be read when it has ended; -1: none */

#endif
