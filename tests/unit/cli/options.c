/* SPDX-License-Identifier: MIT */
#include "cli/options.h"
#include "../support/cmocka_all.h"
#include "base/str.h"

#include <string.h>

enum { ARGS_MAX = 16 };

static char *args[ARGS_MAX];
static struct cv_options got;
static struct cvenv_error err;

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
	return cv_options_parse(argc, args, &got, &err);
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
	assert_string_equal(err.hint, strstr(message, "invalid choice")
					      ? "choose from copy, hardlink, reflink"
					      : "see 'cvenv --help'");
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
	bad("--link-mode=hard", "argument --link-mode: invalid choice: 'hard'");
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
	bad("-p", "argument -p/--python: expected one argument");
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
	struct cv_str text = cv_str(cv_help_text), line;

	(void)state;
	while (cv_str_cut(&text, '\n', &line))
		assert_true(line.n <= 80);
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
	assert_string_equal(got.library.python, "b");
	bad("--cache-clean=1e3", "argument --cache-clean: invalid number of days: '1e3'");
	bad("--warm|a", "argument ENV_DIR 'a': not allowed with argument --warm");
	bad("--warm|--cache-info", "argument --cache-info: not allowed with argument --warm");
	bad("--dry-run|--cache-clean",
		"argument --dry-run: not allowed with argument --cache-clean");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
