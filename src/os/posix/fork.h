/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_POSIX_FORK_H
#define CV_OS_POSIX_FORK_H

#include <sys/types.h>

#include "os/child.h"

/*
 * Start the child by fork() and execve(). FD become its descriptors 0, 1 and 2; all of them must
 * be above 2. Slower than posix_spawn(), but does not need clone3(), which some sandboxes refuse,
 * or a new glibc. 0 or a positive errno.
 */
int cv_posix_fork(const struct cv_os_child_how *how, const int fd[3], pid_t *ret_pid);

#endif
