/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_FORK_POSIX_H
#define CV_INTERPRETER_FORK_POSIX_H

#include <stdbool.h>
#include <sys/types.h>

#include "interpreter/spawn.h"

/*
 * Start the child of a spawn by fork() and execve(). FD become its descriptors 0, 1 and 2; all of
 * them must be above 2. OWN_GROUP: in a process group of its own. Slower than posix_spawn(), but
 * does not need clone3(), which some sandboxes refuse. 0 or a positive errno.
 */
int cv_fork(const struct cv_spawn *spawn, const int fd[3], bool own_group, pid_t *ret_pid);

#endif
