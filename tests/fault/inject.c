/* SPDX-License-Identifier: MIT */
/*
 * Runs a program and, at its n-th call of the system, lets something happen:
 *
 *	inject -l FILE -- PROGRAM ARG...		write each call to FILE
 *	inject -r FILE N ACTION -- PROGRAM ARG...	write the n-th to FILE, if it was made
 *
 * ACTION is the name of an error, which the call then gives without being made (close() is made,
 * as it is where it fails in earnest); the name of an error and a '+': every call from there on
 * that can fail so; the name of a signal, sent before the call; or "run:COMMAND", which sh
 * carries out while the program stands still before the call.
 *
 * A line of FILE is "N NAME ERRORS PATH", ERRORS those that the call can give with a '+'.
 *
 * It counts the calls of the first process that concern files, pipes or processes. Child processes
 * are not traced, nor is the program after the n-th call. ptrace(2) also works for static programs.
 * The exit status is that of the program, or: 124: it took too long; 125: tracing or something else
 * failed here, see stderr; 126: child processes still existed GRACE_S after its end.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	EXIT_SLOW = 124,
	EXIT_OURS = 125,
	EXIT_ORPHANS = 126,
	TIME_LIMIT_S = 120,
	GRACE_S = 15,
};

static pid_t traced;

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("inject: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	if (traced > 0)
		(void)kill(traced, SIGKILL);
	exit(EXIT_OURS);
}

/* --- the two machines -------------------------------------------------------- */

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
static long call_number(const registers *r)
{
	return (long)r->orig_rax;
}
static unsigned long argument(const registers *r, int n)
{
	const unsigned long long all[] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };

	return (unsigned long)all[n];
}
static void set_number(pid_t pid, registers *r, long number)
{
	(void)pid;
	r->orig_rax = (unsigned long long)number;
}
static void set_result(registers *r, long result)
{
	r->rax = (unsigned long long)result;
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
static long call_number(const registers *r)
{
	return (long)r->regs[8];
}
static unsigned long argument(const registers *r, int n)
{
	return r->regs[n];
}
static void set_number(pid_t pid, registers *r, long number)
{
	int value = (int)number;
	struct iovec io = { &value, sizeof(value) };

	r->regs[8] = (unsigned long long)number;
	if (ptrace(PTRACE_SETREGSET, pid, (void *)0x404 /* NT_ARM_SYSTEM_CALL */, &io) < 0)
		die("cannot change a call: %s", strerror(errno));
}
static void set_result(registers *r, long result)
{
	r->regs[0] = (unsigned long long)result;
}
#else
#define NO_MACHINE
#endif

/* --- what is counted --------------------------------------------------------- */

enum {
	TAKES_ROOM = 1 << 0, /* may find the disk full */
	OPENS = 1 << 1,      /* may find the table of descriptors full */
	MEMORY = 1 << 2,     /* may find no memory */
};

struct call {
	long number;
	const char *name;
	int path; /* which argument, -1: none */
	int flags;
};

static const struct call calls[] = {
#define CALL(name, path, flags)                \
	{                                      \
		SYS_##name, #name, path, flags \
	}
#ifdef SYS_open
	CALL(open, 0, OPENS),
	CALL(creat, 0, OPENS | TAKES_ROOM),
	CALL(stat, 0, 0),
	CALL(lstat, 0, 0),
	CALL(access, 0, 0),
	CALL(pipe, -1, OPENS),
	CALL(dup2, -1, 0),
	CALL(mkdir, 0, TAKES_ROOM),
	CALL(rmdir, 0, 0),
	CALL(rename, 0, TAKES_ROOM),
	CALL(link, 0, TAKES_ROOM),
	CALL(symlink, 0, TAKES_ROOM),
	CALL(unlink, 0, 0),
	CALL(readlink, 0, 0),
	CALL(chmod, 0, 0),
	CALL(chown, 0, 0),
	CALL(lchown, 0, 0),
	CALL(utimes, 0, 0),
	CALL(getdents, -1, 0),
	CALL(poll, -1, 0),
	CALL(fork, -1, 0),
	CALL(vfork, -1, 0),
#endif
#ifdef SYS_renameat
	CALL(renameat, 1, TAKES_ROOM),
#endif
#ifdef SYS_faccessat2
	CALL(faccessat2, 1, 0),
#endif
#ifdef SYS_fchmodat2
	CALL(fchmodat2, 1, 0),
#endif
#ifdef SYS_clone3
	CALL(clone3, -1, 0),
#endif
#ifdef SYS_openat2
	CALL(openat2, 1, OPENS),
#endif
#ifdef SYS_pidfd_open
	CALL(pidfd_open, -1, OPENS),
#endif
	CALL(newfstatat, 1, 0),
	CALL(openat, 1, OPENS | TAKES_ROOM),
	CALL(close, -1, 0),
	CALL(read, -1, 0),
	CALL(write, -1, TAKES_ROOM),
	CALL(readv, -1, 0),
	CALL(writev, -1, TAKES_ROOM),
	CALL(pread64, -1, 0),
	CALL(pwrite64, -1, TAKES_ROOM),
	CALL(preadv, -1, 0),
	CALL(pwritev, -1, TAKES_ROOM),
	CALL(sendto, -1, 0),
	CALL(recvfrom, -1, 0),
	CALL(sendfile, -1, TAKES_ROOM),
	CALL(splice, -1, TAKES_ROOM),
	CALL(copy_file_range, -1, TAKES_ROOM),
	CALL(fallocate, -1, TAKES_ROOM),
	CALL(ftruncate, -1, TAKES_ROOM),
	CALL(truncate, 0, TAKES_ROOM),
	CALL(lseek, -1, 0),
	CALL(fcntl, -1, OPENS),
	CALL(flock, -1, 0),
	CALL(ioctl, -1, TAKES_ROOM),
	CALL(dup, -1, OPENS),
	CALL(dup3, -1, 0),
	CALL(pipe2, -1, OPENS),
	CALL(socketpair, -1, OPENS),
	CALL(ppoll, -1, 0),
	CALL(clone, -1, 0),
	CALL(fsync, -1, TAKES_ROOM),
	CALL(fdatasync, -1, TAKES_ROOM),
	CALL(syncfs, -1, TAKES_ROOM),
	CALL(fstat, -1, 0),
	CALL(statx, 1, 0),
	CALL(statfs, 0, 0),
	CALL(fstatfs, -1, 0),
	CALL(faccessat, 1, 0),
	CALL(getdents64, -1, 0),
	CALL(getcwd, -1, 0),
	CALL(chdir, 0, 0),
	CALL(fchdir, -1, 0),
	CALL(mkdirat, 1, TAKES_ROOM),
	CALL(mknodat, 1, TAKES_ROOM),
	CALL(renameat2, 1, TAKES_ROOM),
	CALL(linkat, 1, TAKES_ROOM),
	CALL(symlinkat, 2, TAKES_ROOM),
	CALL(unlinkat, 1, 0),
	CALL(readlinkat, 1, 0),
	CALL(fchmod, -1, 0),
	CALL(fchmodat, 1, 0),
	CALL(fchown, -1, 0),
	CALL(fchownat, 1, 0),
	CALL(utimensat, 1, 0),
	CALL(getxattr, 0, 0),
	CALL(lgetxattr, 0, 0),
	CALL(fgetxattr, -1, 0),
	CALL(setxattr, 0, TAKES_ROOM),
	CALL(lsetxattr, 0, TAKES_ROOM),
	CALL(fsetxattr, -1, TAKES_ROOM),
	CALL(listxattr, 0, 0),
	CALL(llistxattr, 0, 0),
	CALL(flistxattr, -1, 0),
	CALL(getrandom, -1, 0),
	CALL(mmap, -1, MEMORY),
#undef CALL
};

static const struct {
	const char *name;
	int value;
} errors[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EACCES", EACCES }, { "EMFILE", EMFILE },
	{ "EINTR", EINTR }, { "ENOMEM", ENOMEM }, { "EDQUOT", EDQUOT }, { "EROFS", EROFS } },
  signals[] = { { "SIGKILL", SIGKILL }, { "SIGINT", SIGINT }, { "SIGTERM", SIGTERM },
	  { "SIGHUP", SIGHUP } };

/* What is to happen, and when. */
struct action {
	unsigned long nth; /* 0: nothing, only the list is wanted */
	int error;
	bool from_there_on;
	int signal;
	const char *command;
	FILE *report;
};

#ifdef NO_MACHINE
int main(void)
{
	die("cannot trace on this machine: only x86_64 and aarch64 are known");
}
#else

static const struct call *find(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

static void get(pid_t pid, registers *r)
{
	struct iovec io = { r, sizeof(*r) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &io) < 0 && errno != ESRCH)
		die("cannot read registers: %s", strerror(errno));
}

static void set(pid_t pid, registers *r)
{
	struct iovec io = { r, sizeof(*r) };

	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &io) < 0 && errno != ESRCH)
		die("cannot write registers: %s", strerror(errno));
}

static bool can_fail_so(const struct call *call, const registers *r, int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EROFS:
		if (call->number == SYS_openat && !(argument(r, 2) & O_CREAT))
			return false;
		return call->flags & TAKES_ROOM;
	case EMFILE:
		return call->flags & OPENS;
	case ENOMEM:
		return call->flags & MEMORY;
	}
	return true;
}

/* What it says on stdout and stderr reaches us through pipes whatever befalls the disk. */
static bool is_report(const struct call *call, const registers *r)
{
	return (call->number == SYS_write || call->number == SYS_writev) && argument(r, 0) <= 2;
}

/* Which errors this call can give: "+ENOSPC+EIO+", or "+". */
static void list_errors(FILE *to, const struct call *call, const registers *r)
{
	fputs(" +", to);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]) && !is_report(call, r); i++)
		if (can_fail_so(call, r, errors[i].value))
			fprintf(to, "%s+", errors[i].name);
}

/* The call's path; its arguments where it has none, since two calls shall be told apart. */
static void describe(
	FILE *to, pid_t pid, const registers *r, const struct call *call, unsigned long n)
{
	char text[PATH_MAX] = "";

	fprintf(to, "%lu %s", n, call->name);
	list_errors(to, call, r);
	if (call->path >= 0) {
		for (size_t i = 0; i + sizeof(long) < sizeof(text); i += sizeof(long)) {
			long word;

			errno = 0;
			word = ptrace(
				PTRACE_PEEKDATA, pid, (void *)(argument(r, call->path) + i), NULL);
			if (errno)
				break;
			memcpy(text + i, &word, sizeof(word));
			if (memchr(&word, 0, sizeof(word)))
				break;
		}
		for (char *p = text; *p; p++)
			if (*p == '\n')
				*p = '?';
		fprintf(to, " %s\n", text);
	} else {
		fprintf(to, " (%ld)\n", (long)(int)argument(r, 0));
	}
	fflush(to);
}

static void act_outside(const struct action *action, pid_t pid)
{
	if (action->signal)
		(void)kill(pid, action->signal);
	if (action->command) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			execl("/bin/sh", "sh", "-c", action->command, (char *)NULL);
			_exit(127);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			die("the command failed: %s", action->command);
	}
}

/* The call at which PID stands, about to be made. True when it is to fail with `error`. */
static bool enter(struct action *action, pid_t pid, unsigned long *count, bool *ret_met)
{
	registers r;
	const struct call *call;

	get(pid, &r);
	call = find(call_number(&r));
	if (!call)
		return false;
	++*count;
	if (!action->nth) {
		describe(action->report, pid, &r, call, *count);
		return false;
	}
	if (*count < action->nth)
		return false;
	if (action->from_there_on && (!can_fail_so(call, &r, action->error) || is_report(call, &r)))
		return false;
	if (!*ret_met)
		describe(action->report, pid, &r, call, *count);
	*ret_met = true;
	if (!action->error) {
		act_outside(action, pid);
		return false;
	}
	if (call->number != SYS_close) {
		set_number(pid, &r, -1);
		set(pid, &r);
	}
	return true;
}

static void give_error(pid_t pid, int error)
{
	registers r;

	get(pid, &r);
	set_result(&r, -(long)error);
	set(pid, &r);
}

/* Until PID ends; its status as of waitpid(). */
static int trace(struct action *action, pid_t pid)
{
	/* The child is stopped at the end of its execve(). */
	bool before = false, failing = false, met = false, free_again = false;
	unsigned long count = 0;
	int status, sig = 0;

	for (;;) {
		long rc = free_again ? 0 : ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig);

		sig = 0;
		if (rc < 0 && errno != ESRCH)
			die("cannot go on: %s", strerror(errno));
		if (waitpid(pid, &status, 0) != pid)
			die("cannot wait: %s", strerror(errno));
		if (!WIFSTOPPED(status))
			return status;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			if (WSTOPSIG(status) != SIGTRAP)
				sig = WSTOPSIG(status);
			continue;
		}
		before = !before;
		if (before) {
			failing = enter(action, pid, &count, &met);
		} else if (failing) {
			give_error(pid, action->error);
			failing = false;
		}
		if (met && !failing && !action->from_there_on) {
			if (ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0 && errno != ESRCH)
				die("cannot let go: %s", strerror(errno));
			free_again = true;
		}
	}
}

static pid_t start(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("cannot start a process: %s", strerror(errno));
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(EXIT_OURS);
		(void)raise(SIGSTOP);
		execv(argv[0], argv);
		fprintf(stderr, "inject: %s: %s\n", argv[0], strerror(errno));
		_exit(EXIT_OURS);
	}
	traced = pid;
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("ptrace is forbidden here");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		    (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
				   PTRACE_O_EXITKILL)) < 0)
		die("ptrace is forbidden here: %s", strerror(errno));
	(void)ptrace(PTRACE_CONT, pid, NULL, NULL);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("cannot run '%s'", argv[0]);
	/* The end of execve() is a stop of its own. */
	(void)ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("cannot run '%s'", argv[0]);
	return pid;
}

/* True when what the program started and left to us came to an end by itself. */
static bool orphans_end(void)
{
	const struct timespec tick = { .tv_nsec = 2000000 };
	time_t limit = time(NULL) + GRACE_S;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (pid > 0)
			continue;
		if (time(NULL) > limit)
			return false;
		(void)nanosleep(&tick, NULL);
	}
	return true;
}

static void too_slow(int sig)
{
	(void)sig;
	(void)kill(traced, SIGKILL);
	_exit(EXIT_SLOW);
}

static bool read_action(const char *text, struct action *ret)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		size_t n = strlen(errors[i].name);

		if (strncmp(text, errors[i].name, n) != 0 ||
			(text[n] && strcmp(text + n, "+") != 0))
			continue;
		ret->error = errors[i].value;
		ret->from_there_on = text[n];
		return true;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(text, signals[i].name) == 0)
			ret->signal = signals[i].value;
	if (strncmp(text, "run:", 4) == 0)
		ret->command = text + 4;
	return ret->signal || ret->command;
}

int main(int argc, char **argv)
{
	struct action action = { 0 };
	int at = 3, status;

	if (argc > 3 && strcmp(argv[1], "-r") == 0) {
		action.nth = strtoul(argv[at++], NULL, 10);
		if (argc < 7 || !action.nth || !read_action(argv[at++], &action))
			die("unknown action");
	} else if (argc < 5 || strcmp(argv[1], "-l") != 0) {
		die("usage: inject -l FILE -- PROGRAM ARG... or -r FILE N ACTION -- PROGRAM "
		    "ARG...");
	}
	if (at + 1 >= argc || strcmp(argv[at], "--") != 0)
		die("no program");
	action.report = fopen(argv[2], "we");
	if (!action.report)
		die("cannot write '%s': %s", argv[2], strerror(errno));
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	(void)signal(SIGALRM, too_slow);
	(void)alarm(TIME_LIMIT_S);
	status = trace(&action, start(argv + at + 1));
	if (!orphans_end())
		return EXIT_ORPHANS;
	if (WIFSIGNALED(status)) {
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(WTERMSIG(status), SIG_DFL);
		(void)raise(WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}
#endif
