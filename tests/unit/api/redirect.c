/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "cvenv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/tree.h"
#include "session.h"

/* Redirect files, by the public calls. */

/* ENV_DIR may be a redirect file: for whole environments, for steps and for checks. */
static void test_redirect_file(void **state)
{
	static const char *const shells[] = { "bash", NULL };
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_context context = { .size = sizeof(context) };
	struct cvenv_error error;
	struct cvenv_env *env;
	struct cvenv *session;
	char place[256], file[256];

	(void)state;
	options.clear = options.force = true;
	snprintf(place, sizeof(place), "%s/real", dir);
	snprintf(file, sizeof(file), "%s/.venv", dir);
	test_write(dir, ".venv", "real\n");
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_check(session, ".venv", &error), 0);
	assert_int_equal(cvenv_begin(session, ".venv", &env, &error), 0);
	cvenv_get_context(env, &context);
	assert_string_equal(context.env_dir, place);
	assert_int_equal(cvenv_ensure_directories(env, &error), 0);
	assert_int_equal(access(context.bin_path, F_OK), 0);
	test_write(place, "precious", "x"); /* `force` must not reach it */
	assert_int_equal(cvenv_ensure_directories(env, &error), -1);
	assert_int_equal(error.code, CVENV_EREFUSED);
	cvenv_end(env);
	assert_int_equal(cvenv_check(session, ".venv", &error), -1);
	assert_int_equal(cvenv_begin(session, ".venv", &env, &error), -1);
	assert_int_equal(error.code, CVENV_EREFUSED);
	assert_non_null(strstr(error.message, file));
	assert_int_equal(unlink(inside("real/precious")), 0);
	assert_int_equal(cvenv_create(session, ".venv", &result, &error), 0);
	assert_string_equal(result.path, place);
	assert_string_equal(result.redirect, file);
	assert_non_null(strstr(cvenv_activation_line(session, shells), place));
	cvenv_close(session);
}

static void test_redirect_option(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	options.redirect = "";
	assert_int_equal(cvenv_open(&options, &session, &error), -1);
	assert_int_equal(error.code, CVENV_EUSAGE);
	options.redirect = "project/.venv";
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "env", &result, &error), -1);
	assert_int_equal(error.code, ENOENT);
	assert_int_not_equal(access(inside("env"), F_OK), 0);
	assert_int_equal(cvenv_create(session, "project/env", &result, &error), 0);
	assert_string_equal(result.redirect, inside("project/.venv"));
	cvenv_close(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_redirect_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_redirect_option, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
