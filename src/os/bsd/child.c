/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include "posix.h"

int cv_posix_pipe(int ret[2])
{
	return pipe2(ret, O_CLOEXEC);
}

int cv_posix_socketpair(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret);
}

int cv_posix_watch(pid_t pid)
{
	(void)pid;
	return -1;
}
