/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "../support/cmocka_all.h"
#include "base/str.h"
#include "cli/option_table.h"

#include <stdio.h>
#include <string.h>

enum { ARGS_MAX = 16 };

static char *args[ARGS_MAX];
static struct cv_options got;
static struct cvenv_error err;
static const char *const *env; /* NULL: no variables */

/* TEXT's words, split at '|': an argument may have spaces or be empty. */
static int parse(const char *text)
{
	static char copy[512];
	int argc = 1;
	char *p = copy;

	strncpy(copy, text, sizeof(copy) - 1);
	args[0] = copy + sizeof(copy) - 1;
	while (text[0] && p && argc < ARGS_MAX) {
		char *bar = strchr(p, '|');

		args[argc++] = p;
		if (bar)
			*bar++ = '\0';
		p = bar;
	}
	return cv_options_parse(argc, args, env, &got, &err);
}

static void good(const char *text, const char *dirs)
{
	char joined[512] = "";

	if (parse(text) < 0)
		fail_msg("'%s': %s", text, err.message);
	for (size_t i = 0; i < got.env_dir_count; i++) {
		strncat(joined, i ? "|" : "", sizeof(joined) - strlen(joined) - 1);
		strncat(joined, got.env_dirs[i], sizeof(joined) - strlen(joined) - 1);
	}
	assert_string_equal(joined, dirs);
}

static void bad(const char *text, const char *message)
{
	assert_int_equal(parse(text), -CVENV_EUSAGE);
	assert_string_equal(err.message, message);
	assert_string_equal(err.hint, "see 'cvenv --help'");
}

/* With another hint than that. */
static void bad_hint(const char *text, const char *message, const char *hint)
{
	assert_int_equal(parse(text), -CVENV_EUSAGE);
	assert_string_equal(err.message, message);
	assert_string_equal(err.hint, hint);
}

static void test_env_dirs(void **state)
{
	(void)state;
	good("", "");
	good("a|b", "a|b");
	good("a|--copies|b", "a|b");
	good("--|--copies|a", "--copies|a");
	good("a|--|b|--|c", "a|b|--|c");
	good("-1|-2.5|-.5", "-1|-2.5|-.5");
	good("-x y|--foo bar", "-x y|--foo bar");
	good("-", "-");
	bad("a|--bogus", "unrecognized argument: '--bogus'");
	bad("-x", "unrecognized argument: '-x'");
	bad("-1x", "unrecognized argument: '-1x'");
	bad("-1.", "unrecognized argument: '-1.'");
}

static void test_venv_abbreviations_come_first(void **state)
{
	(void)state;
	good("--sys|--cl|--without-pi|--upgrade-|--without-s|a", "a");
	assert_true(got.library.system_site_packages && got.library.clear &&
		    got.library.without_pip && got.library.upgrade_deps &&
		    got.library.without_scm_ignore_files);
	assert_false(got.library.upgrade);
	good("--upgrade|a", "a");
	assert_true(got.library.upgrade);
	assert_false(got.library.upgrade_deps);
	good("--p|x|a", "a"); /* not --python */
	assert_string_equal(got.library.prompt, "x");
	good("--pyth|3.12|a", "a");
	assert_string_equal(got.library.python, "3.12");
	good("--cop|a", "a"); /* not --compile */
	assert_true(got.library.copies);
	good("--comp|a", "a");
	assert_int_equal(got.library.compile, CVENV_COMPILE_ALWAYS);
	good("--a|nushell|a", "a"); /* not --auto */
	assert_string_equal(got.library.activators, "nushell");
	bad_hint("--complet|bash", "unrecognized argument: '--complet'", /* it has none */
		"did you mean '--completions'?");
	bad("--cache|x", "ambiguous option: --cache could match --cache-dir, --cache-info, "
			 "--cache-clean");
	bad("--c|a", "ambiguous option: --c could match --copies, --clear");
	bad("--up|a", "ambiguous option: --up could match --upgrade, --upgrade-deps");
	bad("--without|a", "ambiguous option: --without could match --without-pip, "
			   "--without-scm-ignore-files");
	bad("--ver", "ambiguous option: --ver could match --verbose, --version");
}

static void test_values(void **state)
{
	(void)state;
	good("--prompt=-x|a", "a");
	assert_string_equal(got.library.prompt, "-x");
	good("--prompt=|a", "a");
	assert_string_equal(got.library.prompt, "");
	good("--prompt|-x y|a", "a");
	assert_string_equal(got.library.prompt, "-x y");
	good("--prompt|-1|a", "a");
	assert_string_equal(got.library.prompt, "-1");
	good("--prompt|a|--prompt|b", "");
	assert_string_equal(got.library.prompt, "b");
	good("--prompt=a=b", "");
	assert_string_equal(got.library.prompt, "a=b");
	bad("--prompt", "argument --prompt: expected one argument");
	bad("--prompt|-x|a", "argument --prompt: expected one argument");
	bad("--prompt|--|a", "argument --prompt: expected one argument");
	bad("--prompt|--copies", "argument --prompt: expected one argument");
	bad("--clear=1|a", "argument --clear: ignored explicit argument '1'");
	bad("-h=3", "argument -h/--help: ignored explicit argument '3'");
	good("--link-mode|hardlink", "");
	assert_int_equal(got.library.link_mode, CVENV_LINK_HARDLINK);
	good("--link-mode|hardlink|--link-mode|auto", "");
	assert_int_equal(got.library.link_mode, CVENV_LINK_AUTO);
	good("--activators| nushell,,bash |a", "a");
	assert_string_equal(got.library.activators, " nushell,,bash ");
	good("--activators=", "");
	assert_string_equal(got.library.activators, "");
}

static void test_short_ones(void **state)
{
	(void)state;
	good("-p|3.12|a", "a");
	assert_string_equal(got.library.python, "3.12");
	good("-p3.12|a", "a");
	assert_string_equal(got.library.python, "3.12");
	good("-p=x|a", "a");
	assert_string_equal(got.library.python, "x");
	good("-vvqp3.12|a", "a");
	assert_string_equal(got.library.python, "3.12");
	assert_int_equal(got.verbosity, 1);
	good("-ha", "");
	assert_true(got.help);
	bad("-qx", "argument -q/--quiet: ignored explicit argument 'x'");
	bad_hint("-p", "argument -p/--python: expected one argument",
		"a range must be in quotes: -p '>=3.11'");
}

static void test_exclusion(void **state)
{
	(void)state;
	good("--symlinks|--symlinks|a", "a");
	assert_false(got.library.copies);
	good("--copies|a", "a");
	assert_true(got.library.copies);
	bad("--symlinks|--copies|a", "argument --copies: not allowed with argument --symlinks");
	bad("--copies|--symlinks|a", "argument --symlinks: not allowed with argument --copies");
	bad("--compile|--no-compile", "argument --no-compile: not allowed with argument --compile");
}

static void test_help_wins_when_reached(void **state)
{
	(void)state;
	good("--bogus|-h", "");
	assert_true(got.help);
	good("--help|--clear=1", "");
	assert_true(got.help);
	bad("--clear=1|--help", "argument --clear: ignored explicit argument '1'");
	good("--version|--bogus", "");
	assert_true(got.version);
}

static void test_help_fits(void **state)
{
	struct cv_buf help = { 0 };
	struct cv_str text, line;

	(void)state;
	cv_help(&help);
	text = cv_buf_slice(&help);
	while (cv_str_cut(&text, '\n', &line))
		assert_true(line.n <= 80 && !cv_str_ends(line, CV_LIT(" ")));
	cv_buf_done(&help);
}

static void test_mistyped_options_get_a_suggestion(void **state)
{
	(void)state;
	bad_hint("--prmopt=x|a", "unrecognized argument: '--prmopt=x'", "did you mean '--prompt'?");
	bad_hint("--pythno|3", "unrecognized argument: '--pythno'", "did you mean '--python'?");
	bad_hint("--link_mode=copy", "unrecognized argument: '--link_mode=copy'",
		"did you mean '--link-mode'?");
	bad_hint("--withoutpip", "unrecognized argument: '--withoutpip'",
		"did you mean '--without-pip'?");
	bad_hint("-clear", "unrecognized argument: '-clear'", "did you mean '--clear'?");
	bad("--worse", "unrecognized argument: '--worse'"); /* not --force */
	bad_hint("--link-mode=hard", "argument --link-mode: invalid choice: 'hard'",
		"did you mean 'hardlink'?");
	bad_hint("--link-mode=", "argument --link-mode: invalid choice: ''",
		"choose from auto, reflink, hardlink, copy");
	bad_hint("--activators=python,xnosh", "argument --activators: invalid choice: 'xnosh'",
		"did you mean 'xonsh'?");
	bad_hint("--activators=tcl", "argument --activators: invalid choice: 'tcl'",
		"choose from nushell, xonsh, python, batch");
}

static void test_long_arguments_get_no_suggestion(void **state)
{
	char text[300];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "--prompt", strlen("--prompt"));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse(text), -CVENV_EUSAGE);
	assert_string_equal(err.hint, "see 'cvenv --help'");
}

static const char *value_for(const struct cv_option *o)
{
	return !o->metavar ? NULL : o->choices ? o->choices[1].name : "x";
}

/* For each option of the table: CVENV_SOME_OPTION=VALUE is --some-option=VALUE. */
static void test_variables_are_options(void **state)
{
	char name[CV_VARIABLE_NAME_MAX], argument[64], variable[64];
	const char *vars[] = { variable, NULL };

	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];
		const char *value = value_for(o);
		struct cv_options expected;

		cv_option_variable_name(o, name);
		(void)snprintf(argument, sizeof(argument), "--%s%s%s", o->name, value ? "=" : "",
			value ? value : "");
		(void)snprintf(variable, sizeof(variable), "%s=%s", name, value ? value : "1");
		good(o->variable == CV_VARIABLE_YES ? argument : "", "");
		expected = got;
		expected.command_only = false;
		if (o->variable == CV_VARIABLE_LIBRARY) /* other sources must not set it */
			expected.origins[i] = (struct cv_option_origin){ .set = o };
		for (size_t j = 0; j < cv_option_count; j++)
			if (expected.origins[j].set)
				expected.origins[j].from = CV_FROM_VARIABLE;
		env = vars;
		good("", "");
		env = NULL;
		expected.env_dirs = got.env_dirs;
		if (value && o->variable == CV_VARIABLE_YES && o->kind != CV_OPTION_CHOICE) {
			const char **at = (const char **)(void *)((char *)&got + o->field);

			assert_string_equal(*at, value);
			*at = *(const char **)(void *)((char *)&expected + o->field);
		}
		assert_memory_equal(&got, &expected, sizeof(got));
	}
}

static const struct cv_option_origin *origin(const char *name)
{
	return &got.origins[cv_option_of(cv_str(name)) - cv_option_table];
}

static void comes(const char *name, enum cv_option_from from, const char *set)
{
	assert_int_equal(origin(name)->from, from);
	assert_ptr_equal(origin(name)->set, set ? cv_option_of(cv_str(set)) : NULL);
}

/* Each that a variable may have set, so that the command line can override that. */
static void test_options_are_switched_off(void **state)
{
	static const char *const vars[] = { "CVENV_COPIES=1", "CVENV_NO_COMPILE=1",
		"CVENV_VERBOSE=2", "CVENV_JSON=1", "CVENV_WITHOUT_PIP=1", NULL };
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];
		char text[64];

		(void)snprintf(text, sizeof(text), "--%s=off", o->name);
		if (o->metavar)
			continue;
		if (o->variable == CV_VARIABLE_NO)
			assert_int_equal(parse(text), -CVENV_EUSAGE);
		else
			good(text, ""), tried++;
	}
	assert_true(tried > 10);
	env = vars;
	good("--copies=no|--no-compile=0|--verbose=0|--json=FALSE", "");
	assert_false(got.library.copies || got.library.symlinks || got.json);
	assert_int_equal(got.library.compile, CVENV_COMPILE_IF_CACHED);
	assert_int_equal(got.verbosity, 0);
	assert_true(got.library.without_pip);
	comes("copies", CV_FROM_ARGV, "copies");
	comes("symlinks", CV_FROM_DEFAULT, NULL);
	comes("without-pip", CV_FROM_VARIABLE, "without-pip");
	env = NULL;
	good("--copies|--copies=0|--symlinks", "");
	assert_true(got.library.symlinks);
	good("-q=0|-vv", "");
	assert_int_equal(got.verbosity, 2);
	bad_hint("--copies=maybe", "argument --copies: invalid value: 'maybe'",
		"choose from 1, true, yes, on, 0, false, no, off");
	bad("--symlinks|--copies=1", "argument --copies: not allowed with argument --symlinks");
}

static void test_origin_is_the_option_that_decided(void **state)
{
	static const char *const vars[] = { "CVENV_SYMLINKS=1", "CVENV_COMPILE=1", "CVENV_QUIET=1",
		NULL };

	(void)state;
	env = vars;
	good("--copies", "");
	assert_true(got.library.copies && !got.library.symlinks);
	comes("copies", CV_FROM_ARGV, "copies");
	comes("symlinks", CV_FROM_ARGV, "copies");
	comes("compile", CV_FROM_VARIABLE, "compile");
	comes("no-compile", CV_FROM_VARIABLE, "compile");
	comes("verbose", CV_FROM_VARIABLE, "quiet");
	comes("prompt", CV_FROM_DEFAULT, NULL);
	env = NULL;
}

static void bad_variable(const char *variable, const char *message)
{
	const char *vars[] = { variable, "CVENV_NO_COMPILE=1", NULL };

	env = vars;
	assert_int_equal(parse("a"), -CVENV_EUSAGE);
	assert_string_equal(err.message, message);
	good("--version", "");
	bad("--bogus", "unrecognized argument: '--bogus'");
	env = NULL;
}

static void test_wrong_variables(void **state)
{
	(void)state;
	bad_variable("CVENV_COPIES=maybe", "CVENV_COPIES: invalid value: 'maybe'");
	bad_variable("CVENV_COPIES= 1", "CVENV_COPIES: invalid value: ' 1'");
	bad_variable("CVENV_COPIES=2", "CVENV_COPIES: invalid value: '2'");
	bad_variable("CVENV_VERBOSE=10", "CVENV_VERBOSE: invalid value: '10'");
	bad_variable("CVENV_LINK_MODE=hybrid", "CVENV_LINK_MODE: invalid choice: 'hybrid'");
	bad_variable("CVENV_ACTIVATORS=batch,tcl", "CVENV_ACTIVATORS: invalid choice: 'tcl'");
	bad_variable(
		"CVENV_COMPILE=1", "CVENV_NO_COMPILE: not allowed with variable 'CVENV_COMPILE'");
}

static void test_arguments_override_variables(void **state)
{
	static const char *const vars[] = { "CVENV_COPIES=Yes", "CVENV_PROMPT=v", "CVENV_QUIET=ON",
		"CVENV_COMPILE=1", "CVENV_NO_COMPILE=0", "CVENV_LINK_MODE=copy",
		"CVENV_WITHOUT_PIP=", "CVENV_CLEAR=1", "CVENV_RELOCATABLE=true", NULL };

	(void)state;
	env = vars;
	good("a", "a");
	assert_true(got.library.copies && got.library.relocatable);
	assert_false(got.library.without_pip || got.library.clear);
	assert_string_equal(got.library.prompt, "v");
	assert_int_equal(got.library.compile, CVENV_COMPILE_ALWAYS);
	assert_int_equal(got.verbosity, -1);
	good("--symlinks|--prompt=a|-vv|--no-compile|--link-mode=auto", "");
	assert_false(got.library.copies);
	assert_string_equal(got.library.prompt, "a");
	assert_int_equal(got.library.compile, CVENV_COMPILE_NEVER);
	assert_int_equal(got.library.link_mode, CVENV_LINK_AUTO);
	assert_int_equal(got.verbosity, 2);
	good("--cache-info", ""); /* CVENV_RELOCATABLE is no argument */
	env = NULL;
}

static void test_instead(void **state)
{
	(void)state;
	good("--warm|-p|3.12|-p3.13", "");
	assert_true(got.warm);
	assert_int_equal(got.python_count, 2);
	assert_string_equal(got.pythons[0], "3.12");
	assert_string_equal(got.pythons[1], "3.13");
	good("--cache-clean", "");
	assert_true(got.cache_clean);
	assert_int_equal(got.clean_days, 0);
	good("--cache-cl=030|-q", "");
	assert_int_equal(got.clean_days, 30);
	good("-p|a|-p|b|env", "env");
	assert_string_equal(got.library.python, "a");
	assert_string_equal(got.library.pythons[0], "b");
	assert_null(got.library.pythons[1]);
	bad("--cache-clean=1e3", "argument --cache-clean: invalid number of days: '1e3'");
	bad("--warm|a", "argument ENV_DIR 'a': not allowed with argument --warm");
	bad("--warm|--cache-info", "argument --cache-info: not allowed with argument --warm");
	bad("--dry-run|--cache-clean",
		"argument --dry-run: not allowed with argument --cache-clean");
	good("--install-shims|d|--dry-run", "");
	bad("--install-shims|d|--clear",
		"argument --clear: not allowed with argument --install-shims");
	bad_hint("--cache-clean|30",
		"argument ENV_DIR '30': not allowed with argument --cache-clean",
		"days are given as --cache-clean=DAYS");
	good("--show-config|a|b|--clear", "a|b");
}

/* Rules of the table that the parser relies on. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];
		bool is_action = o->exclusive == CV_EXCLUSIVE_INSTEAD;

		if (is_action != (o->action != 0) || is_action != (o->with == 0))
			fail_msg("--%s: action and with", o->name);
		if (o->min_dirs > o->max_dirs || (o->max_dirs > 0) != (o->dirs != NULL))
			fail_msg("--%s: positional arguments", o->name);
		/* New ones must not change what an abbreviation means, or be in a variable. */
		if (o->action & ~(CV_WITH_CREATE | CV_WITH_SHIMS | CV_WITH_OTHER) &&
			(!o->exact || !o->command_only || o->variable != CV_VARIABLE_NO))
			fail_msg("--%s: an action on environments", o->name);
		if (o->kind == CV_OPTION_DAYS && !o->number)
			fail_msg("--%s: number", o->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_env_dirs),
		cmocka_unit_test(test_venv_abbreviations_come_first),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_short_ones),
		cmocka_unit_test(test_exclusion),
		cmocka_unit_test(test_help_wins_when_reached),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_instead),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_mistyped_options_get_a_suggestion),
		cmocka_unit_test(test_long_arguments_get_no_suggestion),
		cmocka_unit_test(test_variables_are_options),
		cmocka_unit_test(test_wrong_variables),
		cmocka_unit_test(test_arguments_override_variables),
		cmocka_unit_test(test_options_are_switched_off),
		cmocka_unit_test(test_origin_is_the_option_that_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
