/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_DARWIN_SYSTEM_H
#define CV_OS_DARWIN_SYSTEM_H

/* macOS, for posix/posix.h. */

#define CV_POSIX_ANCHOR O_SEARCH
#define CV_POSIX_SPAWN_FLAGS POSIX_SPAWN_CLOEXEC_DEFAULT
#define CV_POSIX_QUIET 0 /* none */

#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#define st_atim st_atimespec

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* cv_posix_socketpair() sets SO_NOSIGPIPE */
#endif

#endif
