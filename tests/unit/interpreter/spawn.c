/* SPDX-License-Identifier: MIT */
#include "interpreter/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "help.h"

static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

static unsigned extra_flags; /* every test runs with and without pidfd_open(2) */

struct result {
	struct cv_str out; /* NUL-terminated */
	char tail[CV_SPAWN_TAIL_MAX + 1];
	int status, rc;
	double seconds;
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run(struct world *w, const struct cv_spawn *given, const char *script, struct result *r)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct cv_buf out OWN_BUF = { 0 };
	struct cv_spawn s = *given;
	double start = now();

	memset(r, 0, sizeof(*r));
	r->status = 12345;
	s.argv = s.argv ? s.argv : argv;
	s.envp = env;
	s.timeout_ms = s.timeout_ms ? s.timeout_ms : 20000;
	s.output_max = s.output_max ? s.output_max : 1 << 20;
	s.flags = (s.flags ? s.flags : CV_SPAWN_OUT | CV_SPAWN_ERR) | extra_flags;
	s.ret_tail = r->tail;
	r->rc = cv_spawn(&w->ctx, &s, &out, &r->status, &w->err);
	r->out = cv_str_dup(&w->arena, cv_buf_slice(&out));
	r->seconds = now() - start;
}

static void test_output_and_status(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "echo out; echo err >&2; exit 7", &r);
	must(w, r.rc);
	assert_int_equal(r.status, 7);
	assert_string_equal(r.out.p, "out\n");
	assert_string_equal(r.tail, "err\n");
	assert_int_equal(cv_spawn_failed(&w->err, CVENV_EPYTHON, "/bin/sh", r.status, r.tail),
		-CVENV_EPYTHON);
	assert_string_equal(w->err.message, "'/bin/sh' failed with status 7: err");
}

static void test_killed_by_signal(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "kill -9 $$", &r);
	must(w, r.rc);
	assert_int_equal(r.status, -SIGKILL);
	(void)cv_spawn_failed(&w->err, CVENV_EPYTHON, "x", r.status, NULL);
	assert_string_equal(w->err.message, "'x' was killed by signal 9");
	/* an exception on Windows: a DLL is missing */
	(void)cv_spawn_failed(&w->err, CVENV_EPYTHON, "x", (int)0xc0000135, NULL);
	assert_string_equal(w->err.message, "'x' failed with status 0xc0000135");
}

static void test_only_the_end_of_stderr_is_kept(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done >&2", &r);
	must(w, r.rc);
	assert_int_equal(strlen(r.tail), CV_SPAWN_TAIL_MAX);
	assert_string_equal(r.tail + CV_SPAWN_TAIL_MAX - 11, "line 19999\n");
}

static void test_input_reaches_the_child(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;
	char *big = cv_new(&w->arena, char, 300001);

	memset(big, 'x', 300000);
	s.input = cv_str(big);
	run(w, &s, "cat", &r);
	must(w, r.rc);
	assert_int_equal(r.out.n, 300000);
	assert_memory_equal(r.out.p, big, 300000);
}

/* a child that reads nothing must neither block us nor kill us by SIGPIPE */
static void test_input_may_be_refused(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;
	char *big = cv_new(&w->arena, char, 3000001);

	memset(big, 'x', 3000000);
	s.input = cv_str(big);
	run(w, &s, "exec <&-; sleep 0.2; echo done", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, "done\n");
}

static void test_stdin_is_empty_by_default(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "cat; readlink /proc/self/fd/0", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, "/dev/null\n");
}

static void test_too_much_output(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { .output_max = 1000 };
	struct result r;

	run(w, &s, "exec yes", &r);
	assert_int_equal(r.rc, -CVENV_ELIMIT);
	assert_string_equal(w->err.message, "'/bin/sh' printed more than 1000 bytes");
	assert_int_equal(r.status, 12345);

	s = (struct cv_spawn){ .output_max = 5 };
	run(w, &s, "printf 123456", &r);
	assert_int_equal(r.rc, -CVENV_ELIMIT);
	run(w, &s, "printf 12345", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, "12345");
}

/* the whole group dies: the grandchild, too, which would leave a mark otherwise */
static void test_time_is_up(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { .timeout_ms = 300, .dir = w->dir };
	struct result r;

	run(w, &s, "(sleep 1; touch mark) & sleep 60", &r);
	assert_int_equal(r.rc, -ETIMEDOUT);
	assert_string_equal(w->err.message, "'/bin/sh' did not answer within 0.3 s");
	assert_true(r.seconds < 5);
	(void)usleep(1300000);
	assert_int_not_equal(faccessat(AT_FDCWD, at(w, "mark"), F_OK, 0), 0);
}

static void test_grandchild_keeps_the_pipes_open(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "echo here; sleep 5 & exit 0", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, "here\n");
	assert_true(r.seconds < 4);
}

static void test_all_output_before_the_end_is_read(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "head -c 60000 /dev/zero", &r);
	must(w, r.rc);
	assert_int_equal(r.out.n, 60000);
}

static void test_cannot_run(void **state)
{
	struct world *w = *state;
	const char *const argv[] = { at(w, "none"), NULL };
	struct cv_spawn s = { .argv = argv };
	struct result r;
	char want[256];

	not_under_valgrind();
	run(w, &s, "", &r);
	assert_int_equal(r.rc, -ENOENT);
	(void)snprintf(want, sizeof(want), "cannot run '%s': No such file or directory", argv[0]);
	assert_string_equal(w->err.message, want);

	put(argv[0], "text", 0644);
	run(w, &s, "", &r);
	assert_int_equal(r.rc, -EACCES);
	s = (struct cv_spawn){ .dir = at(w, "no-dir") };
	run(w, &s, "", &r);
	assert_int_equal(r.rc, -ENOENT);
}

static void test_directory(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { .dir = w->dir };
	struct result r;
	char before[4096], after[4096];

	assert_non_null(getcwd(before, sizeof(before)));
	run(w, &s, "pwd -P", &r);
	must(w, r.rc);
	assert_memory_equal(r.out.p, w->dir, strlen(w->dir));
	assert_non_null(getcwd(after, sizeof(after)));
	assert_string_equal(before, after);
}

/* a signal that is blocked or ignored here must not be so in the child */
static void test_signals_are_default(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct sigaction old, ignore = { .sa_handler = SIG_IGN };
	unsigned long long blocked, ignored;
	sigset_t block, was;
	struct result r;

	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &block, &was), 0);
	assert_int_equal(sigaction(SIGPIPE, &ignore, &old), 0);
	run(w, &s, "grep -E 'Sig(Blk|Ign)' /proc/self/status", &r);
	(void)sigaction(SIGPIPE, &old, NULL);
	(void)sigprocmask(SIG_SETMASK, &was, NULL);
	must(w, r.rc);
	assert_int_equal(sscanf(r.out.p, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & 0x7fffffff, 0); /* glibc keeps 32 and 33 for itself */
}

static void test_nothing_else_is_inherited(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;

	run(w, &s, "exec ls /proc/self/fd", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, "0\n1\n2\n3\n"); /* 3 is ls reading the directory */
}

static void test_with_our_own_standard_descriptors_closed(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { 0 };
	struct result r;
	int saved[3];

	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
		(void)close(i);
	}
	s.input = cv_str("in");
	run(w, &s, "cat; echo err >&2", &r);
	for (int i = 0; i < 3; i++)
		if (saved[i] >= 0) {
			(void)dup2(saved[i], i);
			(void)close(saved[i]);
		}
	must(w, r.rc);
	assert_string_equal(r.out.p, "in");
	assert_string_equal(r.tail, "err\n");
}

static volatile int stop;

static void on_alarm(int sig)
{
	(void)sig;
	stop = 1;
}

static void test_stopped(void **state)
{
	struct world *w = *state;
	struct sigaction old, sa = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 200000 } };
	struct cv_spawn s = { 0 };
	struct result r;

	stop = 0;
	w->ctx.stop = &stop;
	assert_int_equal(sigaction(SIGALRM, &sa, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	run(w, &s, "sleep 60", &r);
	assert_int_equal(r.rc, -EINTR);
	assert_true(r.seconds < 5);
	run(w, &s, "true", &r);
	assert_int_equal(r.rc, -EINTR); /* not even started */
	(void)sigaction(SIGALRM, &old, NULL);
}

static void test_stdout_to_stderr(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { .flags = CV_SPAWN_OUT_TO_ERR | CV_SPAWN_ERR_PASS };
	char text[32] = "";
	struct result r;
	int saved = fcntl(2, F_DUPFD_CLOEXEC, 100), fd = open(at(w, "err"), O_RDWR | O_CREAT, 0600);

	assert_true(saved >= 0 && dup2(fd, 2) == 2);
	run(w, &s, "echo out", &r);
	(void)dup2(saved, 2);
	must(w, r.rc);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	assert_string_equal(text, "out\n");
	(void)close(fd);
	(void)close(saved);
}

static void test_tty_children_stay_in_our_group(void **state)
{
	struct world *w = *state;
	struct cv_spawn s = { .flags = CV_SPAWN_OUT | CV_SPAWN_TTY };
	struct result r;
	char want[32];

	(void)snprintf(want, sizeof(want), "%d\n", (int)getpgrp());
	run(w, &s, "cut -d' ' -f5 /proc/$$/stat", &r);
	must(w, r.rc);
	assert_string_equal(r.out.p, want);
	s.flags = CV_SPAWN_OUT;
	run(w, &s, "cut -d' ' -f5 /proc/$$/stat", &r);
	assert_string_not_equal(r.out.p, want);
}

static void test_environment(void **state)
{
	static const char *const drop[] = { "PYTHON*", "HOME", NULL };
	static const char *const add[] = { "PATH=/x", "NEW=1", NULL };
	struct world *w = *state;
	const char *const *got;

	world_env(w, "PYTHONPATH", "evil");
	world_env(w, "HOMER", "kept");
	got = cv_spawn_env(&w->arena, &w->ctx, drop, add);
	assert_string_equal(got[0], "HOMER=kept");
	assert_string_equal(got[1], "PATH=/x");
	assert_string_equal(got[2], "NEW=1");
	assert_null(got[3]);
}

static void put_sign(void *data, const char *program)
{
	struct world *w = data;

	assert_non_null(program);
	put(at(w, "sign"), "", 0600);
}

/* The child waits for what happens only while it runs. */
static void test_meanwhile(void **state)
{
	struct world *w = *state;
	const struct cv_meanwhile meanwhile = { put_sign, w };
	struct cv_spawn s = { .meanwhile = &meanwhile };
	struct result r;

	run(w, &s, cv_strfmt(&w->arena, "while [ ! -e %s ]; do sleep 0.01; done", at(w, "sign")),
		&r);
	must(w, r.rc);
	assert_int_equal(r.status, 0);
}

static void test_nothing_meanwhile_without_a_child(void **state)
{
	struct world *w = *state;
	const struct cv_meanwhile meanwhile = { put_sign, w };
	const char *const argv[] = { at(w, "nowhere"), NULL };
	struct cv_spawn s = { .meanwhile = &meanwhile, .argv = argv };
	struct result r;

	not_under_valgrind();
	run(w, &s, NULL, &r);
	assert_int_equal(r.rc, -ENOENT);
	assert_int_equal(faccessat(AT_FDCWD, at(w, "sign"), F_OK, 0), -1);
}

static void test_last_line_is_printable(void **state)
{
	struct world *w = *state;

	(void)cv_spawn_failed(&w->err, CVENV_EPYTHON, "x", 1, "first\n\033[31mred\a\n\n");
	assert_string_equal(w->err.message, "'x' failed with status 1: ?[31mred?");
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_output_and_status),
		T(test_killed_by_signal),
		T(test_only_the_end_of_stderr_is_kept),
		T(test_input_reaches_the_child),
		T(test_input_may_be_refused),
		T(test_stdin_is_empty_by_default),
		T(test_too_much_output),
		T(test_time_is_up),
		T(test_grandchild_keeps_the_pipes_open),
		T(test_all_output_before_the_end_is_read),
		T(test_cannot_run),
		T(test_directory),
		T(test_signals_are_default),
		T(test_nothing_else_is_inherited),
		T(test_with_our_own_standard_descriptors_closed),
		T(test_stopped),
		T(test_stdout_to_stderr),
		T(test_tty_children_stay_in_our_group),
		T(test_environment),
		T(test_meanwhile),
		T(test_nothing_meanwhile_without_a_child),
		T(test_last_line_is_printable),
	};
	int failed;

	/* what we were started with by mistake is not what is tested */
	for (int fd = 3; fd < 1024; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	failed = cmocka_run_group_tests_name("with pidfd", tests, NULL, NULL);
	extra_flags = CV_SPAWN_NO_WATCH;
	return failed + cmocka_run_group_tests_name("without pidfd", tests, NULL, NULL);
}
