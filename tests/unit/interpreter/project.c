/* SPDX-License-Identifier: MIT */
#include "interpreter/project.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help.h"

/* The requests of a file, as "3.12@1 system@2", and "!LINE:NAME" for a name that is ignored. */
static const char *in_words(struct world *w, const struct cv_pins *pins)
{
	struct cv_buf b = { 0 };
	char *text;

	for (size_t i = 0; i < pins->count; i++)
		cv_buf_addf(&b, "%s%s@%d", i ? " " : "",
			pins->list[i].request ? pins->list[i].request : "system",
			pins->list[i].line);
	if (pins->ignored_line)
		cv_buf_addf(&b, "%s!%d:%s", b.n ? " " : "", pins->ignored_line, pins->ignored);
	text = cv_strdup(&w->arena, cv_buf_slice(&b));
	cv_buf_done(&b);
	assert_non_null(text);
	return text;
}

static const char *parsed(struct world *w, struct cv_str text)
{
	struct cv_pins pins;

	must(w, cv_pins_parse(&w->arena, "/p/.python-version", text, &pins, &w->err));
	assert_string_equal(pins.file, "/p/.python-version");
	return in_words(w, &pins);
}

static void test_format(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "# 3.12\n", "" },
		{ "3.12", "3.12@1" },
		{ "\n  3.12.1\t\r\n\r\n3.11\r\n", "3.12.1@2 3.11@4" },
		{ "3.12 # of the server\n", "3.12@1" },
		{ "3.12 3.11\n", "3.12@1" },
		{ ">=3.10, <3.13\n", ">=3.10, <3.13@1" },
		{ "pypy3.10\ncpython@3.12\n3.13t\n", "pypy3.10@1 cpython@3.12@2 3.13t@3" },
		{ "python3.12\npython-3.11.7\n", "python3.12@1 python-3.11.7@2" },
		{ "system\n", "system@1" },
		{ "3.12\nsystem # else\n", "3.12@1 system@2" },
		{ "3.12.1/envs/web\n", "3.12.1@1" },
		{ "myenv\nother\n3.12\n", "3.12@3 !1:myenv" },
		{ "project\npython\n", "!1:project" },
		{ "3.12\n\x1b[2J\n", "3.12@1 !2:" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(parsed(*state, cv_str(cases[i][0])), cases[i][1]);
	assert_string_equal(parsed(*state, CV_LIT("3.1\0002\n3.9")), "3.9@2 !1:");
}

static void refused(struct world *w, struct cv_str text, int code, const char *message)
{
	struct cv_pins pins;
	int rc = cv_pins_parse(&w->arena, "/p/.python-version", text, &pins, &w->err);

	assert_int_equal(rc, -code);
	assert_string_equal(w->err.message, message);
	assert_true(w->err.hint[0] || code == CVENV_ELIMIT);
	w->err.hint[0] = '\0';
}

static void test_paths_are_refused(void **state)
{
	static const char *const paths[] = { "/usr/bin/python3", "./python", "bin/python", "..",
		"~/python", "C:\\Python312\\python.exe", "3.12.1/envs/../../x", "3.12.1/envs/",
		"3.12.1/bin/python", "myenv/envs/x" };
	char message[256];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		(void)snprintf(message, sizeof(message),
			"'/p/.python-version', line 1: '%s' is a path, not a version", paths[i]);
		refused(*state, cv_str(paths[i]), CVENV_EREFUSED, message);
	}
	refused(*state, cv_str("3.12\n/a\x1b[2J\n"), CVENV_EREFUSED,
		"'/p/.python-version', line 2: 'it' is a path, not a version");
}

static void test_limits(void **state)
{
	struct cv_buf b = { 0 };

	refused(*state,
		cv_str("\xff\xfe"
		       "3"),
		EILSEQ, "cannot read '/p/.python-version': it is not UTF-8");
	for (int i = 0; i <= CV_PINS_MAX; i++)
		cv_buf_cstr(&b, "3.12\n");
	refused(*state, cv_buf_slice(&b), CVENV_ELIMIT,
		"'/p/.python-version', line 33: more than 32 versions");
	cv_buf_done(&b);
}

static void reads(struct world *w, const char *end, const char *file, const char *words)
{
	struct cv_pins pins;

	must(w, cv_pins_read(&w->ctx, &w->arena, end, &pins, &w->err));
	if (!file)
		assert_null(pins.file);
	else
		assert_string_equal(pins.file, file);
	assert_string_equal(in_words(w, &pins), words);
}

static void test_the_nearest_file_counts(void **state)
{
	struct world *w = *state;
	char *top = at(w, ".python-versions"), *here = at(w, "cwd/.python-version");

	reads(w, w->dir, NULL, "");
	put(top, "3.8\n", 0644);
	reads(w, NULL, top, "3.8@1");
	reads(w, w->dir, NULL, "");
	put(at(w, ".python-version"), "3.9\n", 0644); /* comes before the other name */
	reads(w, NULL, at(w, ".python-version"), "3.9@1");
	put(at(w, "cwd/.python-versions"), "3.10\n", 0644);
	reads(w, NULL, at(w, "cwd/.python-versions"), "3.10@1");
	put(here, "\xef\xbb\xbf# empty\n", 0644);
	reads(w, NULL, here, "");
	w->ctx.cwd = NULL;
	reads(w, NULL, NULL, "");
}

static void test_other_kinds_of_files_are_missing(void **state)
{
	struct world *w = *state;
	char *name = at(w, "cwd/.python-version"), *top = at(w, ".python-version");

	put(top, "3.9\n", 0644);
	make_dirs(name);
	reads(w, NULL, top, "3.9@1");
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(mkfifo(name, 0644), 0);
	reads(w, NULL, top, "3.9@1");
	assert_int_equal(remove(name), 0);
	make_link("/dev/zero", name);
	reads(w, NULL, top, "3.9@1");
	assert_int_equal(remove(name), 0);
	make_link(".python-version", name);
	reads(w, NULL, top, "3.9@1");
	assert_int_equal(remove(name), 0);
	put(at(w, "real"), "3.10\n", 0644);
	make_link("../real", name);
	reads(w, NULL, name, "3.10@1");
}

static void test_a_large_file(void **state)
{
	struct world *w = *state;
	char *name = at(w, "cwd/.python-version");
	struct cv_pins pins;

	put(name, "3.12\n", 0644);
	assert_int_equal(truncate(name, (off_t)1 << 30), 0);
	assert_int_equal(cv_pins_read(&w->ctx, &w->arena, NULL, &pins, &w->err), -CVENV_ELIMIT);
	assert_non_null(strstr(w->err.message, "cwd/.python-version' has more than 65536 bytes"));
	assert_string_equal(w->err.hint, "choose a Python with -p, or use --no-config");
}

static void requires(struct world *w, const char *text, const char *want)
{
	struct cv_requires got;

	put(at(w, "pyproject.toml"), text, 0644);
	must(w, cv_requires_read(&w->ctx, &w->arena, &got, &w->err));
	assert_string_equal(got.file, at(w, "pyproject.toml"));
	if (!want)
		assert_null(got.specifiers);
	else
		assert_string_equal(got.specifiers, want);
}

static void test_requires_python(void **state)
{
	struct world *w = *state;
	struct cv_requires got;

	must(w, cv_requires_read(&w->ctx, &w->arena, &got, &w->err));
	assert_null(got.file);
	requires(w, "", NULL);
	requires(w, "requires-python = '>=3.9'\n", NULL);
	requires(w, "[project]\nrequires-python = ''\n", NULL);
	requires(w, "[project]\nrequires-python = ' >=3.9, <4 '\n", ">=3.9, <4");
	requires(w, "project.requires-python = '~=3.12'\n", "~=3.12");
	requires(w, "[project]\n\"requires\\u002Dpython\" = '~=3.12'\n", "~=3.12");
	put(at(w, "cwd/pyproject.toml"), "[tool.x]\n", 0644);
	must(w, cv_requires_read(&w->ctx, &w->arena, &got, &w->err));
	assert_null(got.specifiers); /* the nearest counts */
}

static void warns(struct world *w, const char *text, const char *want)
{
	const struct cv_info info = { .version = "3.11.2" };

	put(at(w, "pyproject.toml"), text, 0644);
	w->log[0] = '\0';
	must(w, cv_requires_warn(&w->ctx, &w->arena, &info, &w->err));
	if (!*want)
		assert_string_equal(w->log, "");
	else if (!strstr(w->log, want))
		fail_msg("%s: %s", text, w->log);
}

static void test_warnings(void **state)
{
	struct world *w = *state;

	warns(w, "[project]\nname = 'x'\n", "");
	warns(w, "[project]\nrequires-python = '>=3.8'\n", "");
	warns(w, "[project]\nrequires-python = '>=3.12'\n",
		"pyproject.toml' requires Python '>=3.12', but 3.11.2 is used: '-p project' "
		"chooses one");
	warns(w, "[project]\n\nrequires-python = '3.12'\n",
		"pyproject.toml', line 3: 'project.requires-python': must be");
	warns(w, "project = 1\n", "");
	warns(w, "[project]\nrequires-python = ['>=3.12']\n",
		"pyproject.toml', line 2: 'project.requires-python': must be a string");
	warns(w, "\n[project\nrequires-python = '>=3'", "pyproject.toml', line 2: ");
	warns(w, "\n[project\n", ""); /* nothing of it is needed */
	assert_int_equal(truncate(at(w, "pyproject.toml"), (off_t)1 << 30), 0);
	must(w, cv_requires_warn(&w->ctx, &w->arena, &(struct cv_info){ 0 }, &w->err));
	assert_non_null(strstr(w->log, "pyproject.toml' has more than 1048576 bytes"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_format),
		T(test_paths_are_refused),
		T(test_limits),
		T(test_the_nearest_file_counts),
		T(test_other_kinds_of_files_are_missing),
		T(test_a_large_file),
		T(test_requires_python),
		T(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
