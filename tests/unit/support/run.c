/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <fnmatch.h>
#include <stdlib.h>

int test_run(const char *group, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown)
{
	const char *pattern = getenv("CVENV_TEST_FILTER");
	size_t i = 0;

	if (pattern) {
		while (i < count && fnmatch(pattern, tests[i].name, 0) != 0)
			i++;
		if (i == count)
			exit(TEST_SKIPPED);
		cmocka_set_test_filter(pattern);
	}
	return _cmocka_run_group_tests(group, tests, count, setup, teardown);
}
