/* SPDX-License-Identifier: MIT */
#include "cvenv.h"
#include "../support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/tree.h"
#include "cvenv_version.h"

/* The public calls, with whatever Python there is. */
extern char **environ;

static char *dir;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static struct cvenv_options sane_options(void)
{
	static char cache[256];

	snprintf(cache, sizeof(cache), "%s/cache", dir);
	return (struct cvenv_options){ .size = sizeof(struct cvenv_options),
		.envp = (const char *const *)environ,
		.cwd = dir,
		.cache_dir = cache,
		.without_pip = true };
}

static void test_create(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;
	char expected[256];

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	if (cvenv_create(session, "one", &result, &error) < 0)
		fail_msg("%s", error.message);
	snprintf(expected, sizeof(expected), "%s/one", dir);
	assert_string_equal(result.path, expected);
	assert_int_equal(access(result.python, X_OK), 0);
	assert_int_equal(access(result.site_packages, R_OK), 0);
	assert_int_equal(result.package_count, 0);
	assert_string_equal(result.prompt, "one");
	assert_int_equal(cvenv_create(session, "two", &result, &error), 0);
	cvenv_close(session);
	cvenv_close(NULL);
	assert_string_equal(cvenv_version(), CVENV_VERSION);
}

static void test_caller_that_knows_less(void **state)
{
	struct cvenv_options options = sane_options();
	struct {
		struct cvenv_result known;
		char after[16];
	} result = { .known = { .size = offsetof(struct cvenv_result, home) } };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	memset(&result.known.home, 0x55, sizeof(result.known.home));
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", &result.known, &error), 0);
	assert_non_null(result.known.version);
	for (size_t i = 0; i < sizeof(result.known.home); i++)
		assert_int_equal(((unsigned char *)&result.known.home)[i], 0x55);
	cvenv_close(session);
}

static void test_errors(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	options.clear = options.upgrade = true;
	assert_int_equal(cvenv_open(&options, &session, &error), -1);
	assert_string_equal(error.message, "you cannot supply --upgrade and --clear together");
	options.clear = options.upgrade = false;
	options.python = "/no/such/python";
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", &result, &error), -1);
	assert_non_null(strstr(error.message, "/no/such/python"));
	assert_true(error.code > 0);
	cvenv_close(session);
}

typedef int step(struct cvenv_env *env, struct cvenv_error *error);

/* Everything in steps is everything at once, but for the time that it takes. */
static void test_steps(void **state)
{
	step *const steps[] = { cvenv_ensure_directories, cvenv_create_configuration,
		cvenv_setup_python, cvenv_setup_scripts };
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_context context = { .size = sizeof(context) };
	struct cvenv_error error;
	struct cvenv_env *env;
	struct cvenv *session;
	char *once, *stepwise, expected[256];

	(void)state;
	options.without_scm_ignore_files = true;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "env", NULL, &error), 0);
	snprintf(expected, sizeof(expected), "%s/env", dir);
	once = test_tree(expected);
	options.clear = true;
	assert_int_equal(cvenv_begin(session, "env", &env, &error), 0);
	assert_int_equal(cvenv_set_options(env, &options, &error), 0);
	assert_int_equal(cvenv_ensure_directories(env, &error), 0);
	options.clear = false;
	assert_int_equal(cvenv_set_options(env, &options, &error), 0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](env, &error) < 0)
			fail_msg("%zu: %s", i, error.message);
	stepwise = test_tree(expected);
	assert_string_equal(stepwise, once);
	cvenv_get_context(env, &context);
	assert_string_equal(context.env_dir, expected);
	assert_string_equal(context.env_name, "env");
	assert_string_equal(context.bin_name, "bin");
	assert_int_equal(cvenv_describe(env, &result, &error), 0);
	assert_string_equal(result.python, context.env_exe);
	cvenv_end(env);
	cvenv_end(NULL);
	cvenv_close(session);
	free(once);
	free(stepwise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create, setup, teardown),
		cmocka_unit_test_setup_teardown(test_caller_that_knows_less, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
