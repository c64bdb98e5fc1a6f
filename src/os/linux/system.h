/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_LINUX_SYSTEM_H
#define CV_OS_LINUX_SYSTEM_H

#include "base/str.h"

/* Linux, for posix/posix.h. glibc and musl: what one of them lacks is called by its number. */

#define CV_POSIX_ANCHOR O_PATH
#define CV_POSIX_SPAWN_FLAGS 0
#define CV_POSIX_QUIET O_NOATIME
/*
 * posix_spawn() of glibc before 2.24 does not tell that a program cannot be executed; before 2.29
 * it cannot change the directory.
 */
#if defined(__GLIBC__) && __GLIBC__ == 2 && __GLIBC_MINOR__ < 29
#define CV_POSIX_NO_SPAWN
#endif

/* Append the content of the file, at most MAX bytes, to B: /proc tells no size. 0 or -errno. */
int cv_linux_read(const char *path, size_t max, struct cv_buf *b);

#endif
