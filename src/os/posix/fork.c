/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "posix.h"

enum { FIRST_FREE_FD = 3, EXIT_NOT_RUN = 127 };

/* Without own_group, signals that our shell made us ignore stay ignored. */
static void set_signals(bool own_group)
{
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		if (own_group || (n != SIGHUP && n != SIGINT && n != SIGQUIT))
			(void)signal(n, SIG_DFL);
		else if (signal(n, SIG_IGN) != SIG_IGN)
			(void)signal(n, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* May not allocate or lock: another thread of the parent may hold a lock forever. */
static _Noreturn void run_child(
	const struct cv_os_child_how *how, const int fd[3], int dir_fd, int report)
{
	static const char *const no_env[] = { NULL };
	const char *const *env = how->envp ? how->envp : no_env;
	char *const *argv, *const *envp;
	bool ready = dir_fd < 0 || fchdir(dir_fd) == 0;
	int code;

	memcpy(&argv, &how->argv, sizeof(argv)); /* not const for historical reasons only */
	memcpy(&envp, &env, sizeof(envp));
	if (how->own_group)
		ready = ready && setpgid(0, 0) == 0;
	for (int i = 0; i < CV_OS_STREAMS && ready; i++)
		ready = dup2(fd[i], i) >= 0;
	if (ready) {
		set_signals(how->own_group);
		(void)execve(how->argv[0], argv, envp);
	}
	code = errno;
	(void)!write(report, &code, sizeof(code));
	_exit(EXIT_NOT_RUN);
}

/* 0 when execve() has closed the child's end of the pipe, else the errno that it wrote. */
static int wait_for_exec(int fd, pid_t pid)
{
	int code = 0;
	ssize_t n;

	do
		n = read(fd, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(code))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return code;
}

static int fork_and_run(
	const struct cv_os_child_how *how, const int fd[3], int dir_fd, int report, pid_t *ret_pid)
{
	sigset_t all, before;
	int code;

	/* Block signals: no handler of the host process may run in the child. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	*ret_pid = fork();
	if (*ret_pid == 0)
		run_child(how, fd, dir_fd, report);
	code = *ret_pid < 0 ? errno : 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

int cv_posix_fork(const struct cv_os_child_how *how, const int fd[3], pid_t *ret_pid)
{
	int dir_fd = -1, childs = -1, code = 0;
	int p[2];

	if (how->dir)
		dir_fd = cv_posix_open_list(CV_OS_ABSOLUTE, how->dir, CV_OS_FOLLOW);
	if (how->dir && dir_fd < 0)
		return -dir_fd;
	if (cv_posix_pipe(p) < 0) {
		code = errno;
		cv_posix_close(dir_fd);
		return code;
	}
	childs = fcntl(p[1], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	if (childs < 0)
		code = errno;
	cv_posix_close(p[1]);
	if (code == 0)
		code = fork_and_run(how, fd, dir_fd, childs, ret_pid);
	cv_posix_close(childs);
	cv_posix_close(dir_fd);
	if (code == 0)
		code = wait_for_exec(p[0], *ret_pid);
	cv_posix_close(p[0]);
	return code;
}
