/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../wheel/check.h"
#include "base/own.h"
#include "base/path.h"
#include "env/rewrite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t warnings; /* that a script was replaced */

static void count_warning(void *data, enum cvenv_level level, const char *message)
{
	(void)data;
	warnings += level == CVENV_LOG_WARNING && strstr(message, "replaced 'bin/");
}

static const struct cv_ctx ctx = { .log = count_warning };

/* What is the environment FROM becomes TO. */
static struct cv_rewriting from_to(struct cv_pair *pair)
{
	struct cv_rewriting how = { .pairs = pair,
		.count = 1,
		.env_dir = pair->to,
		.bin = "bin",
		.activate = { .env_dir = pair->to, .prompt = cv_path_base(pair->to), .bin = "bin" },
		.named = true,
		.ctx = &ctx };

	return how;
}

static int rewrite(struct cv_buf *to, const struct cv_rewriting *how, const char *path,
	struct cv_str old, bool *ret_left)
{
	struct cvenv_error err = { 0 };
	int rc = cv_rewrite(to, how, CV_TEXT_ACTIVATION, path, old, ret_left, &err);

	if (rc < 0)
		fail_msg("%s: %s", path, err.message);
	return rc;
}

/* Lines of the scripts of other programs, and what becomes of them. */
struct text_case {
	const char *file, *from, *to, *old, *new;
};

static const struct text_case cases[] = {
	/* venv */
	{ "bin/activate", "/a/env", "/b/x", "VIRTUAL_ENV=\"/a/env\"\nPS1=\"(env) ${PS1:-}\"\n",
		"VIRTUAL_ENV=\"/b/x\"\nPS1=\"(x) ${PS1:-}\"\n" },
	{ "bin/activate", "/a/env", "/b/x",
		"VIRTUAL_ENV=/a/env\nVIRTUAL_ENV_PROMPT=env\n# env\nPS1=\"(\"env\") ${PS1:-}\"\n",
		"VIRTUAL_ENV=/b/x\nVIRTUAL_ENV_PROMPT=x\n# env\nPS1=\"(\"x\") ${PS1:-}\"\n" },
	{ "bin/activate.csh", "/a/prompt", "/b/x",
		"setenv VIRTUAL_ENV \"/a/prompt\"\nset prompt = \"(prompt) $prompt\"\n",
		"setenv VIRTUAL_ENV \"/b/x\"\nset prompt = \"(x) $prompt\"\n" },
	{ "bin/activate.fish", "/a/env", "/b/x",
		"set -gx VIRTUAL_ENV \"/a/env\"\nprintf (set_color 4B8BBE) \"env\" (set_color "
		"normal)\n",
		"set -gx VIRTUAL_ENV \"/b/x\"\nprintf (set_color 4B8BBE) \"x\" (set_color "
		"normal)\n" },
	/* words only */
	{ "bin/activate", "/env", "/b/x",
		"VIRTUAL_ENV=/env\nA=/env2 B=/my/env C=$x/env D=~/env E=/env/bin:/env F=/env.d\n",
		"VIRTUAL_ENV=/b/x\nA=/env2 B=/my/env C=$x/env D=~/env E=/b/x/bin:/b/x F=/env.d\n" },
	/* spaces, in quotes of any kind */
	{ "bin/activate", "/a b/env", "/c d/e f",
		"VIRTUAL_ENV='/a b/env'\nPS1=\"(env) ${PS1:-}\"\n",
		"VIRTUAL_ENV='/c d/e f'\nPS1=\"(e f) ${PS1:-}\"\n" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_pair pair = { cases[i].from, cases[i].to };
		struct cv_pair back = { cases[i].to, cases[i].from };
		struct cv_rewriting how = from_to(&pair), again = from_to(&back);
		struct cv_buf new OWN_BUF = { 0 }, old OWN_BUF = { 0 };
		bool left = false;

		warnings = 0;
		if (rewrite(&new, &how, cases[i].file, cv_str(cases[i].old), &left) != 1)
			fail_msg("unchanged: %s", cases[i].old);
		check_str(cv_buf_slice(&new), cases[i].new);
		rewrite(&old, &again, cases[i].file, cv_buf_slice(&new), &left);
		check_str(cv_buf_slice(&old), cases[i].old);
		assert_int_equal(warnings, 0);
	}
}

/* The text of cvenv's own script for an environment. */
static struct cv_str own(struct cv_arena *a, const char *path, const char *env_dir,
	const char *prompt, bool relocatable)
{
	struct cv_plan plan = { .arena = a };
	struct cv_activate what = { .env_dir = env_dir,
		.prompt = prompt,
		.bin = "bin",
		.scripts = (1U << CV_ACTIVATORS) - 1,
		.relocatable = relocatable };
	static const struct cv_ctx silent = { 0 };
	unsigned working;

	assert_int_equal(cv_activate_plan(&silent, &plan, &what, &working, NULL), 0);
	for (size_t i = 0; i < plan.count; i++) {
		if (strcmp(plan.entries[i].path, path) == 0)
			return plan.entries[i].data;
	}
	fail_msg("%s", path);
	return (struct cv_str){ 0 };
}

/* cvenv generates its own again, for any path and for a new prompt, without a warning. */
static void test_own_scripts(void **state)
{
	static const char *const dirs[] = { "/a/env", "/a b/it's $x", "/new\nline/\"'\\", "/env" };

	(void)state;
	warnings = 0;
	for (size_t i = 0; i < COUNT(dirs) * COUNT(dirs); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_pair pair = { dirs[i / COUNT(dirs)], dirs[i % COUNT(dirs)] };
		struct cv_rewriting how = from_to(&pair);

		for (size_t k = 0; k < CV_ACTIVATORS; k++) {
			char *path = cv_strfmt(&arena, "bin/%s", cv_activators[k].file);
			struct cv_buf new OWN_BUF = { 0 };
			struct cv_str old = own(&arena, path, pair.from, "my prompt", false);
			bool left;
			int rc;

			how.old_prompt = "my prompt";
			how.activate.prompt = i % 2 ? "my prompt" : "other";
			rc = rewrite(&new, &how, path, old, &left);
			check_str(rc ? cv_buf_slice(&new) : old,
				cv_strdup(&arena,
					own(&arena, path, pair.to, how.activate.prompt, false)));
		}
	}
	assert_int_equal(warnings, 0);
}

/* Where words cannot be replaced, cvenv's script takes the place, and a warning says so. */
static void test_replaced(void **state)
{
	static const struct {
		struct text_case text;
		bool named, new_prompt, all;
	} replaced[] = {
		{ { "bin/activate", "/a/env", "/b c", "VIRTUAL_ENV=/a/env\n", NULL }, 0, 0, 0 },
		{ { "bin/activate", "/a/env", "/b/$x", "VIRTUAL_ENV='/a/env'\n", NULL }, 0, 0, 0 },
		{ { "bin/activate.ps1", "/a/env", "/b/$x", "$env:VIRTUAL_ENV = \"/a/env\"\n",
			  NULL },
			0, 0, 0 },
		/* another spelling of the same path */
		{ { "bin/activate", "/a'b", "/b", "VIRTUAL_ENV='/a'\"'\"'b'\n", NULL }, 0, 0, 0 },
		{ { "bin/activate", "/a/env", "/b/x", "VIRTUAL_ENV=/a/env\n", NULL }, 0, 1, 0 },
		{ { "bin/activate", "/a/env", "/b/x", "VIRTUAL_ENV=/a/env\n", NULL }, 1, 0, 1 },
		{ { "bin/activate", "/a/x", "/b/it's", "PS1=\"(x) \"\n", NULL }, 1, 1, 0 },
		/* it runs a part of the path */
		{ { "bin/activate", "/a/$(x)", "/b/x", "VIRTUAL_ENV=\"/a/$(x)\"\n", NULL }, 0, 0,
			0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(replaced); i++) {
		const struct text_case *c = &replaced[i].text;
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_pair pair = { c->from, c->to };
		struct cv_rewriting how = from_to(&pair);
		struct cv_buf new OWN_BUF = { 0 };
		bool ps1 = strstr(c->file, "ps1") != NULL, left;

		how.named = replaced[i].named;
		how.new_prompt = replaced[i].new_prompt;
		how.new_activation = replaced[i].all;
		how.old_prompt = replaced[i].new_prompt ? "x" : NULL;
		if (how.new_prompt)
			how.activate.prompt = "new prompt's";
		warnings = 0;
		if (rewrite(&new, &how, c->file, cv_str(c->old), &left) != 1)
			fail_msg("unchanged: %s", c->old);
		check_str(cv_buf_slice(&new),
			cv_strdup(&arena, own(&arena, ps1 ? "bin/Activate.ps1" : c->file, c->to,
						  how.activate.prompt, false)));
		assert_false(left);
		assert_int_equal(warnings, 1);
	}
}

/* What finds the environment by its place stays as it is. */
static void test_unchanged(void **state)
{
	static const struct text_case same[] = {
		{ "bin/activate.ps1", "/a/env", "/b c", "$env:VIRTUAL_ENV = $PSScriptRoot\n",
			NULL },
		{ "bin/activate", "/a/env", "/b c", "my own\n", NULL },
		{ "bin/activate", "/a/env", "/b c", "", NULL },
		{ "bin/activate", "/a/env", "/b c", "VIRTUAL_ENV=/a/env2\n", NULL },
		{ "bin/deactivate.csh", "/a/env", "/b c", "unsetenv VIRTUAL_ENV\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		struct cv_pair pair = { same[i].from, same[i].to };
		struct cv_rewriting how = from_to(&pair);
		struct cv_buf new OWN_BUF = { 0 };
		bool left;

		how.named = false;
		if (rewrite(&new, &how, same[i].file, cv_str(same[i].old), &left) != 0)
			fail_msg("changed: %s", same[i].old);
		assert_false(left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_own_scripts),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_unchanged),
	};

	return cmocka_run_group_tests_name("rewrite_activation", tests, NULL, NULL);
}
