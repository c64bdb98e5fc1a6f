/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include <sys/syscall.h>

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
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}
