/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../support/cmocka_all.h"
#include "../support/fault.h"
#include "base/own.h"
#include "env/activate.h"

enum { CALLS_MAX = 5000, ALL = (1U << CV_ACTIVATORS) - 1 };

static char logged[4096];

static void on_log(void *data, enum cvenv_level level, const char *msg)
{
	size_t n = strlen(logged);

	(void)data;
	snprintf(logged + n, sizeof(logged) - n, "%d: %s\n", (int)level, msg);
}

static const struct cv_ctx ctx = { .log = on_log };

static struct cv_str script(const struct cv_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *entry = &plan->entries[i];

		if (strcmp(entry->path, path) == 0) {
			assert_int_equal(entry->kind, CVENV_ENTRY_FILE);
			assert_int_equal(entry->flags, CV_EXACT_MODE);
			assert_int_equal(entry->mode, 0644);
			return entry->data;
		}
	}
	return (struct cv_str){ 0 };
}

static unsigned working;

static bool has(struct cv_str text, const char *part)
{
	return cv_str_find(text, cv_str(part));
}

static void test_the_four_of_venv(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_activate what = { "/x/e n v", "na'me", "bin",
		.scripts = cv_activators_of(0, false, 13) };
	struct cvenv_error err;

	(void)state;
	logged[0] = '\0';
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_int_equal(plan.count, 4);
	assert_int_equal(working, what.scripts);
	assert_true(has(script(&plan, "bin/activate"), "\nVIRTUAL_ENV='/x/e n v'\n"));
	assert_true(has(script(&plan, "bin/activate"), "\nVIRTUAL_ENV_PROMPT='na'\\''me'\n"));
	assert_true(has(script(&plan, "bin/activate.fish"), " VIRTUAL_ENV_PROMPT 'na\\'me'\n"));
	assert_true(
		has(script(&plan, "bin/activate.csh"), "\n\"\"setenv VIRTUAL_ENV '/x/e n v'\n"));
	assert_true(has(script(&plan, "bin/Activate.ps1"), "$VenvDir = '/x/e n v'"));
	assert_string_equal(logged, "");
}

/* No placeholder is left in any script, and none is made by a value. */
static void test_placeholders(void **state)
{
	static const char *const names[] = { "@ENV_DIR@", "@PROMPT@", "@BIN@", "@PS1@", "@PS1_ZSH@",
		"@PS1_TCSH@", "@LOCATE@", "@PLACE@", "@DIR@", "@DIR_DELAYED@", "@UTF8@" };

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		bool relocatable = kind & 1;
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_plan plan = { .arena = &arena };
		struct cv_activate what = { "/x/env", "name", "bin", .scripts = ALL,
			.relocatable = relocatable, .windows = kind & 2 };
		struct cvenv_error err;

		assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
		assert_int_equal(plan.count, CV_ACTIVATORS + 1);
		for (size_t i = 0; i < plan.count; i++) {
			for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
				assert_false(has(plan.entries[i].data, names[n]));
			if (relocatable)
				assert_false(has(plan.entries[i].data, "/x/env"));
		}
		what.prompt = "@ENV_DIR@";
		assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
		for (size_t i = CV_ACTIVATORS + 1; i < plan.count; i++) {
			struct cv_str text = plan.entries[i].data;

			/* csh cannot be relocatable; deactivate.bat has no values */
			if (!has(text, "is relocatable, and this shell") &&
				!has(text, "Leaves the environment") &&
				!has(text, "\\@'ENV_DIR'\\@") && !has(text, "@ENV_DIR@"))
				fail_msg("%s", plan.entries[i].path);
		}
	}
}

static void test_encodings(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_activate what = { "/x", "\xc3\xa9", "bin", .scripts = ALL };
	struct cvenv_error err;
	struct cv_str bat;

	(void)state;
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_true(cv_str_starts(script(&plan, "bin/Activate.ps1"), CV_LIT("\xef\xbb\xbf<#")));
	assert_true(cv_str_starts(script(&plan, "bin/activate"), CV_LIT("# ")));
	bat = script(&plan, "bin/activate.bat");
	assert_true(cv_str_ends(bat, CV_LIT("\r\n")));
	for (size_t i = 0; i < bat.n; i++)
		assert_int_equal(bat.p[i] == '\n', i > 0 && bat.p[i - 1] == '\r');
	what.prompt = "e";
	plan.count = 0;
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_true(cv_str_starts(script(&plan, "bin/Activate.ps1"), CV_LIT("<#")));
}

/* Each script by itself: a value that one shell cannot represent does not affect the others. */
static void test_refusals(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_activate what = { "/x/\n\xff", "$\n\"", "bin", .scripts = ALL };
	struct cvenv_error err;

	(void)state;
	logged[0] = '\0';
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_int_equal(plan.count, CV_ACTIVATORS + 1);
	assert_true(cv_str_starts(script(&plan, "bin/activate.csh"), CV_LIT("/bin/sh -c ")));
	assert_true(cv_str_ends(script(&plan, "bin/Activate.ps1"), CV_LIT("')\nexit 1\n")));
	assert_true(has(script(&plan, "bin/activate.nu"), "error make"));
	assert_true(cv_str_starts(script(&plan, "bin/activate.bat"), CV_LIT("@1>&2 echo ")));
	assert_true(has(script(&plan, "bin/activate"), "VIRTUAL_ENV='/x/\n\xff'"));
	assert_true(has(script(&plan, "bin/activate_this.py"), "b'/x/\\x0a\\xff'"));
	assert_non_null(strstr(logged, "0: 'bin/activate.csh' cannot work"));
	assert_non_null(strstr(logged, "0: 'bin/Activate.ps1' cannot work"));
	assert_null(strstr(logged, "'bin/activate' "));
	assert_int_equal(working, 1U << CV_ACTIVATE_POSIX | 1U << CV_ACTIVATE_FISH |
					  1U << CV_ACTIVATE_PYTHON | 1U << CV_ACTIVATE_XONSH);

	/* not this user's fault, and every relocatable environment has it: no warning */
	logged[0] = '\0';
	what = (struct cv_activate){ "/x", "x", "bin", .scripts = ALL, .relocatable = true };
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_non_null(strstr(logged, "1: 'bin/activate.csh' cannot work in a relocatable"));
	assert_null(strstr(logged, "0: "));
	assert_int_equal(working, ALL & ~(1U << CV_ACTIVATE_CSH));

	/* which of the two it is */
	logged[0] = '\0';
	what = (struct cv_activate){ "/x", "two\nlines", "bin", .scripts = ALL };
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_non_null(strstr(logged, "csh cannot handle the prompt 'two\nlines'"));
	logged[0] = '\0';
	what = (struct cv_activate){ "/x$y", "x", "bin", .scripts = ALL };
	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	assert_non_null(strstr(logged, "xonsh cannot handle the directory name '/x$y'"));
}

static void test_parse(void **state)
{
	struct cv_str bad = { 0 };
	unsigned set = 0;

	(void)state;
	assert_true(cv_activators_parse(CV_LIT(""), &set, &bad));
	assert_int_equal(set, 0);
	assert_true(cv_activators_parse(CV_LIT(" nushell , batch,sh"), &set, &bad));
	assert_int_equal(set, 1U << CV_ACTIVATE_NUSHELL | 1U << CV_ACTIVATE_BATCH |
				      CV_ACTIVATE_PYDOC | 1U << CV_ACTIVATE_POSIX);
	assert_false(cv_activators_parse(CV_LIT("fish,elvish,x"), &set, &bad));
	assert_true(cv_str_eq(bad, CV_LIT("elvish")));
	assert_false(cv_activators_parse(CV_LIT("Fish"), &set, &bad));
}

/* The names of the files for these choices, with spaces. */
static void files_are(unsigned chosen, bool windows, unsigned minor, const char *want)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_activate what = { "/x", "x", "bin", cv_activators_of(chosen, windows, minor),
		.windows = windows };
	struct cv_buf got OWN_BUF = { 0 };
	struct cvenv_error err;

	assert_int_equal(cv_activate_plan(&ctx, &plan, &what, &working, &err), 0);
	for (size_t i = 0; i < plan.count; i++) {
		cv_buf_cstr(&got, i ? " " : "");
		cv_buf_cstr(&got, strchr(plan.entries[i].path, '/') + 1);
	}
	assert_string_equal(got.p, want);
}

/* On each system the files of CPython's own venv there, and what was chosen. */
static void test_files(void **state)
{
	(void)state;
	files_are(0, false, 8, "activate activate.fish activate.csh Activate.ps1");
	files_are(0, false, 14, "activate activate.fish activate.csh Activate.ps1");
	files_are(0, true, 12, "activate Activate.ps1 activate.bat deactivate.bat");
	files_are(0, true, 13, "activate activate.fish Activate.ps1 activate.bat deactivate.bat");
	files_are(CV_ACTIVATE_DEFAULT, false, 13,
		"activate activate.fish activate.csh Activate.ps1 activate.nu activate.xsh "
		"activate_this.py");
	files_are(CV_ACTIVATE_DEFAULT, true, 8,
		"activate Activate.ps1 activate.nu activate.xsh activate_this.py activate.bat "
		"deactivate.bat pydoc.bat");
	files_are(1U << CV_ACTIVATE_FISH | 1U << CV_ACTIVATE_CSH, true, 8,
		"activate activate.fish Activate.ps1 activate.bat deactivate.bat");
	files_are(1U << CV_ACTIVATE_BATCH | CV_ACTIVATE_PYDOC, false, 8,
		"activate activate.fish activate.csh Activate.ps1 activate.bat deactivate.bat");
}

struct line {
	enum cv_activator shell;
	const char *dir, *want;
};

static void lines_are(const struct line *lines, size_t count, const char *bin, bool windows)
{
	for (size_t i = 0; i < count; i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf b OWN_BUF = { 0 };
		struct cv_activate what = {
			.env_dir = lines[i].dir, .bin = bin, .windows = windows
		};

		cv_activate_line(&b, &arena, lines[i].shell, &what);
		assert_false(b.bad);
		assert_string_equal(b.p ? b.p : "", lines[i].want);
	}
}

static void test_line(void **state)
{
	static const struct line lines[] = {
		{ CV_ACTIVATE_POSIX, ".venv", "source .venv/bin/activate" },
		{ CV_ACTIVATE_POSIX, "a b", "source 'a b/bin/activate'" },
		{ CV_ACTIVATE_POSIX, "-x", "source ./-x/bin/activate" },
		{ CV_ACTIVATE_FISH, "/a'b", "source '/a\\'b/bin/activate.fish'" },
		{ CV_ACTIVATE_CSH, "a!", "source 'a'\\!'/bin/activate.csh'" },
		{ CV_ACTIVATE_CSH, "a\n", "" },
		{ CV_ACTIVATE_POWERSHELL, ".venv", ".venv/bin/Activate.ps1" },
		{ CV_ACTIVATE_POWERSHELL, "a b", "& 'a b/bin/Activate.ps1'" },
		{ CV_ACTIVATE_NUSHELL, ".venv", "overlay use .venv/bin/activate.nu" },
		{ CV_ACTIVATE_NUSHELL, "a b", "overlay use \"a b/bin/activate.nu\"" },
		{ CV_ACTIVATE_XONSH, ".venv", "source .venv/bin/activate.xsh" },
		{ CV_ACTIVATE_XONSH, "a b", "source 'a b/bin/activate.xsh'" },
		{ CV_ACTIVATE_XONSH, "a\xc3\xa9", "source 'a\xc3\xa9/bin/activate.xsh'" },
		{ CV_ACTIVATE_PYTHON, ".venv",
			"import runpy; runpy.run_path('.venv/bin/activate_this.py')" },
		{ CV_ACTIVATE_BATCH, "a b", "\"a b/bin/activate.bat\"" },
	};

	(void)state;
	lines_are(lines, sizeof(lines) / sizeof(lines[0]), "bin", false);
}

static void test_line_on_windows(void **state)
{
	static const struct line lines[] = {
		{ CV_ACTIVATE_BATCH, ".venv", ".venv\\Scripts\\activate" },
		{ CV_ACTIVATE_BATCH, "C:/x\\y", "C:\\x\\y\\Scripts\\activate" },
		{ CV_ACTIVATE_BATCH, "a b", "\"a b\\Scripts\\activate\"" },
		{ CV_ACTIVATE_BATCH, "a%b%", "" },
		{ CV_ACTIVATE_POWERSHELL, "C:\\x", "C:\\x\\Scripts\\Activate.ps1" },
		{ CV_ACTIVATE_POWERSHELL, "it's", "& 'it''s\\Scripts\\Activate.ps1'" },
		{ CV_ACTIVATE_POSIX, ".venv", "source .venv/Scripts/activate" },
		{ CV_ACTIVATE_POSIX, "C:\\x y", "source 'C:/x y/Scripts/activate'" },
		{ CV_ACTIVATE_FISH, "x\\y", "source x/y/Scripts/activate.fish" },
		{ CV_ACTIVATE_NUSHELL, "x\\y", "overlay use x/y/Scripts/activate.nu" },
	};

	(void)state;
	lines_are(lines, sizeof(lines) / sizeof(lines[0]), "Scripts", true);
}

/* Each allocation fails once: an error that says so, never half a script. */
static void test_memory(void **state)
{
	bool met = true;
	int n;

	(void)state;
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_plan plan = { .arena = &arena };
		struct cv_activate what = { "/x/\n", "$", "bin", .scripts = ALL };
		struct cvenv_error err = { 0 };
		struct cv_buf line OWN_BUF = { 0 };
		int rc;

		fault_arm(n, ENOMEM);
		rc = cv_activate_plan(&ctx, &plan, &what, &working, &err);
		what.env_dir = "\xc3\xa9";
		if (rc == 0)
			cv_activate_line(&line, &arena, CV_ACTIVATE_XONSH, &what);
		met = fault_disarm();
		if (met && rc == 0)
			assert_true(line.bad);
		else
			assert_int_equal(rc, met ? -ENOMEM : 0);
	}
	assert_true(n > 20 && n < CALLS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_four_of_venv),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_on_windows),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
