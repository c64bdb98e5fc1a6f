/* SPDX-License-Identifier: MIT */
#include "os/process.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "os/child.h"

static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

static int start(const char *script, struct cv_os_child_how *how, struct cv_os_child *ret)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	how->argv = argv;
	how->envp = env;
	return cv_os_child_start(how, ret);
}

static void test_process(void **state)
{
	int64_t begin = cv_os_monotonic_ns();
	uint64_t a = 0, b = 0;

	(void)state;
	assert_int_equal(cv_os_pid(), getpid());
	assert_true(cv_os_process_alive(cv_os_pid()));
	assert_true(cv_os_random(&a, sizeof(a)) && cv_os_random(&b, sizeof(b)));
	assert_int_not_equal(a, b);
	cv_os_sleep_ms(2);
	assert_true(cv_os_monotonic_ns() - begin >= 2000000);
}

static void test_places(void **state)
{
	struct cv_arena a = { 0 };
	const char *homes[2];
	char *cwd;

	(void)state;
	assert_int_equal(cv_os_cwd(&a, &cwd), 0);
	assert_int_equal(cwd[0], '/');
	for (size_t i = cv_os_homes(&a, homes); i > 0; i--)
		assert_int_equal(homes[i - 1][0], '/');
	cv_arena_done(&a);
}

static void test_child_gets_its_streams(void **state)
{
	struct cv_os_child_how how = { .end = { CV_OS_END_PIPE, CV_OS_END_PIPE, CV_OS_END_NULL },
		.own_group = true };
	struct cv_os_child c;
	char out[64] = "";
	size_t n = 0;

	(void)state;
	assert_int_equal(start("read x; echo got $x; echo lost >&2; exit 7", &how, &c), 0);
	assert_true(cv_os_child_has(&c, CV_OS_IN) && !cv_os_child_has(&c, CV_OS_ERR));
	assert_int_equal(cv_os_child_write(&c, "hi\n", 3), 3);
	cv_os_child_close(&c, CV_OS_IN);
	while (cv_os_child_has(&c, CV_OS_OUT)) {
		int64_t got;

		assert_true(cv_os_child_wait(&c, 100) >= 0);
		got = cv_os_child_read(&c, CV_OS_OUT, out + n, sizeof(out) - 1 - n);
		assert_true(got >= 0 || got == -EAGAIN);
		n += got > 0 ? (size_t)got : 0;
	}
	assert_string_equal(out, "got hi\n");
	assert_int_equal(cv_os_child_reap(&c), 7);
}

static void test_child_can_be_killed(void **state)
{
	struct cv_os_child_how how = { .own_group = true };
	struct cv_os_child c;

	(void)state;
	for (int i = 0; i < 2; i++) {
		how.no_watch = i;
		assert_int_equal(start("exec sleep 60", &how, &c), 0);
		assert_int_equal(cv_os_child_ended(&c), 0);
		cv_os_child_kill(&c);
		while (cv_os_child_ended(&c) == 0)
			assert_int_equal(cv_os_child_wait(&c, 100), 0);
		assert_int_equal(cv_os_child_reap(&c), -9);
	}
}

static void test_child_that_cannot_start(void **state)
{
	const char *const argv[] = { "/no/such/program", NULL };
	struct cv_os_child_how how = { .argv = argv, .end = { CV_OS_END_PIPE } };
	struct cv_os_child c;

	(void)state;
	assert_int_equal(cv_os_child_start(&how, &c), -ENOENT);
	assert_false(cv_os_child_has(&c, CV_OS_IN));
	how.dir = "/no/such/directory";
	assert_int_equal(start("exit 0", &how, &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_child_gets_its_streams),
		cmocka_unit_test(test_child_can_be_killed),
		cmocka_unit_test(test_child_that_cannot_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
