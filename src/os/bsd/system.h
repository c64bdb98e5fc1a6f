/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_BSD_SYSTEM_H
#define CV_OS_BSD_SYSTEM_H

/* FreeBSD 13.1 and later, for posix/posix.h. */

#define CV_POSIX_ANCHOR O_PATH
#define CV_POSIX_SPAWN_FLAGS 0
#define CV_POSIX_QUIET 0 /* none */

#endif
