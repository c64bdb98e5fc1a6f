/* SPDX-License-Identifier: MIT */
#include "cvenv.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/tree.h"
#include "cvenv_version.h"
#include "session.h"

/* The public calls, with whatever Python there is. */

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

static void test_result_without_a_size(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { 0 };
	struct cvenv_cache_info info = { 0 };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", &result, &error), -1);
	assert_int_equal(error.code, EINVAL);
	assert_int_equal(cvenv_plan(session, "one", &result, &error), -1);
	assert_int_equal(error.code, EINVAL);
	assert_int_equal(cvenv_warm(session, &result, &error), -1);
	assert_int_equal(error.code, EINVAL);
	assert_int_equal(cvenv_cache_info(session, &info, &error), -1);
	assert_int_equal(error.code, EINVAL);
	cvenv_close(session);
}

static void test_no_error_wanted(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv *session;

	(void)state;
	test_write(dir, "file", "x");
	assert_int_equal(cvenv_open(&options, &session, NULL), 0);
	assert_int_equal(cvenv_create(session, "file", NULL, NULL), -1);
	assert_int_equal(cvenv_check(session, "file", NULL), -1);
	assert_int_equal(cvenv_create(session, "one", NULL, NULL), 0);
	cvenv_close(session);
	options.python = "";
	assert_int_equal(cvenv_open(&options, &session, NULL), -1);
	options.python = "9.9";
	assert_int_equal(cvenv_open(&options, &session, NULL), 0);
	assert_int_equal(cvenv_create(session, "two", NULL, NULL), -1);
	cvenv_close(session);
}

/* A structure of a newer header: what we do not know is zero, or it is refused. */
static void test_caller_that_knows_more(void **state)
{
	struct {
		struct cvenv_options known;
		char after[16];
	} options = { .known = sane_options() };
	struct {
		struct cvenv_result known;
		char after[16];
	} result = { .known = { .size = sizeof(result) } };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	options.known.size = sizeof(options);
	memset(result.after, 0x55, sizeof(result.after));
	assert_int_equal(cvenv_open(&options.known, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", &result.known, &error), 0);
	assert_int_equal(result.known.size, sizeof(result));
	for (size_t i = 0; i < sizeof(result.after); i++)
		assert_int_equal(result.after[i], 0);
	cvenv_close(session);
	options.after[15] = 1;
	assert_int_equal(cvenv_open(&options.known, &session, &error), -1);
	assert_int_equal(error.code, E2BIG);
	assert_null(session);
}

/* And of an older one: later members are not read. */
static void test_options_of_an_older_caller(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	options.size = offsetof(struct cvenv_options, jobs);
	memset((char *)&options + options.size, 0x55, sizeof(options) - options.size);
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", NULL, &error), 0);
	cvenv_close(session);
	options.size = 0;
	assert_int_equal(cvenv_open(&options, &session, &error), -1);
	assert_int_equal(error.code, EINVAL);
	options.size = SIZE_MAX;
	assert_int_equal(cvenv_open(&options, &session, NULL), -1);
}

static void test_errors(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;
	int stop = 0;

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
	assert_int_equal(cvenv_create(session, "one", &result, NULL), -1);
	assert_null(cvenv_activation_line(session, NULL));
	cvenv_close(session);
	options.python = NULL;
	options.activators = "nushell,tcl";
	assert_int_equal(cvenv_open(&options, &session, &error), -1);
	assert_int_equal(error.code, CVENV_EUSAGE);
	options.activators = NULL;
	options.cwd = "relative";
	assert_int_equal(cvenv_open(&options, &session, &error), -1);
	options.cwd = dir;
	options.stop = &stop;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "one", NULL, &error), 0);
	stop = 15;
	assert_int_equal(cvenv_create(session, "two", NULL, &error), -1);
	assert_int_equal(error.code, EINTR);
	assert_int_equal(access(inside("two"), F_OK), -1);
	cvenv_close(session);
}

static void test_plan(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_entry entry = { .size = sizeof(entry) };
	struct cvenv_error error;
	struct cvenv *session;
	size_t count = 0, links = 0;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_false(cvenv_plan_entry(session, 0, &entry));
	assert_int_equal(cvenv_plan(session, "env", &result, &error), 0);
	assert_string_equal(result.path, inside("env"));
	for (; cvenv_plan_entry(session, count, &entry); count++) {
		assert_non_null(entry.path);
		assert_int_equal(entry.kind == CVENV_ENTRY_LINK || entry.kind == CVENV_ENTRY_TREE,
			entry.source != NULL);
		assert_int_equal(entry.kind == CVENV_ENTRY_FILE, entry.data != NULL);
		links += entry.kind == CVENV_ENTRY_LINK;
	}
	assert_true(count > 10);
	assert_true(links >= 3);
	assert_false(cvenv_plan_entry(session, SIZE_MAX, &entry));
	assert_int_equal(access(inside("env"), F_OK), -1);
	assert_int_equal(access(inside("cache"), F_OK), -1);
	/* A session that has only looked can go on and write. */
	assert_int_equal(cvenv_create(session, "env", &result, &error), 0);
	assert_int_equal(access(result.python, X_OK), 0);
	cvenv_close(session);
}

static void test_activation_line(void **state)
{
	static const struct {
		const char *shells[3];
		const char *line;
	} lines[] = {
		{ { "make", "bash" }, "source " },
		{ { "-zsh" }, "source " },
		{ { "/bin/dash" }, ". " },
		{ { "python3", "/usr/bin/fish" }, "source " },
	};
	struct cvenv_options options = sane_options();
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "env", NULL, &error), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *line = cvenv_activation_line(session, lines[i].shells);

		assert_non_null(line);
		assert_memory_equal(line, lines[i].line, strlen(lines[i].line));
	}
	assert_string_equal(cvenv_activation_line(session, NULL), "source env/bin/activate");
	assert_string_equal(cvenv_activation_line(session, (const char *[]){ "tcsh", NULL }),
		"source env/bin/activate.csh");
	cvenv_close(session);
	options.relocatable = true;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "moving", NULL, &error), 0);
	assert_null(cvenv_activation_line(session, (const char *[]){ "dash", NULL }));
	assert_null(cvenv_activation_line(session, (const char *[]){ "tcsh", NULL }));
	assert_string_equal(cvenv_activation_line(session, (const char *[]){ "zsh", NULL }),
		"source moving/bin/activate");
	cvenv_close(session);
	options.relocatable = false;
	options.upgrade = true;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_create(session, "new", NULL, &error), 0);
	assert_null(cvenv_activation_line(session, NULL)); /* an upgrade writes no scripts */
	assert_int_equal(cvenv_create(session, "env", NULL, &error), 0);
	assert_string_equal(cvenv_activation_line(session, NULL), "source env/bin/activate");
	cvenv_close(session);
}

/* What existed before, and a warning if its Python was another one. */
static void test_before(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(mkdir(inside("empty"), 0777), 0);
	assert_int_equal(cvenv_create(session, "empty", &result, &error), 0);
	assert_int_equal(result.before, CVENV_BEFORE_DIRECTORY);
	assert_int_equal(cvenv_create(session, "empty", &result, &error), 0);
	assert_int_equal(result.before, CVENV_BEFORE_ENVIRONMENT);
	assert_int_equal(cvenv_create(session, "fresh", &result, &error), 0);
	assert_int_equal(result.before, CVENV_BEFORE_NOTHING);
	cvenv_close(session);
}

static void test_cache(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_cache_info info = { .size = sizeof(info) };
	struct cvenv_cache_entry entry = { .size = sizeof(entry) };
	struct cvenv_cache_freed freed = { .size = sizeof(freed) };
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv *session;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_cache_info(session, &info, &error), 0);
	assert_false(info.exists);
	assert_false(cvenv_cache_entry(session, 0, &entry));
	assert_int_equal(cvenv_warm(session, &result, &error), 0);
	assert_null(result.path);
	assert_non_null(result.base);
	assert_int_equal(result.package_count, 0); /* without_pip */
	assert_int_equal(cvenv_cache_info(session, &info, &error), 0);
	assert_true(info.exists);
	assert_int_equal(info.entry_count, 1);
	assert_true(cvenv_cache_entry(session, 0, &entry));
	assert_int_equal(entry.kind, CVENV_CACHE_INTERPRETER);
	assert_string_equal(entry.version, result.version);
	assert_true(entry.bytes > 0);
	assert_false(cvenv_cache_entry(session, 1, &entry));
	assert_int_equal(cvenv_cache_clean(session, 3600, &freed, &error), 0);
	assert_int_equal(freed.entries, 0);
	assert_int_equal(cvenv_cache_clean(session, 0, &freed, &error), 0);
	assert_int_equal(freed.entries, 1);
	assert_int_equal(cvenv_create(session, "env", NULL, &error), 0);
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
	options.without_cachedir_tag = true;
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

static bool says(const char *name, const char *text)
{
	char content[65536] = "";
	FILE *f = fopen(inside(name), "r");
	size_t n = f ? fread(content, 1, sizeof(content) - 1, f) : 0;

	if (f)
		fclose(f);
	content[n] = '\0';
	return strstr(content, text) != NULL;
}

/* Options and names may change between the steps, as attributes of EnvBuilder and context do. */
static void test_steps_of_another_mind(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_context context = { .size = sizeof(context) };
	struct cvenv_error error;
	struct cvenv_env *env;
	struct cvenv *session;
	char exe[256];

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_begin(session, "env", &env, &error), 0);
	assert_int_equal(cvenv_ensure_directories(env, &error), 0);
	assert_int_equal(cvenv_create_configuration(env, &error), 0);
	assert_true(says("env/pyvenv.cfg", "include-system-site-packages = false\n"));
	options.system_site_packages = true;
	options.prompt = "it's";
	assert_int_equal(cvenv_set_options(env, &options, &error), 0);
	assert_int_equal(cvenv_create_configuration(env, &error), 0);
	assert_true(says("env/pyvenv.cfg", "include-system-site-packages = true\n"));
	assert_true(says("env/pyvenv.cfg", "prompt = \"it's\"\n"));
	cvenv_get_context(env, &context);
	assert_string_equal(context.prompt, "it's");
	snprintf(exe, sizeof(exe), "%s/snake", context.bin_path);
	context = (struct cvenv_context){
		.size = sizeof(context), .prompt = "another", .env_exe = exe
	};
	assert_int_equal(cvenv_set_context(env, &context, &error), 0);
	assert_int_equal(cvenv_setup_python(env, &error), 0);
	assert_int_equal(access(exe, X_OK), 0);
	assert_int_equal(cvenv_setup_scripts(env, &error), 0);
	assert_true(says("env/bin/activate", "another"));
	test_write(inside("env"), ".gitignore", "mine");
	assert_int_equal(cvenv_create_git_ignore_file(env, &error), 0);
	assert_true(says("env/.gitignore", "mine"));
	cvenv_end(env);
	cvenv_close(session);
}

static void refuse(struct cvenv_env *env, struct cvenv_context context)
{
	struct cvenv_error error = { 0 };

	context.size = sizeof(context);
	assert_int_equal(cvenv_set_context(env, &context, &error), -1);
	assert_true(error.code > 0);
}

static void test_steps_that_cannot_be(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_context before = { .size = sizeof(before) }, after = before;
	struct cvenv_error error;
	struct cvenv_env *env;
	struct cvenv *session;

	(void)state;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	assert_int_equal(cvenv_begin(session, "a:b", &env, &error), -1);
	assert_int_equal(error.code, EINVAL);
	assert_null(env);
	assert_int_equal(cvenv_begin(session, "env", &env, &error), 0);
	/* No step but the first makes the directory. */
	assert_int_equal(cvenv_setup_python(env, &error), -1);
	assert_int_equal(error.code, ENOENT);
	assert_int_equal(cvenv_create_configuration(env, &error), -1);
	assert_int_equal(cvenv_setup_scripts(env, &error), -1);
	assert_int_equal(access(inside("env"), F_OK), -1);
	cvenv_get_context(env, &before);
	refuse(env, (struct cvenv_context){ .env_dir = "/elsewhere" });
	refuse(env, (struct cvenv_context){ .bin_path = "/bin" });
	refuse(env, (struct cvenv_context){ .bin_path = inside("env/../bin") });
	refuse(env, (struct cvenv_context){ .bin_path = before.env_dir });
	refuse(env, (struct cvenv_context){ .bin_path = "bin" });
	refuse(env, (struct cvenv_context){ .lib_path = inside("environment") });
	refuse(env, (struct cvenv_context){ .inc_path = "" });
	refuse(env, (struct cvenv_context){ .env_exe = inside("env/python") });
	refuse(env, (struct cvenv_context){ .env_exe = "/bin/sh" });
	refuse(env, (struct cvenv_context){ .env_exe = inside("env/bin/deep/python") });
	refuse(env, (struct cvenv_context){ .executable = "python" });
	refuse(env, (struct cvenv_context){ .python_dir = "" });
	refuse(env, (struct cvenv_context){ .python_exe = "a/b" });
	refuse(env, (struct cvenv_context){ .prompt = "\xff" });
	cvenv_get_context(env, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	/* A file where a directory must be; the results of earlier steps remain. */
	assert_int_equal(cvenv_ensure_directories(env, &error), 0);
	assert_int_equal(rmdir(inside("env/bin")), 0);
	test_write(inside("env"), "bin", "x");
	assert_int_equal(cvenv_setup_python(env, &error), -1);
	assert_true(says("env/bin", "x"));
	assert_int_equal(cvenv_create_configuration(env, &error), 0);
	cvenv_end(env);
	cvenv_close(session);
}

/* In steps, and at once. */
static void test_setup_pip(void **state)
{
	struct cvenv_options options = sane_options();
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv_error error;
	struct cvenv_env *env;
	struct cvenv *session;
	char *once, *stepwise;

	(void)state;
	options.without_pip = false;
	options.without_scm_ignore_files = true;
	options.without_cachedir_tag = true;
	assert_int_equal(cvenv_open(&options, &session, &error), 0);
	if (cvenv_create(session, "env", &result, &error) < 0) {
		assert_int_equal(error.code, CVENV_ENOPYTHON);
		print_message("not tested: %s\n", error.message);
		cvenv_close(session);
		skip();
	}
	assert_true(result.package_count > 0);
	assert_string_equal(result.packages[0].name, "pip");
	once = test_tree(inside("env"));
	assert_int_equal(rename(inside("env"), inside("old")), 0);
	assert_int_equal(cvenv_begin(session, "env", &env, &error), 0);
	assert_int_equal(cvenv_ensure_directories(env, &error), 0);
	assert_int_equal(cvenv_create_configuration(env, &error), 0);
	assert_int_equal(cvenv_setup_python(env, &error), 0);
	assert_int_equal(cvenv_setup_pip(env, &error), 0);
	assert_int_equal(cvenv_setup_pip(env, &error), 0);
	assert_int_equal(cvenv_setup_scripts(env, &error), 0);
	assert_int_equal(cvenv_describe(env, &result, &error), 0);
	assert_true(result.package_count > 0);
	assert_string_equal(result.packages[0].name, "pip");
	stepwise = test_tree(inside("env"));
	assert_string_equal(stepwise, once);
	free(once);
	free(stepwise);
	cvenv_end(env);
	cvenv_close(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create, setup, teardown),
		cmocka_unit_test_setup_teardown(test_caller_that_knows_less, setup, teardown),
		cmocka_unit_test_setup_teardown(test_caller_that_knows_more, setup, teardown),
		cmocka_unit_test_setup_teardown(test_result_without_a_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_error_wanted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_options_of_an_older_caller, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_activation_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_before, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps_of_another_mind, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps_that_cannot_be, setup, teardown),
		cmocka_unit_test_setup_teardown(test_setup_pip, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
