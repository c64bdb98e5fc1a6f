/* SPDX-License-Identifier: MIT */
#include "os/process.h"
#include "../support/cmocka_all.h"

#include <unistd.h>

#include "base/path.h"

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
	assert_true(cv_path_is_abs(cwd));
	for (size_t i = cv_os_homes(&a, homes); i > 0; i--)
		assert_true(cv_path_is_abs(homes[i - 1]));
	cv_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
