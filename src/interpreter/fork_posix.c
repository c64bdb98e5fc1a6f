/* SPDX-License-Identifier: MIT */
#include "interpreter/fork_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"

enum { FIRST_FREE_FD = 3, EXIT_NOT_RUN = 127 };

/* As in spawn_posix.c: without own_group, signals that our shell made us ignore stay ignored. */
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
	const struct cv_spawn *s, const int fd[3], int dir_fd, int report, bool own_group)
{
	static const char *const no_env[] = { NULL };
	const char *const *env = s->envp ? s->envp : no_env;
	char *const *argv, *const *envp;
	bool ready = dir_fd < 0 || fchdir(dir_fd) == 0;
	int code;

	memcpy(&argv, &s->argv, sizeof(argv)); /* not const for historical reasons only */
	memcpy(&envp, &env, sizeof(envp));
	if (own_group)
		ready = ready && setpgid(0, 0) == 0;
	for (int i = 0; i < 3 && ready; i++)
		ready = dup2(fd[i], i) >= 0;
	if (ready) {
		set_signals(own_group);
		(void)execve(s->argv[0], argv, envp);
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

int cv_fork(const struct cv_spawn *s, const int fd[3], bool own_group, pid_t *ret_pid)
{
	OWN_FD int dir_fd = -1, ours = -1, childs = -1;
	sigset_t all, before;
	int p[2], code;
	pid_t pid;

	if (s->dir) {
		dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir_fd < 0)
			return errno;
	}
	if (pipe2(p, O_CLOEXEC) < 0)
		return errno;
	ours = p[0];
	childs = fcntl(p[1], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	code = errno;
	(void)close(p[1]);
	if (childs < 0)
		return code;
	/* Block signals: no handler of the host process may run in the child. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		run_child(s, fd, dir_fd, childs, own_group);
	code = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return code;
	(void)close(take_fd(&childs));
	code = wait_for_exec(ours, pid);
	if (code == 0)
		*ret_pid = pid;
	return code;
}
