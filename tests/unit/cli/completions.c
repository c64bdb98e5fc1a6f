/* SPDX-License-Identifier: MIT */
#include "cli/completions/completions.h"
#include "../support/cmocka_all.h"
#include "cli/option_table.h"

#include <stdio.h>
#include <string.h>

static struct cvenv_error err;

/* The option with an argument that it accepts. */
static const char *word_of(const struct cv_option *o, char room[64])
{
	const char *value = o->choices ? o->choices[0].name : "1";

	(void)snprintf(
		room, 64, "--%s%s%s", o->name, o->metavar ? "=" : "", o->metavar ? value : "");
	return room;
}

/* Does the command accept these words beside each other? C may be NULL. */
static bool accepts_with(const char *a, const char *b, const char *c)
{
	char rooms[3][64];
	char *argv[] = { NULL, rooms[0], rooms[1], c ? rooms[2] : NULL, NULL };
	struct cv_options o;
	int rc;

	(void)snprintf(rooms[0], sizeof(rooms[0]), "%s", a);
	(void)snprintf(rooms[1], sizeof(rooms[1]), "%s", b);
	(void)snprintf(rooms[2], sizeof(rooms[2]), "%s", c ? c : "");
	rc = cv_options_parse(c ? 4 : 3, argv, NULL, &o, &err);
	/* The library refuses these. */
	if (rc == 0 && o.library.upgrade && o.library.clear)
		return false;
	return rc == 0 || (!strstr(err.message, "not allowed with argument") &&
				  !strstr(err.message, "only allowed with argument"));
}

/* The same, if necessary with the action beside which one of them is allowed. */
static bool accepts(const char *a, const char *b)
{
	char action[64];

	/* --clear is no action. */
	if (accepts_with(a, b, NULL) || strstr(err.message, "only allowed with argument --clear"))
		return true;
	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_option_table[i].exclusive == CV_EXCLUSIVE_INSTEAD &&
			strstr(err.message, "only allowed with argument") &&
			accepts_with(a, b, word_of(&cv_option_table[i], action)))
			return true;
	return false;
}

static void check(const char *a, const char *b, bool excluded)
{
	if (accepts(a, b) == excluded)
		fail_msg("%s beside %s: %s, but %s", b, a, excluded ? "not offered" : "offered",
			excluded ? "accepted" : err.message);
}

static void test_only_what_the_command_accepts_is_offered(void **state)
{
	char a[64], b[64];

	(void)state;
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *x = &cv_option_table[i];

		if (x->kind == CV_OPTION_STOP) { /* after it, nothing has an effect */
			assert_true(cv_completion_excludes(x, NULL));
			continue;
		}
		check(word_of(x, a), "env", cv_completion_excludes(x, NULL));
		check("env", a, cv_completion_excludes(NULL, x));
		for (size_t j = 0; j < cv_option_count; j++)
			if (i != j && cv_option_table[j].kind != CV_OPTION_STOP)
				check(a, word_of(&cv_option_table[j], b),
					cv_completion_excludes(x, &cv_option_table[j]));
	}
}

static bool repeats(const char *name)
{
	const struct cv_option *o = cv_option_of(cv_str(name));

	return !cv_completion_excludes(o, o);
}

static void test_what_is_repeated(void **state)
{
	(void)state;
	assert_true(repeats("python"));
	assert_true(repeats("verbose"));
	assert_true(repeats("quiet"));
	assert_false(repeats("copies"));
	assert_false(repeats("cache-dir"));
	assert_false(cv_completion_excludes(NULL, NULL));
}

static void check_help(const char *help, const char *first)
{
	const struct cv_option option = { .help = help };
	char text[64];

	(void)snprintf(text, sizeof(text), "%.*s", CV_ARG(cv_completion_help(&option)));
	assert_string_equal(text, first);
}

static void test_help_is_the_first_phrase(void **state)
{
	(void)state;
	check_help("print more; twice, even more", "print more");
	check_help("the cache (default: here; or there)", "the cache");
	check_help("upgrade pip (and others) later", "upgrade pip (and others) later");
	check_help("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_the_command_accepts_is_offered),
		cmocka_unit_test(test_what_is_repeated),
		cmocka_unit_test(test_help_is_the_first_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
