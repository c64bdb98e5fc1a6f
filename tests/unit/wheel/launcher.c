/* SPDX-License-Identifier: MIT */
#include "wheel/launcher.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "base/own.h"

static const struct cv_script script = {
	.name = { "pip", 3 }, .module = { "pip._internal.cli.main", 22 }, .attr = { "main", 4 }
};

static void test_which_launcher(void **state)
{
	(void)state;
	assert_string_equal(cv_launcher_path("amd64", false), "pip/_vendor/distlib/t64.exe");
	assert_string_equal(cv_launcher_path("x86", false), "pip/_vendor/distlib/t32.exe");
	assert_string_equal(cv_launcher_path("arm64", false), "pip/_vendor/distlib/t64-arm.exe");
	assert_string_equal(cv_launcher_path("arm64", true), "pip/_vendor/distlib/t64.exe");
	assert_null(cv_launcher_path("amd64", true));
	assert_null(cv_launcher_path("x86", true));
}

static void test_beside(void **state)
{
	static const char wide[] = "<\0l\0a\0u\0n\0c\0h\0e\0r\0_\0d\0i\0r\0>";
	struct cv_launcher launcher = { .program = { wide, sizeof(wide) }, .pip = { "26.2", 4 } };
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	assert_true(cv_launcher_finds_itself(launcher.program));
	cv_launcher_text_beside(&b, &launcher, "python_d.exe", &script);
	assert_memory_equal(b.p, wide, sizeof(wide));
	assert_true(cv_str_starts((struct cv_str){ b.p + sizeof(wide), b.n - sizeof(wide) },
		CV_LIT("#!<launcher_dir>\\python_d.exe\nPK\3\4")));
	assert_false(cv_launcher_finds_itself(CV_LIT("<launcher_dir>")));
	assert_false(cv_launcher_finds_itself((struct cv_str){ wide, sizeof(wide) - 2 }));
	assert_false(cv_launcher_finds_itself((struct cv_str){ 0 }));
}

static void test_parse(void **state)
{
	static const struct {
		const char *python; /* NULL: python.exe beside it */
		enum cv_first_line_form form;
		const char *expected;
	} cases[] = {
		{ "C:\\e\\Scripts\\python.exe", CV_FIRST_LINE_PLAIN, NULL },
		{ "C:\\a b\\Scripts\\python.exe", CV_FIRST_LINE_QUOTED, NULL },
		{ NULL, CV_FIRST_LINE_BESIDE, "python.exe" },
	};
	struct cv_arena arena OWN_ARENA = { 0 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_launcher launcher = { CV_LIT("MZ\0#!C:\\no.exe\n"),
			i % 2 ? CV_LIT("24.0") : CV_LIT("25.0") };
		const char *python = cases[i / 2].python;
		struct cv_buf b OWN_BUF = { 0 };
		struct cv_first_line line;

		if (python)
			cv_launcher_text(&b, &launcher, python, &script);
		else
			cv_launcher_text_beside(&b, &launcher, "python.exe", &script);
		/* with or without what is before the line */
		for (size_t cut = 0; cut <= launcher.program.n; cut++) {
			struct cv_str text = { b.p + cut, b.n - cut };

			assert_int_equal(cv_launcher_parse(&arena, text, &line), 1);
			assert_int_equal(line.form, cases[i / 2].form);
			assert_true(cv_str_eq(
				line.python, cv_str(python ? python : cases[i / 2].expected)));
			assert_memory_equal(text.p + line.end, "PK\3\4", 4);
		}
		assert_int_equal(
			cv_launcher_parse(&arena, (struct cv_str){ b.p, b.n - 1 }, &line), 0);
	}
	assert_int_equal(
		cv_launcher_parse(&arena, (struct cv_str){ 0 }, &(struct cv_first_line){ 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_launcher),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
