/* SPDX-License-Identifier: MIT */
#ifndef CV_FORK_H
#define CV_FORK_H

#include <stdbool.h>
#include <sys/types.h>

#include "python/spawn.h"

/*
 * Start the child of a spawn by fork() and execve(), with FD as its 0, 1 and 2 (all above 2) and in
 * a process group of its own if OWN_GROUP: the same as posix_spawn() does, slower, but without
 * clone3(), which some sandboxes refuse. 0 or a positive errno.
 */
int cv_fork(const struct cv_spawn *spawn, const int fd[3], bool own_group, pid_t *ret_pid);

#endif
