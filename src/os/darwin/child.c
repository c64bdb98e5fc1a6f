/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>

#include "posix.h"

/* The descriptors are close-on-exec a moment too late for a child that another thread starts. */
static int close_on_exec(int fd[2])
{
	if (fcntl(fd[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd[1], F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	cv_posix_close(fd[0]);
	cv_posix_close(fd[1]);
	return -1;
}

int cv_posix_pipe(int ret[2])
{
	return pipe(ret) < 0 ? -1 : close_on_exec(ret);
}

int cv_posix_socketpair(int ret[2])
{
	const int on = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ret) < 0 || close_on_exec(ret) < 0)
		return -1;
	(void)setsockopt(ret[0], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
	return 0;
}

int cv_posix_watch(pid_t pid)
{
	(void)pid; /* a kqueue could, but poll(2) takes none */
	return -1;
}
