/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_PROCESS_H
#define CV_OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * This process, its user and the clock. Results are as in os.h.
 */

int64_t cv_os_pid(void);
/* Does a process with this number exist in our namespace? True if unknown. */
bool cv_os_process_alive(int64_t pid);

/* Fill RET with random bytes. Never waits: false if the system has none yet. */
bool cv_os_random(void *ret, size_t n);

/* For durations: a clock that is never adjusted. Its zero is undefined. */
int64_t cv_os_monotonic_ns(void);

void cv_os_sleep_ms(int ms); /* less if a signal arrives */

/*
 * A copy of the environment variables, "NAME=VALUE" each, with NULL at the end. No other thread may
 * change them meanwhile. On Windows, names such as "=C:" hold the current directory of a drive.
 */
int cv_os_copy_environ(struct cv_arena *a, const char *const **ret);

/* The absolute path. -ENOENT if it was removed, or is outside of the root directory. */
int cv_os_cwd(struct cv_arena *a, char **ret);

/*
 * The home directories of the effective and the real user according to the user database, not to
 * the environment variables. Returns how many were found (0 to 2). They are absolute paths, and
 * may not exist.
 */
size_t cv_os_homes(struct cv_arena *a, const char *ret[2]);

#endif
