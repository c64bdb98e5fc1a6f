/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "interpreter/fork_posix.h"
#include "interpreter/spawn.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

enum {
	TICK_MS = 100, /* a signal between the look at ctx->stop and poll() waits this long */
	TICK_NO_PIDFD_MS = 5, /* where only asking tells whether the child has ended */
	CHUNK = 4 * 1024,
	DRAIN_MAX = 1024 * 1024, /* of stderr, after the end: no pipe holds more */
	FIRST_FREE_FD = 3,
	GRACE_MS = 10000, /* for a child that is asked to end */
	GRACE_TICK_MS = 20,
};

struct child {
	pid_t pid;
	int in, out, err; /* our ends; -1 when closed or not captured */
	int pidfd;        /* -1 where there is none */
	bool own_group;
	size_t sent;
	char tail[2 * CV_SPAWN_TAIL_MAX];
	size_t tail_n;
};

/* The ends that the child gets as 0, 1 and 2. */
struct ends {
	int fd[3];
};

static void close_fd(int *fd)
{
	cv_own_fd(fd);
	*fd = -1;
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
	close_fd(fd);
	*fd = up;
	return 0;
}

static int nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int make_pipe(int *ret_ours, int *ret_childs)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	*ret_ours = p[0];
	*ret_childs = p[1];
	return lift(ret_ours) < 0 || lift(ret_childs) < 0 ? -1 : nonblock(*ret_ours);
}

/* A socket, because a write to a pipe that nobody reads would raise SIGPIPE in our process. */
static int make_input(int *ret_ours, int *ret_childs)
{
	int p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p) < 0)
		return -1;
	*ret_ours = p[0];
	*ret_childs = p[1];
	return lift(ret_ours) < 0 || lift(ret_childs) < 0 ? -1 : nonblock(*ret_ours);
}

static int open_null(int *ret_fd, int how)
{
	*ret_fd = open("/dev/null", how | O_CLOEXEC);
	return lift(ret_fd);
}

static int dup_of(int *ret_fd, int fd, int how)
{
	*ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	if (*ret_fd < 0 && errno == EBADF)
		return open_null(ret_fd, how); /* ours is closed */
	return *ret_fd < 0 ? -1 : 0;
}

static int make_ends(const struct cv_spawn *s, struct child *c, struct ends *e)
{
	int rc;

	if (s->input.n)
		rc = make_input(&c->in, &e->fd[0]);
	else
		rc = s->flags & CV_SPAWN_TTY ? dup_of(&e->fd[0], 0, O_RDONLY)
					     : open_null(&e->fd[0], O_RDONLY);
	if (rc < 0)
		return -1;
	if (s->flags & CV_SPAWN_OUT)
		rc = make_pipe(&c->out, &e->fd[1]);
	else if (s->flags & (CV_SPAWN_OUT_PASS | CV_SPAWN_OUT_TO_ERR))
		rc = dup_of(&e->fd[1], s->flags & CV_SPAWN_OUT_PASS ? 1 : 2, O_WRONLY);
	else
		rc = open_null(&e->fd[1], O_WRONLY);
	if (rc < 0)
		return -1;
	if (s->flags & CV_SPAWN_ERR)
		return make_pipe(&c->err, &e->fd[2]);
	return s->flags & CV_SPAWN_ERR_PASS ? dup_of(&e->fd[2], 2, O_WRONLY)
					    : open_null(&e->fd[2], O_WRONLY);
}

static int set_attr(posix_spawnattr_t *attr, bool own_group)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;
	int rc;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGKILL);
	(void)sigdelset(&all, SIGSTOP);
	if (!own_group) { /* what the user's shell made us ignore (nohup, &), the child ignores too
			   */
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
	posix_spawn_file_actions_t *acts, const struct cv_spawn *s, const struct ends *e)
{
	int rc = s->dir ? posix_spawn_file_actions_addchdir_np(acts, s->dir) : 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(acts, e->fd[i], i);
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
static int launch_by_spawn(const struct cv_spawn *s, struct child *c, const struct ends *e)
{
	static const char *const no_env[] = { NULL };
	posix_spawn_file_actions_t acts;
	posix_spawnattr_t attr;
	int rc = posix_spawnattr_init(&attr);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_init(&acts);
	if (rc == 0) {
		rc = set_attr(&attr, c->own_group);
		rc = rc ? rc : set_actions(&acts, s, e);
		rc = rc ? rc
			: posix_spawn(&c->pid, s->argv[0], &acts, &attr, unconst(s->argv),
				  unconst(s->envp ? s->envp : no_env));
		(void)posix_spawn_file_actions_destroy(&acts);
	}
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

/* On ENOSYS from clone3() the C library makes an older call, on EPERM it fails. */
static int launch(const struct cv_spawn *s, struct child *c, const struct ends *e)
{
	int rc = launch_by_spawn(s, c, e);

	return cv_err_unsupported(rc) ? cv_fork(s, e->fd, c->own_group, &c->pid) : rc;
}

static int start(const struct cv_spawn *s, struct child *c, struct cvenv_error *err)
{
	struct ends e = { { -1, -1, -1 } };
	int rc = make_ends(s, c, &e) < 0 ? errno : launch(s, c, &e);

	for (int i = 0; i < 3; i++)
		close_fd(&e.fd[i]);
	if (rc) {
		c->pid = -1;
		return cv_fail(err, rc, "cannot run '%s'", s->argv[0]);
	}
#ifdef SYS_pidfd_open
	if (!(s->flags & CV_SPAWN_NO_PIDFD))
		c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
#endif
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int feed(const struct cv_spawn *s, struct child *c, struct cvenv_error *err)
{
	ssize_t n = send(c->in, s->input.p + c->sent, s->input.n - c->sent, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* one that does not want to read all of it is free not to */
	if (n < 0 && errno != EPIPE && errno != ECONNRESET)
		return cv_fail(err, errno, "cannot write to '%s'", s->argv[0]);
	if (n > 0)
		c->sent += (size_t)n;
	if (n < 0 || c->sent == s->input.n)
		close_fd(&c->in);
	return 0;
}

/* One read; closes at the end. 1: there may be more, 0: nothing for now, or an errno, negative. */
static int take(int *fd, char *buf, size_t size, size_t *ret_n)
{
	ssize_t n = read(*fd, buf, size);

	*ret_n = n > 0 ? (size_t)n : 0;
	if (n > 0)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return -errno;
	close_fd(fd);
	return 0;
}

static int take_out(const struct cv_spawn *s, struct child *c, struct cv_buf *out, size_t *had,
	struct cvenv_error *err)
{
	char buf[CHUNK];
	size_t n;
	int rc = take(&c->out, buf, sizeof(buf), &n);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot read the output of '%s'", s->argv[0]);
	if (n > s->output_max - *had)
		return cv_fail_msg(err, CVENV_ELIMIT, "'%s' printed more than %zu bytes",
			s->argv[0], s->output_max);
	*had += n;
	if (s->on_out) {
		if (n)
			s->on_out(s->on_out_data, (struct cv_str){ buf, n });
		return rc;
	}
	cv_buf_add(out, buf, n);
	return out->bad ? cv_fail_nomem(err) : rc;
}

/* Keep the end: the newer half of `tail` never moves until it is full. */
static int take_err(
	const struct cv_spawn *s, struct child *c, size_t *ret_n, struct cvenv_error *err)
{
	int rc;

	if (c->tail_n == sizeof(c->tail)) {
		c->tail_n = CV_SPAWN_TAIL_MAX;
		memmove(c->tail, c->tail + CV_SPAWN_TAIL_MAX, CV_SPAWN_TAIL_MAX);
	}
	rc = take(&c->err, c->tail + c->tail_n, sizeof(c->tail) - c->tail_n, ret_n);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read the messages of '%s'", s->argv[0]);
	c->tail_n += *ret_n;
	return rc;
}

/* What the child left in the pipes; others may hold them open, so nothing is waited for. */
static int drain(const struct cv_spawn *s, struct child *c, struct cv_buf *out, size_t *had,
	struct cvenv_error *err)
{
	size_t n, total = 0;
	int rc = 1;

	while (c->out >= 0 && rc > 0)
		rc = take_out(s, c, out, had, err);
	if (rc < 0)
		return rc;
	for (rc = 1; c->err >= 0 && rc > 0 && total < DRAIN_MAX; total += n)
		rc = take_err(s, c, &n, err);
	return rc < 0 ? rc : 0;
}

/* Not reaped yet, so that its number stays its own: 1 ended, 0 running, negative errno. */
static int ended(const struct child *c)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)c->pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno == EINTR ? 0 : -errno;
	return si.si_pid == c->pid;
}

/* Wait for anything to happen; *ret_ready has bits 0 (in), 1 (out), 2 (err). */
static int wait_any(const struct child *c, int64_t left, unsigned *ret_ready)
{
	struct pollfd p[4] = {
		{ .fd = c->in, .events = POLLOUT },
		{ .fd = c->out, .events = POLLIN },
		{ .fd = c->err, .events = POLLIN },
		{ .fd = c->pidfd, .events = POLLIN },
	};
	int64_t tick = c->pidfd >= 0 ? TICK_MS : TICK_NO_PIDFD_MS;

	*ret_ready = 0;
	if (poll(p, 4, (int)(left < tick ? left : tick)) < 0)
		return errno == EINTR ? 0 : -errno;
	for (unsigned i = 0; i < 3; i++)
		if (p[i].revents)
			*ret_ready |= 1u << i;
	return 0;
}

static int serve(const struct cv_ctx *ctx, const struct cv_spawn *s, struct child *c,
	struct cv_buf *out, struct cvenv_error *err)
{
	int64_t deadline = s->timeout_ms < 0 ? INT64_MAX : now_ms() + s->timeout_ms;
	size_t had = 0, n;
	unsigned ready;
	int rc;

	for (;;) {
		int64_t left = deadline == INT64_MAX ? INT64_MAX : deadline - now_ms();

		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", s->argv[0]);
		rc = ended(c);
		if (rc < 0)
			return cv_fail(err, -rc, "cannot wait for '%s'", s->argv[0]);
		if (rc > 0)
			return drain(s, c, out, &had, err);
		if (left <= 0)
			return cv_fail_msg(err, ETIMEDOUT, "'%s' did not answer within %g s",
				s->argv[0], s->timeout_ms / 1000.0);
		rc = wait_any(c, left, &ready);
		if (rc < 0)
			return cv_fail(err, -rc, "cannot wait for '%s'", s->argv[0]);
		if (ready & 1)
			rc = feed(s, c, err);
		if (rc >= 0 && ready & 2)
			rc = take_out(s, c, out, &had, err);
		if (rc >= 0 && ready & 4)
			rc = take_err(s, c, &n, err);
		if (rc < 0)
			return rc;
	}
}

/*
 * A child that shares our terminal may have to put back what it changed (pip does). A ^C it has had
 * from there, and a second one would disturb it; any other reason to stop becomes one.
 */
static void ask_to_end(const struct cv_ctx *ctx, const struct child *c)
{
	const struct timespec tick = { .tv_nsec = GRACE_TICK_MS * 1000000L };

	if (!ctx->stop || *ctx->stop != SIGINT)
		(void)kill(c->pid, SIGINT);
	for (int waited = 0; waited < GRACE_MS && ended(c) == 0; waited += GRACE_TICK_MS)
		(void)nanosleep(&tick, NULL);
}

/* Reaps; the status as cv_spawn() says it. */
static int finish(const struct cv_ctx *ctx, struct child *c, bool kill_it)
{
	int status = 0;
	pid_t got;

	if (kill_it && !c->own_group)
		ask_to_end(ctx, c);
	if (kill_it) {
		if (c->own_group)
			(void)kill(-c->pid, SIGKILL);
		/* It may have left its group; its number is its own until it is reaped. */
		(void)kill(c->pid, SIGKILL);
	}
	do
		got = waitpid(c->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void copy_tail(const struct cv_spawn *s, const struct child *c)
{
	size_t n = c->tail_n < CV_SPAWN_TAIL_MAX ? c->tail_n : CV_SPAWN_TAIL_MAX;

	if (!s->ret_tail)
		return;
	memcpy(s->ret_tail, c->tail + (c->tail_n - n), n);
	for (size_t i = 0; i < n; i++)
		if (s->ret_tail[i] == '\0')
			s->ret_tail[i] = '?';
	s->ret_tail[n] = '\0';
}

int cv_spawn(const struct cv_ctx *ctx, const struct cv_spawn *s, struct cv_buf *ret_out,
	int *ret_status, struct cvenv_error *err)
{
	struct child c = { .pid = -1, .in = -1, .out = -1, .err = -1, .pidfd = -1 };
	int rc, status;

	c.own_group = !(s->flags & CV_SPAWN_TTY);
	rc = cv_stopped(ctx) ? cv_fail(err, EINTR, "running '%s'", s->argv[0]) : start(s, &c, err);
	if (rc == 0) {
		if (s->meanwhile)
			s->meanwhile->run(s->meanwhile->data);
		rc = serve(ctx, s, &c, ret_out, err);
		status = finish(ctx, &c, rc < 0);
		if (rc == 0)
			*ret_status = status;
	}
	copy_tail(s, &c);
	close_fd(&c.in);
	close_fd(&c.out);
	close_fd(&c.err);
	close_fd(&c.pidfd);
	return rc;
}
