/* SPDX-License-Identifier: MIT */
#include "cli/config.h"
#include "../support/cmocka_all.h"
#include "../support/tree.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/option_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARS_MAX = 8 };

static struct cv_arena arena;
static struct cv_options got;
static struct cvenv_error err;
static const char *vars[VARS_MAX];
static struct cv_ctx ctx;
static char warning[1024];

static void keep_warning(void *data, enum cvenv_level level, const char *msg)
{
	(void)data;
	if (level == CVENV_LOG_WARNING)
		(void)snprintf(warning, sizeof(warning), "%s", msg);
}

static int setup(void **state)
{
	if (test_dir_setup(state) != 0)
		return -1;
	test_mkdir(test_dir, "home");
	test_mkdir(test_dir, "user");
	test_mkdir(test_dir, "user/cvenv");
	test_mkdir(test_dir, "p");
	test_mkdir(test_dir, "p/in");
	memset(vars, 0, sizeof(vars));
	vars[0] = cv_strfmt(
		&arena, "%s=%s/user", CV_WINDOWS ? "APPDATA" : "XDG_CONFIG_HOME", test_dir);
	vars[1] = cv_strfmt(&arena, "%s=%s/home", CV_WINDOWS ? "USERPROFILE" : "HOME", test_dir);
	ctx = (struct cv_ctx){
		.envp = vars, .cwd = cv_path_join(&arena, test_dir, "p/in"), .log = keep_warning
	};
	return 0;
}

static int teardown(void **state)
{
	cv_arena_done(&arena);
	return test_dir_teardown(state);
}

static void user(const char *text)
{
	test_write(test_dir, "user/cvenv/config.toml", text);
}

static void project(const char *text)
{
	test_write(test_dir, "p/pyproject.toml", text);
}

/* With one ARG on the command line; NULL: none. */
static int read_with(const char *arg)
{
	static char first[] = "cvenv";
	char *argv[] = { first, arg ? cv_strdup(&arena, cv_str(arg)) : NULL, NULL };

	warning[0] = '\0';
	err = (struct cvenv_error){ 0 };
	assert_int_equal(cv_options_parse(arg ? 2 : 1, argv, vars, &got, &err), 0);
	return cv_config_read(&ctx, &arena, &got, &err);
}

static void good(const char *arg)
{
	if (read_with(arg) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(warning, "");
}

static const char *path_of(const char *name)
{
	return cv_path_join(&arena, test_dir, name);
}

static void bad(const char *file, const char *message, const char *hint)
{
	assert_int_equal(read_with(NULL), -CVENV_EUSAGE);
	assert_int_equal(err.code, CVENV_EUSAGE);
	assert_string_equal(err.message, cv_strfmt(&arena, "'%s', %s", path_of(file), message));
	assert_string_equal(err.hint, hint ? hint : "--no-config ignores configuration files");
}

static void bad_user(const char *text, const char *message, const char *hint)
{
	user(text);
	bad("user/cvenv/config.toml", message, hint);
}

static void bad_project(const char *text, const char *message, const char *hint)
{
	project(text);
	bad("p/pyproject.toml", message, hint);
}

static const struct cv_option_origin *origin(const char *name)
{
	return &got.origins[cv_option_of(cv_str(name)) - cv_option_table];
}

/* "KEY = VALUE" that means --KEY=ARG. */
static const char *line_of(const struct cv_option *o, const char **ret_arg)
{
	const char *value = !o->metavar ? NULL : o->choices ? o->choices[1].name : "x";

	*ret_arg = cv_strfmt(&arena, "--%s%s%s", o->name, value ? "=" : "", value ? value : "");
	return value ? cv_strfmt(&arena, "%s = '%s'\n", o->name, value)
		     : cv_strfmt(&arena, "%s = true\n", o->name);
}

/* What EXPECTED and `got` have at the same addresses, as texts. */
static void same_text(const struct cv_option *o, struct cv_options *expected)
{
	const char **at = (const char **)(void *)((char *)&got + o->field);
	const char **other = (const char **)(void *)((char *)expected + o->field);
	const char *wanted = *other;

	if (o->kind == CV_OPTION_DIR)
		wanted = cv_path_join(&arena, test_dir, "user/cvenv/x");
	assert_string_equal(*at, wanted);
	*at = *other;
}

/* For each option of the table that has a variable. */
static void test_keys_are_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];
		struct cv_options expected;
		const char *arg, *line = line_of(o, &arg);

		user(line);
		if (o->variable == CV_VARIABLE_NO || o->key == CV_KEY_NONE) {
			assert_int_equal(read_with(NULL), -CVENV_EUSAGE);
			continue;
		}
		if (o->kind == CV_OPTION_PYTHON) /* another member of the library's options */
			continue;
		user("");
		good(arg);
		expected = got;
		expected.command_only = false;
		user(line);
		good(NULL);
		assert_int_equal(origin(o->name)->from, CV_FROM_USER);
		assert_int_equal(origin(o->name)->line, 1);
		memcpy(got.origins, expected.origins, sizeof(got.origins));
		expected.env_dirs = got.env_dirs;
		expected.user_file = got.user_file;
		if (o->metavar && o->kind != CV_OPTION_CHOICE)
			same_text(o, &expected);
		assert_memory_equal(&got, &expected, sizeof(got));
	}
}

static void test_nearer_sources_override(void **state)
{
	(void)state;
	user("copies = true\nprompt = 'user'\nlink-mode = 'copy'\nverbose = 2\n"
	     "system-site-packages = true\nno-compile = true\nupgrade-deps = true\n");
	project("[tool.cvenv]\nprompt = 'project'\nsystem-site-packages = false\n");
	vars[2] = "CVENV_SYMLINKS=1";
	vars[3] = "CVENV_UPGRADE_DEPS=0";
	good("--no-compile=0");
	assert_true(got.library.symlinks && !got.library.copies);
	assert_false(got.library.system_site_packages || got.library.upgrade_deps);
	assert_string_equal(got.library.prompt, "project");
	assert_int_equal(got.library.link_mode, CVENV_LINK_COPY);
	assert_int_equal(got.library.compile, CVENV_COMPILE_IF_CACHED);
	assert_int_equal(got.verbosity, 2);
	assert_int_equal(origin("copies")->from, CV_FROM_VARIABLE);
	assert_int_equal(origin("prompt")->from, CV_FROM_PROJECT);
	assert_int_equal(origin("prompt")->line, 2);
	assert_int_equal(origin("link-mode")->line, 3);
	assert_int_equal(origin("no-compile")->from, CV_FROM_ARGV);
	assert_true(got.user_file.used && got.project_file.used);
	good("-q");
	assert_int_equal(got.verbosity, -1);
	vars[2] = "CVENV_NO_CONFIG=1";
	vars[3] = NULL;
	good(NULL);
	assert_null(got.library.prompt);
	assert_int_equal(got.verbosity, 0);
	assert_null(got.user_file.path);
	good("--no-config=0");
	assert_string_equal(got.library.prompt, "project");
}

/* The library reads them itself, if the options do not name anything. */
static void test_variables_of_the_library_override(void **state)
{
	(void)state;
	user("cache-dir = 'x'\npython = '3.12'\n");
	project("[tool.cvenv]\npython = '3.11'\n");
	vars[2] = "CVENV_CACHE_DIR=y";
	vars[3] = "CVENV_PYTHON=3.13";
	good(NULL);
	assert_null(got.library.cache_dir);
	assert_null(got.library.python);
	assert_int_equal(origin("cache-dir")->from, CV_FROM_VARIABLE);
	assert_null(got.library.default_python);
	vars[3] = "CVENV_PYTHON=";
	good(NULL);
	assert_null(got.library.default_python); /* the project decides */
	assert_string_equal(got.library.python, "3.11");
	good("--cache-dir=z");
	assert_string_equal(got.library.cache_dir, "z");
	project("");
	good(NULL);
	assert_null(got.library.python);
	assert_string_equal(got.library.default_python, "3.12");
	assert_string_equal(got.library.python_source, path_of("user/cvenv/config.toml"));
}

static void test_values(void **state)
{
	(void)state;
	user("activators = ['xonsh', 'batch']\nwheel-dir = '~/w'\ncache-dir = '~'\n");
	good(NULL);
	assert_string_equal(got.library.activators, "xonsh,batch");
	assert_string_equal(got.library.wheel_dir, path_of("home/w"));
	assert_string_equal(got.library.cache_dir, path_of("home"));
	user("activators = []\nwheel-dir = '../w'\nquiet = 0\nverbose = true\nprompt = ''\n");
	good(NULL);
	assert_string_equal(got.library.activators, "");
	assert_string_equal(got.library.prompt, "");
	assert_string_equal(got.library.wheel_dir, path_of("user/w"));
	assert_int_equal(got.verbosity, 1);
	vars[1] = "HOME=";
	bad_user("\nwheel-dir = '~/w'\n", "line 2: 'wheel-dir': the home directory is unknown",
		NULL);
}

/* The first that exists, as of several -p. */
static void test_several_pythons(void **state)
{
	struct cv_buf text = { 0 };

	(void)state;
	user("python = [\n'3.13',\n'./py', '>=3.9']\n");
	good(NULL);
	assert_null(got.library.python);
	assert_string_equal(got.library.default_python, "3.13");
	assert_string_equal(got.library.pythons[0], path_of("user/cvenv/py"));
	assert_string_equal(got.library.pythons[1], ">=3.9");
	assert_null(got.library.pythons[2]);
	assert_string_equal(got.library.python_source, path_of("user/cvenv/config.toml"));
	assert_int_equal(origin("python")->line, 1);
	good("-p3.8");
	assert_string_equal(got.library.python, "3.8");
	assert_null(got.library.default_python);
	assert_null(got.library.pythons);
	project("[tool.cvenv]\npython = '3.11'\n");
	good(NULL);
	assert_string_equal(got.library.python, "3.11");
	assert_null(got.library.pythons);
	bad_project("[tool.cvenv]\npython = ['3.11']\n",
		"line 2: 'tool.cvenv.python': must be a string, not an array", NULL);
	project("");
	bad_user("python = []\n", "line 1: 'python': an empty array", NULL);
	bad_user("python = ['3.12',\n3.1]\n", "line 2: 'python': must be a string, not a float",
		"put the value in quotes");
	for (int i = 0; i <= CV_PYTHONS_MAX; i++)
		cv_buf_addf(&text, "%s'3.%d'", i ? ", " : "python = [", i);
	cv_buf_cstr(&text, "]\n");
	bad_user(text.p, "line 1: 'python': too many: '3.64'", NULL);
	cv_buf_done(&text);
}

static void test_wrong_keys_and_values(void **state)
{
	(void)state;
	bad_user("prmopt = 1\n", "line 1: 'prmopt': unknown key", "did you mean 'prompt'?");
	bad_user(
		"link_mode = 1\n", "line 1: 'link_mode': unknown key", "did you mean 'link-mode'?");
	bad_user("x = 1\n", "line 1: 'x': unknown key", NULL);
	bad_user("\n\nclear = true\n", "line 3: 'clear': not allowed in a file", NULL);
	bad_user("no-config = true\n", "line 1: 'no-config': not allowed in a file", NULL);
	bad_user("copies = 1\n", "line 1: 'copies': must be a boolean, not an integer", NULL);
	bad_user("verbose = 10\n", "line 1: 'verbose': must be 0 to 9", NULL);
	bad_user("verbose = '1'\n", "line 1: 'verbose': must be an integer, not a string", NULL);
	bad_user("wheel-dir = ''\n", "line 1: 'wheel-dir': an empty name", NULL);
	bad_user("link-mode = 'hard'\n", "line 1: 'link-mode': invalid choice: 'hard'",
		"did you mean 'hardlink'?");
	bad_user("activators = [\n'bash',\n'tcl']\n", "line 1: 'activators': invalid choice: 'tcl'",
		"choose from nushell, xonsh, python, batch");
	bad_user("copies = true\nsymlinks = true\n",
		"line 2: 'symlinks': not allowed with 'copies'", NULL);
	bad_user("compile = true\n[no-compile]\n",
		"line 2: 'no-compile': must be a boolean, not a table", NULL);
	bad_user("prompt = \"a\\u0000\"\n", "line 1: 'prompt': contains a NUL character", NULL);
	bad_user("prompt = 'a\n", "line 1: a string has no closing '", NULL);
	user("copies = true\nsymlinks = false\n");
	good(NULL);
	assert_true(got.library.copies);
}

static void test_project_may_not_decide_everything(void **state)
{
	const char *may = "it may decide system-site-packages, without-pip, prompt, python";
	const char *version =
		"a project may choose a version only: use -p for a path, or --no-config";

	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];
		const char *arg, *line = line_of(o, &arg);

		if (o->key == CV_KEY_PROJECT)
			continue;
		project(cv_strfmt(&arena, "[tool.cvenv]\n%s", line));
		bad("p/pyproject.toml",
			cv_strfmt(&arena, "line 2: 'tool.cvenv.%s': a project may not decide this",
				o->name),
			may);
	}
	bad_project("[tool.cvenv]\npromt = 'x'\n", "line 2: 'tool.cvenv.promt': unknown key",
		"did you mean 'prompt'?");
	bad_project("tool.cvenv.x = 1\n", "line 1: 'tool.cvenv.x': unknown key", may);
	bad_project("[tool]\ncvenv = true\n",
		"line 2: 'tool.cvenv': must be a table, not a boolean", NULL);
	for (size_t i = 0; i < 7; i++) {
		static const char *const programs[] = { "/bin/sh", "./python", "..", "~/x",
			"python3", "evil", "a\\b" };

		bad_project(cv_strfmt(&arena, "[tool.cvenv]\npython = '%s'\n", programs[i]),
			cv_strfmt(&arena, "line 2: 'tool.cvenv.python': '%s' is not a version",
				programs[i]),
			version);
	}
	project("[tool.cvenv]\npython = 'project'\n");
	good(NULL);
	project("[tool.cvenv]\npython = '>=3.11,<3.14'\nprompt = 'x'\nwithout-pip = true\n"
		"system-site-packages = true\n");
	good(NULL);
	assert_string_equal(got.library.python, ">=3.11,<3.14");
	assert_string_equal(got.library.python_source, path_of("p/pyproject.toml"));
	assert_true(got.library.without_pip && got.library.system_site_packages);
}

static void test_nearest_project_is_used(void **state)
{
	(void)state;
	project("[tool.cvenv]\nprompt = 'far'\n");
	test_mkdir(test_dir, "p/in/pyproject.toml"); /* no file */
	good(NULL);
	assert_string_equal(got.library.prompt, "far");
	ctx.cwd = cv_path_join(&arena, ctx.cwd, "missing");
	good(NULL);
	assert_string_equal(got.library.prompt, "far");
	test_mkdir(test_dir, "p/in/missing");
	test_write(test_dir, "p/in/missing/pyproject.toml", "[tool.other]\n");
	good(NULL);
	assert_null(got.library.prompt);
	assert_string_equal(got.project_file.path, path_of("p/in/missing/pyproject.toml"));
	assert_false(got.project_file.used);
	ctx.cwd = NULL;
	good(NULL);
	assert_null(got.project_file.path);
}

static void test_broken_project_is_a_warning(void **state)
{
	(void)state;
	project("[tool.cvenv]\nprompt = \n");
	assert_int_equal(read_with(NULL), 0);
	assert_string_equal(warning,
		cv_strfmt(&arena, "ignoring pyproject.toml: '%s', line 2: a value is missing",
			path_of("p/pyproject.toml")));
	assert_null(got.library.prompt);
	project("tool = 1\n");
	good(NULL);
	project("[[tool]]\ncvenv.x = 1\n");
	good(NULL);
}

static void test_user_file_is_where_the_system_keeps_such(void **state)
{
	const char *home = CV_MACOS ? "home/Library/Application Support/cvenv/config.toml"
				    : "home/.config/cvenv/config.toml";

	(void)state;
	assert_string_equal(cv_config_user_file(&ctx, &arena), path_of("user/cvenv/config.toml"));
	vars[0] = CV_WINDOWS ? "APPDATA=rel" : "XDG_CONFIG_HOME=rel";
	if (CV_WINDOWS)
		assert_null(cv_config_user_file(&ctx, &arena));
	else
		assert_string_equal(cv_config_user_file(&ctx, &arena), path_of(home));
	vars[1] = CV_WINDOWS ? "USERPROFILE=" : "HOME=";
	assert_null(cv_config_user_file(&ctx, &arena));
	good(NULL);
	assert_null(got.user_file.path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys_are_options),
		TEST(test_nearer_sources_override),
		TEST(test_variables_of_the_library_override),
		TEST(test_values),
		TEST(test_several_pythons),
		TEST(test_wrong_keys_and_values),
		TEST(test_project_may_not_decide_everything),
		TEST(test_nearest_project_is_used),
		TEST(test_broken_project_is_a_warning),
		TEST(test_user_file_is_where_the_system_keeps_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
