/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/own.h"
#include "check.h"
#include "wheel/first_line.h"
#include "wheel/scripts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define END " \"$0\" \"$@\"\n' '''\n"
#define SH(word) "#!/bin/sh\n'''exec' " word END
#define REST "import sys\n"

enum { PLAIN = CV_FIRST_LINE_PLAIN, QUOTED, IN_SH, BESIDE };

static void check_parsed(struct cv_first_line line, int form, const char *python,
	const char *argument, const char *text)
{
	if ((int)line.form != form)
		fail_msg("form %d for %s", (int)line.form, text);
	check_str(line.python, python);
	check_str(line.argument, argument);
	check_str((struct cv_str){ text + line.end, strlen(text) - line.end }, REST);
}

static void test_known_forms(void **state)
{
	static const struct {
		const char *text;
		int form;
		const char *python, *argument;
	} cases[] = {
		{ "#!/e/bin/python\n" REST, PLAIN, "/e/bin/python", "" },
		{ "#! \t/e/bin/python\t\n" REST, PLAIN, "/e/bin/python", "" },
		{ "#!/e/bin/python -E -s \n" REST, PLAIN, "/e/bin/python", "-E -s" },
		{ "#!/usr/bin/env python3\n" REST, PLAIN, "/usr/bin/env", "python3" },
		{ "#!/bin/sh\n" REST, PLAIN, "/bin/sh", "" },
		/* the kernel takes these bytes for a part of the name */
		{ "#!/e/bin/python\r\n" REST, PLAIN, "/e/bin/python\r", "" },
		{ "#! /e/bin/python\r\n" REST, PLAIN, "/e/bin/python\r", "" },
		{ "#!/e/$x/`y`/'\"\\/python\n" REST, PLAIN, "/e/$x/`y`/'\"\\/python", "" },
		{ "#!C:\\e\\python.exe\r\n" REST, PLAIN, "C:\\e\\python.exe", "" },
		{ "#!\"C:\\a b\\python.exe\"\r\n" REST, QUOTED, "C:\\a b\\python.exe", "" },
		{ "#!\"C:\\a b\\python.exe\" -I\n" REST, QUOTED, "C:\\a b\\python.exe", "-I" },
		/* pip */
		{ SH("/long/bin/python3.11") REST, IN_SH, "/long/bin/python3.11", "" },
		{ SH("\"/a b/bin/python\"") REST, IN_SH, "/a b/bin/python", "" },
		{ SH("\"/a b/bin/python\" -sE") REST, IN_SH, "/a b/bin/python", "-sE" },
		/* uv */
		{ SH("'/a b/bin/python'") REST, IN_SH, "/a b/bin/python", "" },
		{ SH("'/a b'\"'\"'s/bin/python'") REST, IN_SH, "/a b's/bin/python", "" },
		{ SH("\"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python'") REST, BESIDE, "python",
			"" },
		{ SH("\"$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && echo \"$PWD\")\"/'python3'")
				REST,
			BESIDE, "python3", "" },
		/* any sh */
		{ SH("/a\\ b/\\$x\\\\/\xc3\xa4") REST, IN_SH, "/a b/$x\\/\xc3\xa4", "" },
		{ SH("\"/a\\$b\\\"\\`\\\\\\n\"") REST, IN_SH, "/a$b\"`\\\\n", "" },
		{ SH("\"/$(printf '\\015\\001\\377')x\"") REST, IN_SH, "/\r\x01\xffx", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_first_line line;
		struct cv_str text = cv_str(cases[i].text);

		if (cv_first_line_parse(&arena, text, &line) != 1)
			fail_msg("unknown: %s", cases[i].text);
		check_parsed(
			line, cases[i].form, cases[i].python, cases[i].argument, cases[i].text);
	}
}

static void test_unknown_forms(void **state)
{
	static const char *const cases[] = { "", "#", "#!", "#!\n", "#! \t\n", "#!python\n",
		"#!bin/python\n", "import os\n", "#!\"C:\\python.exe\n", "#!\"C:\\python.exe\"x\n",
		"#!\"python\"\n",
		/* the rest is not that of the known forms */
		"#!/bin/sh\n'''exec' /e/python", "#!/bin/sh\n'''exec' /e/python \"$@\"\n' '''\n",
		"#!/bin/sh\n'''exec' /e/python \"$0\" \"$@\"\n", "#!/bin/sh\n''':'\nhere=$0\n",
		SH("python"), SH("\"\""), SH(""), SH("/e/python  -E"), SH("/e/python -E -s"),
		SH("/e/python;x"),
		/* sh would expand something, or wait for the end of the word */
		SH("/$x/python"), SH("\"/$x/python\""), SH("/`x`/python"), SH("\"/`x`\""),
		SH("~/python"), SH("/e/*"), SH("/e/[x]"), SH("/{a,b}"), SH("\"/e"), SH("'/e"),
		SH("/e\\"), SH("\"/$(x)\""), SH("\"/$(printf '\\000')\""),
		SH("\"/$(printf '\\012')\""), SH("\"/$(printf '\\15')\""),
		SH("\"/$(printf '\\777')\""), SH("\"/$(printf '\\015\")"),
		SH("\"$(dirname -- \"$0\")\"/python"),
		SH("\"$(dirname -- \"$(realpath -- \"$0\")\")\"//bin/python") };
	struct cv_first_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };

		if (cv_first_line_parse(&arena, cv_str(cases[i]), &line) != 0)
			fail_msg("known: %s", cases[i]);
	}
}

static void test_nul_is_not_in_a_path(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_first_line line;

	(void)state;
	assert_int_equal(cv_first_line_parse(&arena, CV_LIT("#!/e\0/python\n"), &line), 0);
	assert_int_equal(cv_first_line_parse(&arena, CV_LIT(SH("'/e\0/python'")), &line), 0);
	assert_int_equal(cv_first_line_parse(&arena, CV_LIT(SH("\"/e\0/python\"")), &line), 0);
}

/* A line without its end is known only if the file ends there. */
static void test_longest_line(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_first_line line;
	struct cv_buf text OWN_BUF = { 0 };

	(void)state;
	cv_buf_cstr(&text, "#!/");
	while (text.n < CV_FIRST_LINE_MAX - 1)
		cv_buf_char(&text, 'x');
	assert_int_equal(cv_first_line_parse(&arena, cv_buf_slice(&text), &line), 1);
	assert_int_equal(line.end, text.n);
	cv_buf_cstr(&text, "x\n");
	assert_int_equal(cv_first_line_parse(&arena, cv_buf_slice(&text), &line), 0);
}

/* It is the inverse of cv_script_shebang() for all paths, and of the relocatable form. */
static void test_inverse(void **state)
{
	static const char *const paths[] = { "/e/bin/python", "/a b/python", "/it's/$x y/`\"\\/p",
		"/''' '''/p", "/\\\\ '\\'\\", "/new\nline/p", "/\t\r \x01\x7f\xff\xc3\xa4\x80/p",
		"/coding=x/p", "/{a,b} ~ * ? [x] ! ; & | < > ( ) # %s/p" };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		for (int beside = 0; beside < 2; beside++) {
			struct cv_arena arena OWN_ARENA = { 0 };
			struct cv_buf text OWN_BUF = { 0 };
			struct cv_first_line line;
			const char *path = paths[i] + beside;

			(beside ? cv_script_shebang_beside : cv_script_shebang)(&text, path);
			cv_buf_cstr(&text, REST);
			assert_int_equal(
				cv_first_line_parse(&arena, cv_buf_slice(&text), &line), 1);
			check_parsed(line,
				beside ? BESIDE
				       : (strncmp(text.p, "#!/bin/sh", 9) == 0 ? IN_SH : PLAIN),
				path, "", text.p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_forms),
		cmocka_unit_test(test_unknown_forms),
		cmocka_unit_test(test_nul_is_not_in_a_path),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_inverse),
	};

	return cmocka_run_group_tests_name("first_line", tests, NULL, NULL);
}
