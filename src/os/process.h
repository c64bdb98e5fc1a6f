/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_PROCESS_H
#define CV_OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * This process, its user, and the clock. Results are as in os.h.
 */

int64_t cv_os_pid(void);
/* Is there a process of that number, in our namespace? True when that cannot be told. */
bool cv_os_process_alive(int64_t pid);

/* Fill RET with random bytes that no other process has. False, at once, when there are none yet. */
bool cv_os_random(void *ret, size_t n);

/* A clock that is never set, from any beginning. For durations. */
int64_t cv_os_monotonic_ns(void);

void cv_os_sleep_ms(int ms); /* a signal ends it early */

/*
 * The current directory, absolute. -ENOENT when it was removed, or cannot be reached from our
 * root.
 */
int cv_os_cwd(struct cv_arena *a, char **ret);

/*
 * The home directories of our effective and our real user, as the system has them, not by the
 * environment. Returns how many were found: 0 to 2. Absolute; they need not exist.
 */
size_t cv_os_homes(struct cv_arena *a, const char *ret[2]);

#endif
