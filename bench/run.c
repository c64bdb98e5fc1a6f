/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and measures time and memory.
 *
 *	run FIGURES COMMAND [ARGUMENT...]
 *
 * Writes a line to the file FIGURES: exit code, nanoseconds from start to end, microseconds of CPU,
 * maximum memory in KiB. The command reads from /dev/null and inherits stdout and stderr.
 *
 * This is a C program because a child's maximum of memory includes that of its parent at the start:
 * started from Python, every command would need at least as much as Python.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long us(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t pid;
	int status;

	if (argc < 3) {
		fputs("usage: run FIGURES COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	long long start = now_ns();
	int rc = posix_spawn(&pid, argv[2], &actions, NULL, argv + 2, environ);
	if (rc != 0) {
		fprintf(stderr, "run: cannot start '%s': %s\n", argv[2], strerror(rc));
		return 1;
	}
	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR)
			return 1;
	}
	long long spent = now_ns() - start;
	FILE *out = fopen(argv[1], "w");
	if (!out)
		return 1;
	fprintf(out, "%d %lld %lld %ld\n",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), spent,
		us(usage.ru_utime) + us(usage.ru_stime), usage.ru_maxrss);
	return fclose(out) == 0 ? 0 : 1;
}
