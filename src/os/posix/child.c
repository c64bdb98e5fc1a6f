/* SPDX-License-Identifier: MIT */
#include "os/child.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/err.h"
#include "fork.h"
#include "posix.h"

static_assert(CV_OS_SIGINT == SIGINT, "on every system");

enum {
	TICK_MS = 5, /* where only asking tells whether the child has ended */
	FIRST_FREE_FD = 3,
};

static int fd_of(intptr_t handle)
{
	return (int)handle - 1;
}

static void close_handle(intptr_t *handle)
{
	cv_posix_close(fd_of(*handle));
	*handle = 0;
}

/* Out of the way of 0, 1 and 2, which the child's descriptors are moved to one by one. */
static int lift(int *fd)
{
	int up;

	if (*fd < 0 || *fd >= FIRST_FREE_FD)
		return *fd < 0 ? -1 : 0;
	up = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	if (up < 0)
		return -1;
	cv_posix_close(*fd);
	*fd = up;
	return 0;
}

static int nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Our end first. One to write to is a socket: a pipe that nobody reads would raise SIGPIPE. */
static int make_pipe(enum cv_os_stream stream, intptr_t *ret_ours, int *ret_childs)
{
	int p[2], rc;

	if ((stream == CV_OS_IN ? cv_posix_socketpair(p) : cv_posix_pipe(p)) < 0)
		return -1;
	rc = lift(&p[0]) < 0 || lift(&p[1]) < 0 ? -1 : nonblock(p[0]);
	*ret_ours = (intptr_t)p[0] + 1;
	*ret_childs = p[1];
	return rc;
}

static int open_null(int *ret_fd, enum cv_os_stream stream)
{
	*ret_fd = open("/dev/null", (stream == CV_OS_IN ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	return lift(ret_fd);
}

static int dup_of(int *ret_fd, int fd, enum cv_os_stream stream)
{
	*ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	if (*ret_fd < 0 && errno == EBADF)
		return open_null(ret_fd, stream); /* ours is closed */
	return *ret_fd < 0 ? -1 : 0;
}

static int make_end(const struct cv_os_child_how *how, enum cv_os_stream stream,
	struct cv_os_child *c, int *ret_fd)
{
	switch (how->end[stream]) {
	case CV_OS_END_PIPE:
		return make_pipe(stream, &c->stream[stream], ret_fd);
	case CV_OS_END_OURS:
		return dup_of(ret_fd, (int)stream, stream);
	case CV_OS_END_OUR_ERR:
		return dup_of(ret_fd, STDERR_FILENO, stream);
	default:
		return open_null(ret_fd, stream);
	}
}

#ifdef CV_POSIX_NO_SPAWN
static int launch(const struct cv_os_child_how *how, const int fd[3], pid_t *ret_pid)
{
	return cv_posix_fork(how, fd, ret_pid);
}
#else
static int set_attr(posix_spawnattr_t *attr, bool own_group)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | CV_POSIX_SPAWN_FLAGS;
	sigset_t none, all;
	int rc;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGKILL);
	(void)sigdelset(&all, SIGSTOP);
	if (!own_group) {
		(void)sigdelset(&all, SIGHUP);
		(void)sigdelset(&all, SIGINT);
		(void)sigdelset(&all, SIGQUIT);
	}
	if (own_group)
		flags |= POSIX_SPAWN_SETPGROUP;
	rc = posix_spawnattr_setflags(attr, flags);
	rc = rc ? rc : posix_spawnattr_setsigmask(attr, &none);
	rc = rc ? rc : posix_spawnattr_setsigdefault(attr, &all);
	return rc ? rc : posix_spawnattr_setpgroup(attr, 0);
}

static int set_actions(
	posix_spawn_file_actions_t *acts, const struct cv_os_child_how *how, const int fd[3])
{
	int rc = how->dir ? posix_spawn_file_actions_addchdir_np(acts, how->dir) : 0;

	for (int i = 0; i < CV_OS_STREAMS && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(acts, fd[i], i);
	return rc;
}

/* argv and environment of posix_spawn() are not const for historical reasons only. */
static char *const *unconst(const char *const *v)
{
	char *const *p;

	memcpy(&p, &v, sizeof(p));
	return p;
}

/* 0 or a positive errno. */
static int launch_by_spawn(const struct cv_os_child_how *how, const int fd[3], pid_t *ret_pid)
{
	static const char *const no_env[] = { NULL };
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	int rc = posix_spawnattr_init(&attr);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_init(&acts);
	if (rc == 0) {
		rc = set_attr(&attr, how->own_group);
		rc = rc ? rc : set_actions(&acts, how, fd);
		rc = rc ? rc
			: posix_spawn(ret_pid, how->argv[0], &acts, &attr, unconst(how->argv),
				  unconst(how->envp ? how->envp : no_env));
		(void)posix_spawn_file_actions_destroy(&acts);
	}
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

/* On ENOSYS from clone3() the C library makes an older call, on EPERM it fails. */
static int launch(const struct cv_os_child_how *how, const int fd[3], pid_t *ret_pid)
{
	int rc = launch_by_spawn(how, fd, ret_pid);

	return cv_err_unsupported(rc) ? cv_posix_fork(how, fd, ret_pid) : rc;
}
#endif

int cv_os_child_start(const struct cv_os_child_how *how, struct cv_os_child *ret)
{
	struct cv_os_child c = { .own_group = how->own_group };
	int fd[CV_OS_STREAMS] = { -1, -1, -1 };
	pid_t pid = -1;
	int rc = 0;

	for (int i = 0; i < CV_OS_STREAMS && rc == 0; i++)
		if (make_end(how, (enum cv_os_stream)i, &c, &fd[i]) < 0)
			rc = errno;
	if (rc == 0)
		rc = launch(how, fd, &pid);
	for (int i = 0; i < CV_OS_STREAMS; i++)
		cv_posix_close(fd[i]);
	for (int i = 0; i < CV_OS_STREAMS && rc; i++)
		close_handle(&c.stream[i]);
	if (rc == 0) {
		c.process = pid;
		c.watch = how->no_watch ? 0 : (intptr_t)cv_posix_watch(pid) + 1;
	}
	*ret = c;
	return -rc;
}

/* It is not reaped yet, so that its number stays its own. */
int cv_os_child_ended(const struct cv_os_child *child)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)child->process, &si, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno == EINTR ? 0 : -errno;
	return si.si_pid == (pid_t)child->process;
}

int cv_os_child_wait(const struct cv_os_child *child, int ms)
{
	struct pollfd p[CV_OS_STREAMS + 1] = {
		{ .fd = fd_of(child->stream[CV_OS_IN]), .events = POLLOUT },
		{ .fd = fd_of(child->stream[CV_OS_OUT]), .events = POLLIN },
		{ .fd = fd_of(child->stream[CV_OS_ERR]), .events = POLLIN },
		{ .fd = fd_of(child->watch), .events = POLLIN },
	};
	int ready = 0;

	if (!child->watch && ms > TICK_MS)
		ms = TICK_MS;
	if (poll(p, CV_OS_STREAMS + 1, ms) < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < CV_OS_STREAMS; i++)
		if (p[i].revents)
			ready |= CV_OS_BIT(i);
	return ready;
}

int64_t cv_os_child_read(
	struct cv_os_child *child, enum cv_os_stream stream, void *ret, size_t room)
{
	ssize_t n = read(fd_of(child->stream[stream]), ret, room);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (n == 0)
		close_handle(&child->stream[stream]);
	return n;
}

int64_t cv_os_child_write(struct cv_os_child *child, const void *data, size_t n)
{
	ssize_t put = send(fd_of(child->stream[CV_OS_IN]), data, n, MSG_NOSIGNAL);

	if (put >= 0)
		return put;
	if (errno == EINTR)
		return -EAGAIN;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

void cv_os_child_close(struct cv_os_child *child, enum cv_os_stream stream)
{
	close_handle(&child->stream[stream]);
}

void cv_os_child_interrupt(const struct cv_os_child *child)
{
	(void)kill((pid_t)child->process, SIGINT);
}

void cv_os_child_kill(const struct cv_os_child *child)
{
	if (child->own_group)
		(void)kill(-(pid_t)child->process, SIGKILL);
	/* It may have left its group; its number is its own until it is reaped. */
	(void)kill((pid_t)child->process, SIGKILL);
}

int cv_os_child_reap(struct cv_os_child *child)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid((pid_t)child->process, &status, 0);
	while (got < 0 && errno == EINTR);
	for (int i = 0; i < CV_OS_STREAMS; i++)
		close_handle(&child->stream[i]);
	close_handle(&child->watch);
	*child = (struct cv_os_child){ 0 };
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
