/* SPDX-License-Identifier: MIT */
#include "base/err.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void test_reason_follows_subject(void **state)
{
	struct cvenv_error err;

	(void)state;
	assert_int_equal(cv_fail(&err, ENOENT, "cannot open '%s'", "x"), -ENOENT);
	assert_string_equal(err.message, "cannot open 'x': No such file or directory");
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(cv_fail(&err, CVENV_EWHEEL, "'%s'", "a.whl"), -CVENV_EWHEEL);
	assert_string_equal(err.message, "'a.whl': not a valid wheel");
}

static void test_context_goes_in_front(void **state)
{
	struct cvenv_error err;

	(void)state;
	cv_fail_msg(&err, EIO, "inner");
	assert_int_equal(cv_wrap(&err, -EIO, "outer %d", 2), -EIO);
	assert_string_equal(err.message, "outer 2: inner");
	assert_int_equal(err.code, EIO);
}

static void test_first_hint_stays(void **state)
{
	struct cvenv_error err;

	(void)state;
	cv_fail_msg(&err, EIO, "x");
	assert_string_equal(err.hint, "");
	cv_hint(&err, -EIO, "do %s", "this");
	cv_hint(&err, -EIO, "or that");
	assert_string_equal(err.hint, "do this");
	cv_fail_msg(&err, EIO, "another");
	assert_string_equal(err.hint, "");
}

static void test_everything_may_be_too_long(void **state)
{
	static char huge[sizeof(((struct cvenv_error *)0)->message) * 2];
	struct cvenv_error err;

	(void)state;
	memset(huge, 'a', sizeof(huge) - 1);
	cv_fail(&err, ENOENT, "%s", huge);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	cv_wrap(&err, -1, "%s", huge);
	assert_true(strlen(err.message) < sizeof(err.message));
	cv_fail_msg(&err, ENOENT, "b");
	cv_wrap(&err, -1, "%s", huge);
	assert_true(strlen(err.message) < sizeof(err.message));
	cv_hint(&err, -1, "%s", huge);
	assert_true(strlen(err.hint) < sizeof(err.hint));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reason_follows_subject),
		cmocka_unit_test(test_context_goes_in_front),
		cmocka_unit_test(test_first_hint_stays),
		cmocka_unit_test(test_everything_may_be_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
