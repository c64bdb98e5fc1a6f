/* SPDX-License-Identifier: MIT */
#ifndef CV_CMOCKA_ALL_H
#define CV_CMOCKA_ALL_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Groups run as with cmocka, but $CVENV_TEST_FILTER, a pattern as the shell has them, chooses
 * functions by their names. A program without such a function ends as skipped.
 */
enum { TEST_SKIPPED = 77 }; /* what Meson takes for that */

int test_run(const char *group, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown);

#undef cmocka_run_group_tests
#undef cmocka_run_group_tests_name
#define cmocka_run_group_tests(tests, setup, teardown) \
	cmocka_run_group_tests_name(#tests, tests, setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
	test_run(name, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

#endif
