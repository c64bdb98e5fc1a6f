/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <stdlib.h>

/* The stars of a pattern, as cmocka itself sees them. */
static int matches(const char *pattern, const char *name)
{
	if (*pattern == '*')
		return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
	return *pattern == *name && (!*name || matches(pattern + 1, name + 1));
}

int test_run(const char *group, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction setup, CMFixtureFunction teardown)
{
	const char *pattern = getenv("CVENV_TEST_FILTER");
	size_t i = 0;

	if (pattern) {
		while (i < count && !matches(pattern, tests[i].name))
			i++;
		if (i == count)
			exit(TEST_SKIPPED);
		cmocka_set_test_filter(pattern);
	}
	return _cmocka_run_group_tests(group, tests, count, setup, teardown);
}
