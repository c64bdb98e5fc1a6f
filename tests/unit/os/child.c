/* SPDX-License-Identifier: MIT */
#include "os/child.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/system.h"
#include "os/command.h"
#include "os/process.h"

/* The child is this program, with one of these as its first argument. */
static int echo(void)
{
	int c;

	fputs("got ", stdout);
	while ((c = getchar()) != EOF && c != '\n')
		putchar(c);
	fputs("!", stdout);
	fputs("lost", stderr);
	return 7;
}

static int show_arguments(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		printf("[%s]", argv[i]);
	return 0;
}

static int show_variables(void)
{
	for (const char *const *e = cv_os_environ(); *e; e++)
		if (strncmp(*e, "T_", 2) == 0)
			printf("[%s]", *e);
	return 0;
}

static int show_directory(void)
{
	OWN_ARENA struct cv_arena a = { 0 };
	char *cwd = NULL;

	if (cv_os_cwd(&a, &cwd) < 0)
		return 1;
	fputs(cwd, stdout);
	return 0;
}

static const char *self;

/* It leaves a child of its own, which keeps stdout open. */
static int leave_child(void)
{
	const char *const argv[] = { self, "sleep", NULL };
	struct cv_os_child_how how = { .argv = argv,
		.envp = cv_os_environ(),
		.end = { CV_OS_END_NULL, CV_OS_END_OURS, CV_OS_END_NULL } };
	struct cv_os_child c;

	if (cv_os_child_start(&how, &c) < 0)
		return 1;
	puts("left");
	(void)fflush(stdout);
	cv_os_sleep_ms(60000);
	return 0;
}

static int be_child(int argc, char **argv)
{
	if (strcmp(argv[1], "echo") == 0)
		return echo();
	if (strcmp(argv[1], "arguments") == 0)
		return show_arguments(argc, argv);
	if (strcmp(argv[1], "variables") == 0)
		return show_variables();
	if (strcmp(argv[1], "directory") == 0)
		return show_directory();
	if (strcmp(argv[1], "leave") == 0)
		return leave_child();
	if (strcmp(argv[1], "fill") == 0)
		for (int i = 0; i < 300000; i++)
			putchar('x');
	if (strcmp(argv[1], "sleep") == 0)
		cv_os_sleep_ms(60000);
	return 0;
}

enum { ARGS_MAX = 32, OUT_ROOM = 1 << 19 };

static int start(struct cv_os_child_how *how, const char *const *args, struct cv_os_child *ret)
{
	const char *argv[ARGS_MAX] = { self };

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	how->argv = argv;
	how->envp = how->envp ? how->envp : cv_os_environ();
	return cv_os_child_start(how, ret);
}

/* All of its stdout, until its end of file. */
static const char *read_all(struct cv_os_child *c)
{
	static char out[OUT_ROOM];
	size_t n = 0;

	while (cv_os_child_has(c, CV_OS_OUT)) {
		int64_t got;

		assert_true(cv_os_child_wait(c, 100) >= 0);
		got = cv_os_child_read(c, CV_OS_OUT, out + n, sizeof(out) - 1 - n);
		assert_true(got >= 0 || got == -EAGAIN);
		n += got > 0 ? (size_t)got : 0;
	}
	out[n] = '\0';
	return out;
}

static const char *output(struct cv_os_child_how *how, const char *const *args)
{
	struct cv_os_child c;
	const char *out;

	how->own_group = true;
	how->end[CV_OS_OUT] = CV_OS_END_PIPE;
	assert_int_equal(start(how, args, &c), 0);
	out = read_all(&c);
	assert_int_equal(cv_os_child_reap(&c), 0);
	return out;
}

static void test_child_gets_its_streams(void **state)
{
	static const char *const args[] = { "echo", NULL };
	struct cv_os_child_how how = { .end = { CV_OS_END_PIPE, CV_OS_END_PIPE, CV_OS_END_NULL },
		.own_group = true };
	struct cv_os_child c;

	(void)state;
	assert_int_equal(start(&how, args, &c), 0);
	assert_true(cv_os_child_has(&c, CV_OS_IN) && !cv_os_child_has(&c, CV_OS_ERR));
	assert_int_equal(cv_os_child_write(&c, "hi\n", 3), 3);
	cv_os_child_close(&c, CV_OS_IN);
	assert_string_equal(read_all(&c), "got hi!");
	assert_int_equal(cv_os_child_reap(&c), 7);
}

/* More than any pipe holds: both ends are served in turn, and closing loses nothing. */
static void test_child_gets_long_input(void **state)
{
	static const char *const args[] = { "echo", NULL };
	struct cv_os_child_how how = { .end = { CV_OS_END_PIPE, CV_OS_END_PIPE, CV_OS_END_NULL },
		.own_group = true };
	static char in[200000], out[sizeof(in) + 64];
	size_t sent = 0, n = 0;
	struct cv_os_child c;

	(void)state;
	memset(in, 'x', sizeof(in));
	assert_int_equal(start(&how, args, &c), 0);
	while (cv_os_child_has(&c, CV_OS_OUT)) {
		int ready = cv_os_child_wait(&c, 100);
		int64_t put = -EAGAIN, got = -EAGAIN;

		if (ready & CV_OS_BIT(CV_OS_IN)) {
			put = cv_os_child_write(&c, in + sent, sizeof(in) - sent);
			assert_true(put > 0 || put == -EAGAIN);
			sent += put > 0 ? (size_t)put : 0;
			if (sent == sizeof(in))
				cv_os_child_close(&c, CV_OS_IN);
		}
		if (ready & CV_OS_BIT(CV_OS_OUT))
			got = cv_os_child_read(&c, CV_OS_OUT, out + n, sizeof(out) - n);
		n += got > 0 ? (size_t)got : 0;
	}
	assert_int_equal(n, sizeof(in) + strlen("got !"));
	assert_int_equal(cv_os_child_reap(&c), 7);
}

static void test_input_that_nobody_reads(void **state)
{
	static const char *const args[] = { "none", NULL };
	struct cv_os_child_how how = { .end = { CV_OS_END_PIPE }, .own_group = true };
	static char in[100000];
	struct cv_os_child c;
	int64_t put = 0;

	(void)state;
	assert_int_equal(start(&how, args, &c), 0);
	while (put >= 0 || put == -EAGAIN) {
		put = cv_os_child_write(&c, in, sizeof(in));
		assert_true(cv_os_child_wait(&c, 10) >= 0);
	}
	assert_int_equal(put, -EPIPE);
	assert_int_equal(cv_os_child_reap(&c), 0);
}

static void test_all_output_is_there_after_the_end(void **state)
{
	static const char *const args[] = { "fill", NULL };
	struct cv_os_child_how how = { .end = { CV_OS_END_NULL, CV_OS_END_PIPE, CV_OS_END_NULL } };

	(void)state;
	assert_int_equal(strlen(output(&how, args)), 300000);
}

static void test_arguments_arrive_unchanged(void **state)
{
	static const char *const args[] = { "arguments", "", " ", "a b", "a\tb", "a\nb", "\"", "\\",
		"\\\\", "a\\", "a b\\", "a b\\\\", "\\\"", "a\\\"b", "\"a b\"", "\\\\\"c d\\\\\"",
		"a\"\"b", "*", "?.c", "%PATH%", "^&|<>", "'x'", "-",
		"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", NULL };
	struct cv_os_child_how how = { 0 };
	struct cv_buf want OWN_BUF = { 0 };

	(void)state;
	for (size_t i = 1; args[i]; i++)
		cv_buf_addf(&want, "[%s]", args[i]);
	assert_string_equal(output(&how, args), want.p);
}

/* Windows wants them sorted without regard to case, and its own to start any program. */
static void test_variables_arrive(void **state)
{
	static const char *const args[] = { "variables", NULL };
	const char *envp[512] = { "T_c=3", "T_B=", "T_a=\xc3\xa9=\xf0\x9f\x98\x80" };
	struct cv_os_child_how how = { .envp = envp };
	const char *out;
	size_t n = 3;

	(void)state;
	for (const char *const *e = cv_os_environ(); *e && n < 511; e++)
		envp[n++] = *e;
	out = output(&how, args);
	assert_non_null(strstr(out, "[T_c=3]"));
	assert_non_null(strstr(out, "[T_B=]"));
	assert_non_null(strstr(out, "[T_a=\xc3\xa9=\xf0\x9f\x98\x80]"));
	if (CV_WINDOWS)
		assert_string_equal(out, "[T_a=\xc3\xa9=\xf0\x9f\x98\x80][T_B=][T_c=3]");
}

static void test_directory(void **state)
{
	static const char *const args[] = { "directory", NULL };
	OWN_ARENA struct cv_arena a = { 0 };
	struct cv_os_child_how how = { 0 };
	char *cwd;

	(void)state;
	assert_int_equal(cv_os_cwd(&a, &cwd), 0);
	assert_string_equal(output(&how, args), cwd);
	if (strlen(cwd) > 3)
		cwd[strcspn(cwd + 3, "/\\") + 3] = '\0'; /* one of its parents */
	how.dir = cwd;
	assert_string_equal(output(&how, args), cwd);
}

static void test_child_can_be_killed(void **state)
{
	static const char *const args[] = { "sleep", NULL };
	struct cv_os_child_how how = { 0 };
	struct cv_os_child c;

	(void)state;
	for (int i = 0; i < 4; i++) {
		how.no_watch = i & 1;
		how.own_group = i & 2;
		assert_int_equal(start(&how, args, &c), 0);
		assert_int_equal(cv_os_child_ended(&c), 0);
		cv_os_child_kill(&c);
		while (cv_os_child_ended(&c) == 0)
			assert_int_equal(cv_os_child_wait(&c, 100), 0);
		assert_int_equal(cv_os_child_reap(&c), -9);
	}
}

/* Else the end of file would come only when the grandchild has slept. */
static void test_children_of_the_child_are_killed(void **state)
{
	static const char *const args[] = { "leave", NULL };
	struct cv_os_child_how how = { .end = { CV_OS_END_NULL, CV_OS_END_PIPE },
		.own_group = true };
	int64_t begin = cv_os_monotonic_ns(), got;
	struct cv_os_child c;
	char out[8];

	(void)state;
	assert_int_equal(start(&how, args, &c), 0);
	do {
		assert_true(cv_os_child_wait(&c, 100) >= 0);
		got = cv_os_child_read(&c, CV_OS_OUT, out, sizeof(out));
	} while (got == -EAGAIN);
	assert_int_equal(got, 5);
	cv_os_child_kill(&c);
	assert_string_equal(read_all(&c), "");
	assert_int_equal(cv_os_child_reap(&c), -9);
	assert_true(cv_os_monotonic_ns() - begin < 30000000000);
}

static void test_child_that_cannot_start(void **state)
{
	static const char *const args[] = { "none", NULL };
	static const char *const batch[] = { "C:\\x.bat", "C:\\x.CMD", "C:\\x.bat ",
		"C:\\x.cmd. ." };
	const char *const argv[] = { CV_WINDOWS ? "C:/no/such/program" : "/no/such/program", NULL };
	struct cv_os_child_how how = { .argv = argv, .end = { CV_OS_END_PIPE } };
	struct cv_os_child c;

	(void)state;
	assert_int_equal(cv_os_child_start(&how, &c), -ENOENT);
	assert_false(cv_os_child_has(&c, CV_OS_IN));
	how.dir = CV_WINDOWS ? "C:/no/such/directory" : "/no/such/directory";
	assert_int_equal(start(&how, args, &c), -ENOENT);
	for (size_t i = 0; CV_WINDOWS && i < sizeof(batch) / sizeof(batch[0]); i++) {
		const char *const names[] = { batch[i], NULL };

		how = (struct cv_os_child_how){ .argv = names };
		assert_int_equal(cv_os_child_start(&how, &c), -ENOEXEC);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child_gets_its_streams),
		cmocka_unit_test(test_child_gets_long_input),
		cmocka_unit_test(test_input_that_nobody_reads),
		cmocka_unit_test(test_all_output_is_there_after_the_end),
		cmocka_unit_test(test_arguments_arrive_unchanged),
		cmocka_unit_test(test_variables_arrive),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_child_can_be_killed),
		cmocka_unit_test(test_children_of_the_child_are_killed),
		cmocka_unit_test(test_child_that_cannot_start),
	};

	if (cv_os_begin_command(&argc, &argv) < 0)
		return 1;
	self = argv[0];
	if (argc > 1)
		return be_child(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
