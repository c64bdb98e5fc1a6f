/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "posix.h"

static_assert(CV_OS_SIGPIPE == SIGPIPE, "on every system");

enum { NICENESS = 10, FIRST_FREE_FD = 3, FDS_MAX = 65536 };

extern char **environ; /* FreeBSD declares it nowhere */

int cv_os_begin_command(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

const char *const *cv_os_environ(void)
{
	return (const char *const *)environ;
}

int cv_os_exec(const char *path, char *const *argv)
{
	(void)execv(path, argv);
	return -errno;
}

int cv_os_put_variable(char *pair)
{
	return putenv(pair) == 0 ? 0 : -ENOMEM;
}

static volatile int caught; /* an int is written in one step on every system that we know */

static void on_signal(int sig)
{
	caught = sig;
}

const volatile int *cv_os_catch_signals(bool *ret_pipe_ignored)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction old, action = { .sa_handler = on_signal };

		if (sigaction(numbers[i], &action, &old) == 0 && old.sa_handler == SIG_IGN)
			(void)sigaction(numbers[i], &old, NULL);
	}
	(void)signal(SIGCHLD, SIG_DFL); /* a parent that ignores it would hide how ours end */
	*ret_pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
	(void)signal(SIGXFSZ, SIG_IGN);
	return &caught;
}

static void on_interrupt(int sig)
{
	(void)sig;
}

void cv_os_leave_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };

	(void)sigaction(SIGINT, &action, NULL); /* no SIG_IGN, which programs would inherit */
}

int cv_os_stdout_errno(void)
{
	return errno ? errno : EIO;
}

void cv_os_die_of_signal(int sig)
{
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

bool cv_os_is_terminal(enum cv_os_std stream)
{
	return isatty((int)stream);
}

bool cv_os_stdin_is_closed(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

bool cv_os_has_escapes(enum cv_os_std stream)
{
	const char *term = getenv("TERM");

	return cv_os_is_terminal(stream) && term && term[0] && strcmp(term, "dumb") != 0;
}

unsigned cv_os_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}

/* A lock or a pipe of the parent process must not stay open. Our own are close-on-exec. */
static void close_inherited(void)
{
	long max = sysconf(_SC_OPEN_MAX);

	for (int fd = FIRST_FREE_FD; fd < max && fd < FDS_MAX; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			(void)close(fd);
	}
}

int cv_os_begin_background(void)
{
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid < 0 ? -errno : 0;
	(void)setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < FIRST_FREE_FD; i++)
		if (null < 0)
			(void)close(i);
		else if (null != i)
			(void)dup2(null, i);
	close_inherited();
	(void)setpriority(PRIO_PROCESS, 0, NICENESS);
	return 1;
}

void cv_os_end_background(void)
{
	_exit(0);
}
