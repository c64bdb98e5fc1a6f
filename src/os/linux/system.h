/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_LINUX_SYSTEM_H
#define CV_OS_LINUX_SYSTEM_H

#include "base/str.h"

/* Linux, for posix/posix.h. glibc and musl: what one of them lacks is called by its number. */

#define CV_POSIX_ANCHOR O_PATH
#define CV_POSIX_SPAWN_FLAGS 0

/* Append the content of the file, at most MAX bytes, to B: /proc tells no size. 0 or -errno. */
int cv_linux_read(const char *path, size_t max, struct cv_buf *b);

#endif
