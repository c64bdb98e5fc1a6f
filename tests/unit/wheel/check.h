/* SPDX-License-Identifier: MIT */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <string.h>

#include "../support/cmocka_all.h"
#include "base/err.h"
#include "base/str.h"

/* RC is -CODE, and the message, which must be whole, has PART in it. */
static inline void check_error(int rc, int code, const struct cvenv_error *err, const char *part)
{
	assert_int_equal(rc, -code);
	assert_int_equal(err->code, code);
	if (!strstr(err->message, part))
		fail_msg("message '%s' does not say '%s'", err->message, part);
}

static inline void check_str(struct cv_str s, const char *expected)
{
	if (!cv_str_eq(s, cv_str(expected)))
		fail_msg("'%.*s' is not '%s'", CV_ARG(s), expected);
}

#endif
