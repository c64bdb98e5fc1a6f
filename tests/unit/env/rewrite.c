/* SPDX-License-Identifier: MIT */
#include "env/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "../wheel/check.h"
#include "base/own.h"
#include "base/sha256.h"
#include "wheel/launcher.h"
#include "wheel/record.h"
#include "wheel/scripts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REST "import sys\n"
#define SH(word) "#!/bin/sh\n'''exec' " word " \"$0\" \"$@\"\n' '''\n" REST
#define LONG "/0123456789012345678901234567890123456789012345678901234567890123456789"

static const char *const interpreters[] = { "python", "python3", "python3.12" };

enum {
	CFG = CV_TEXT_CFG,
	SCRIPT,
	LAUNCHER,
	PTH = CV_TEXT_PTH,
	EGG_LINK,
	DIRECT_URL,
	FINDER,
	KERNEL,
	RECORD = CV_TEXT_RECORD
};

struct text_case {
	int kind;
	const char *path, *old;
	const char *new; /* NULL: it does not change */
	bool left;
};

static int rewrite(struct cv_buf *to, const struct cv_rewriting *how, int kind, const char *path,
	struct cv_str old, bool *ret_left)
{
	struct cvenv_error err = { 0 };
	int rc = cv_rewrite(to, how, (enum cv_text_kind)kind, path, old, ret_left, &err);

	if (rc < 0)
		fail_msg("%s: %s", path, err.message);
	return rc;
}

/* Each case, and back: the old bytes. */
static void check_cases(const struct cv_rewriting *how, const struct text_case *cases, size_t count)
{
	struct cv_pair back_pair = { how->pairs[0].to, how->pairs[0].from };
	struct cv_rewriting back = *how;

	back.pairs = &back_pair;
	back.count = 1;
	back.env_dir = back_pair.to;
	for (size_t i = 0; i < count; i++) {
		const struct text_case *c = &cases[i];
		struct cv_buf new OWN_BUF = { 0 }, again OWN_BUF = { 0 };
		bool left = false;
		int rc = rewrite(&new, how, c->kind, c->path, cv_str(c->old), &left);

		if (rc != (c->new != NULL))
			fail_msg("%d for %s", rc, c->old);
		if (left != c->left)
			fail_msg("%s for %s", left ? "left" : "not left", c->old);
		if (!rc)
			continue;
		check_str(cv_buf_slice(&new), c->new);
		if (how->count > 1)
			continue;
		rc = rewrite(&again, &back, c->kind, c->path, cv_buf_slice(&new), &left);
		assert_int_equal(rc, 1);
		check_str(cv_buf_slice(&again), c->old);
	}
}

static struct cv_rewriting from_to(struct cv_pair *pair)
{
	struct cv_rewriting how = { .pairs = pair, .count = 1, .env_dir = pair->to, .bin = "bin" };

	return how;
}

static void test_scripts(void **state)
{
	static const struct text_case cases[] = {
		{ SCRIPT, "bin/pip", "#!/a/env/bin/python\n" REST, "#!/b/env/bin/python\n" REST,
			0 },
		{ SCRIPT, "bin/pip", "#! /a/env/bin/python3 -E -s \n" REST,
			"#! /b/env/bin/python3 -E -s \n" REST, 0 },
		{ SCRIPT, "bin/pip", "#!/a/env/bin/python3.12", "#!/b/env/bin/python3.12", 0 },
		{ SCRIPT, "bin/x", "#!/a/env/opt/tool --x\n\0" REST, "#!/b/env/opt/tool --x\n", 0 },
		{ SCRIPT, "bin/x", SH("/a/env/bin/coding=/x"), SH("/b/env/bin/coding=/x"), 0 },
		/* another place, or none */
		{ SCRIPT, "bin/x", "#!/a/env2/bin/python\n", NULL, 0 },
		{ SCRIPT, "bin/x", "#!/x/a/env2/bin/python\n", NULL, 0 },
		{ SCRIPT, "bin/x", "#!/usr/bin/python\n", NULL, 0 },
		{ SCRIPT, "bin/x", "#!/usr/bin/env python\n", NULL, 0 },
		{ SCRIPT, "bin/x", "#!/a/env/../x/bin/python\n", NULL, 1 },
		{ SCRIPT, "bin/x",
			"\x7f"
			"ELF",
			NULL, 0 },
		{ SCRIPT, "bin/x", "", NULL, 0 },
		/* it finds its interpreter itself */
		{ SCRIPT, "bin/x", SH("\"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python'"), NULL,
			0 },
		/* the rest is not read, but a path in it is reported */
		{ SCRIPT, "bin/x", "#!/usr/bin/python\nx = '/a/env/x'\n", NULL, 1 },
		{ SCRIPT, "bin/x", "#!/usr/bin/python\nx = '/a/env'\n", NULL, 1 },
		{ SCRIPT, "bin/x", "#!/usr/bin/python\nx = '/a/env2'\n", NULL, 0 },
		{ SCRIPT, "bin/x", "#!/usr/bin/python\nflags = -L/a/env", NULL, 1 },
	};
	struct cv_pair pair = { "/a/env", "/b/env" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	how.interpreters = interpreters;
	how.interpreter_count = COUNT(interpreters);
	check_cases(&how, cases, COUNT(cases));
}

static void test_scripts_with_spaces(void **state)
{
	static const struct text_case cases[] = {
		/* pip */
		{ SCRIPT, "bin/x", SH("\"/a x/bin/python\""), SH("\"/b x/bin/python\""), 0 },
		{ SCRIPT, "bin/x", SH("\"/a x/bin/python\" -sE"), SH("\"/b x/bin/python\" -sE"),
			0 },
		/* uv, and pip 25 */
		{ SCRIPT, "bin/x", SH("'/a x/bin/python'"), SH("'/b x/bin/python'"), 0 },
		{ SCRIPT, "bin/x", "#!\"/a x/bin/python\" -s\r\n" REST,
			"#!\"/b x/bin/python\" -s\r\n" REST, 0 },
		/* the kernel starts another program, which may be meant */
		{ SCRIPT, "bin/x", "#!/a x/bin/node\n", NULL, 1 },
		{ SCRIPT, "bin/x", "#!/a x/bin/python -E\n", NULL, 1 },
	};
	struct cv_pair pair = { "/a x", "/b x" };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf new OWN_BUF = { 0 };
	bool left;

	(void)state;
	check_cases(&how, cases, COUNT(cases));
	/* what pip writes for scripts of wheels never worked */
	rewrite(&new, &how, SCRIPT, "bin/x", CV_LIT("#!/a x/bin/python\n" REST), &left);
	check_str(cv_buf_slice(&new), SH("\"/b x/bin/python\""));
}

/* What does not fit becomes a script of sh, and back. */
static void test_script_needs_sh(void **state)
{
	static const struct text_case cases[] = {
		{ SCRIPT, "bin/x", "#!/a/bin/python\n" REST, SH("\"/b x/bin/python\""), 0 },
		{ SCRIPT, "bin/x", "#!/a/bin/python -sE\n" REST, SH("\"/b x/bin/python\" -sE"), 0 },
		{ SCRIPT, "bin/x", "#!/a/bin/python -s -E\n" REST, NULL, 1 },
		{ SCRIPT, "bin/x", "#!/a/bin/node\n" REST, NULL, 1 },
		{ SCRIPT, "bin/x", "#!/a/opt/python\n" REST, NULL, 1 },
		{ SCRIPT, "bin/x", "#!/a/bin/python\n# coding: latin-1\n", NULL, 1 },
	};
	struct cv_pair pair = { "/a", "/b x" }, longer = { "/a", LONG LONG };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf new OWN_BUF = { 0 };
	bool left;

	(void)state;
	check_cases(&how, cases, COUNT(cases));
	if (CV_SHEBANG_MAX > 2 * sizeof(LONG))
		return;
	how = from_to(&longer);
	rewrite(&new, &how, SCRIPT, "bin/x", CV_LIT("#!/a/bin/python\n" REST), &left);
	check_str(cv_buf_slice(&new), SH(LONG LONG "/bin/python"));
}

/* The longest path counts, and its result is not replaced again. */
static void test_pairs_are_added_once(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_rewriting how = { 0 };

	(void)state;
	assert_true(cv_rewriting_add(&a, &how, "/a/env", "/a/env"));
	assert_int_equal(how.count, 0);
	assert_true(cv_rewriting_add(&a, &how, "/a", "/c"));
	assert_true(cv_rewriting_add(&a, &how, "/a/env", "/b"));
	assert_true(cv_rewriting_add(&a, &how, "/a", "/d"));
	assert_int_equal(how.count, 2);
	assert_string_equal(how.pairs[0].from, "/a");
	assert_string_equal(how.pairs[0].to, "/c");
	assert_string_equal(how.pairs[1].to, "/b");
}

static void test_several_pairs(void **state)
{
	static const struct text_case cases[] = {
		{ SCRIPT, "bin/x", "#!/a/env/bin/python\n", "#!/a/bin/python\n", 0 },
		{ SCRIPT, "bin/x", "#!/a/bin/python\n", "#!/c/bin/python\n", 0 },
		{ CFG, "pyvenv.cfg", "command = /x -m venv /a/env\n", "command = /x -m venv /a\n",
			0 },
	};
	static const struct cv_pair pairs[] = { { "/a", "/c" }, { "/a/env", "/a" } };
	struct cv_rewriting how = { .pairs = pairs, .count = 2, .env_dir = "/a", .bin = "bin" };

	(void)state;
	check_cases(&how, cases, COUNT(cases));
}

/* The name stays if bin has it. */
static void test_names_of_interpreters(void **state)
{
	static const struct {
		const char *old, *new;
	} cases[] = { { "python3", "python3" }, { "python3.11", "python" }, { "pypy3", "python" },
		{ "node", "node" }, { "python", "python" } };
	struct cv_pair pair = { "/a", "/b" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	how.interpreters = interpreters;
	how.interpreter_count = COUNT(interpreters);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf new OWN_BUF = { 0 };
		bool left;

		rewrite(&new, &how, SCRIPT, "bin/x",
			cv_str(cv_strfmt(&arena, "#!/a/bin/%s\n", cases[i].old)), &left);
		check_str(cv_buf_slice(&new), cv_strfmt(&arena, "#!/b/bin/%s\n", cases[i].new));
	}
}

static void test_relocatable_scripts(void **state)
{
	struct cv_pair pair = { "/a", "/b" };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf new OWN_BUF = { 0 }, expected OWN_BUF = { 0 };
	bool left;

	(void)state;
	how.beside = true;
	cv_script_shebang_beside(&expected, "python3");
	cv_buf_cstr(&expected, REST);
	rewrite(&new, &how, SCRIPT, "bin/x", CV_LIT("#!/a/bin/python3\n" REST), &left);
	check_str(cv_buf_slice(&new), expected.p);
	new.n = 0;
	assert_int_equal(rewrite(&new, &how, SCRIPT, "bin/x", cv_buf_slice(&expected), &left), 0);
}

static void test_cfg(void **state)
{
	static const struct text_case cases[] = {
		{ CFG, "pyvenv.cfg",
			"home = /usr/bin\r\ncommand = /usr/bin/python -m venv /a/env\r\n",
			"home = /usr/bin\r\ncommand = /usr/bin/python -m venv /b/my env\r\n", 0 },
		{ CFG, "pyvenv.cfg", " Command=x /a/env ", " Command=x /b/my env ", 0 },
		{ CFG, "pyvenv.cfg", "command = x /a/env2\n", NULL, 0 },
		{ CFG, "pyvenv.cfg", "command = /a/env\n", NULL, 1 },
		{ CFG, "pyvenv.cfg", "command = x /a/env y\n", NULL, 1 },
		{ CFG, "pyvenv.cfg", "home = /a/env\n", NULL, 1 },
		{ CFG, "pyvenv.cfg", "", NULL, 0 },
	};
	struct cv_pair pair = { "/a/env", "/b/my env" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	check_cases(&how, cases, COUNT(cases));
}

static void test_cfg_settings(void **state)
{
	static const struct cv_pair settings[] = { { "home", "/new" }, { "prompt", "'x'" } };
	struct cv_pair pair = { "/a/env", "/b" };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf new OWN_BUF = { 0 };
	bool left;

	(void)state;
	how.settings = settings;
	how.setting_count = COUNT(settings);
	rewrite(&new, &how, CFG, "pyvenv.cfg", CV_LIT("HOME=\r\nx = y"), &left);
	check_str(cv_buf_slice(&new), "HOME=/new\r\nx = y\r\nprompt = 'x'\r\n");
}

#define SITE "lib/python3.12/site-packages"

static char *row(struct cv_arena *a, const char *path, const char *data, const char *end)
{
	char hash[CV_SHA256_B64 + 1];

	cv_sha256_b64(data, strlen(data), hash);
	return cv_strfmt(a, "%s," CV_RECORD_SHA256 "%s,%zu%s", path, hash, strlen(data), end);
}

/* Hash and size change only if they were those of the old file. */
static void test_record(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	static const char *const files[][3] = {
		{ "bin/pip", "old", "newer" },
		{ "bin/pip3", "old3", "newer3" },
		{ "lib/pip", "old", "wrong" },
		{ "bin/a,b", "old", "newer" },
	};
	struct cv_rewritten done[COUNT(files)];
	struct cv_pair pair = { "/a/e", "/b" };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf old OWN_BUF = { 0 }, new OWN_BUF = { 0 }, expected OWN_BUF = { 0 };
	bool left = true;

	(void)state;
	how.done = done;
	how.done_count = COUNT(done);
	for (size_t i = 0; i < COUNT(files); i++)
		assert_true(cv_rewritten_set(
			&arena, files[i][0], cv_str(files[i][1]), cv_str(files[i][2]), &done[i]));
	cv_rewritten_sort(done, COUNT(done));
	for (int k = 0; k < 2; k++) {
		struct cv_buf *b = k ? &expected : &old;

		cv_buf_cstr(b, "\n\"quoted\".py,,\r\n");
		cv_buf_cstr(b, row(&arena, "../../../bin/pip", k ? "newer" : "old", "\n"));
		cv_buf_cstr(b, row(&arena, "../../../bin/pip3", "forged", "\r\n"));
		cv_buf_cstr(b, "../../../bin/pip,,\n../../../../../bin/pip,sha256=x,3\n");
		cv_buf_cstr(b, row(&arena, "\"../../../bin/a,b\"", k ? "newer" : "old", "\n"));
		cv_buf_cstr(b, row(&arena, k ? "/b/bin/pip" : "/a/e/bin/pip", k ? "newer" : "old",
				       "\r\n"));
		cv_buf_cstr(b, k ? "/b/x y,,\n" : "/a/e/x y,,\n");
		cv_buf_cstr(b, "/a2/x,,\nx.dist-info/RECORD,,");
	}
	assert_int_equal(
		rewrite(&new, &how, RECORD, SITE "/x.dist-info/RECORD", cv_buf_slice(&old), &left),
		1);
	check_str(cv_buf_slice(&new), expected.p);
	assert_false(left);
	/* one that cannot be read stays */
	assert_int_equal(rewrite(&new, &how, RECORD, SITE "/x.dist-info/RECORD",
				 CV_LIT("/a/e/x,,\n\"x"), &left),
		0);
	assert_true(left);
}

/*
 * A forged RECORD: each row costs a search, however many files have the same last component. If it
 * cost a comparison with each of them, the test runner would stop this test.
 */
static void test_record_of_many(void **state)
{
	enum { FILES = 20000, ROWS = 100000 };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_rewritten *done = cv_new(&arena, struct cv_rewritten, FILES);
	struct cv_pair pair = { "/a/e", "/b" };
	struct cv_rewriting how = from_to(&pair);
	struct cv_buf old OWN_BUF = { 0 }, new OWN_BUF = { 0 };
	bool left;

	(void)state;
	assert_non_null(done);
	how.done = done;
	how.done_count = FILES;
	for (size_t i = 0; i < FILES; i++)
		assert_true(cv_rewritten_set(&arena,
			cv_strfmt(&arena, SITE "/%zu.dist-info/direct_url.json", i), CV_LIT("old"),
			CV_LIT("new"), &done[i]));
	cv_rewritten_sort(done, FILES);
	for (size_t i = 0; i < ROWS; i++)
		cv_buf_addf(&old, "%zu/direct_url.json,,\n", i);
	cv_buf_cstr(&old, row(&arena, "19999.dist-info/direct_url.json", "old", "\n"));
	assert_int_equal(
		rewrite(&new, &how, RECORD, SITE "/x.dist-info/RECORD", cv_buf_slice(&old), &left),
		1);
	assert_true(cv_str_ends(cv_buf_slice(&new),
		cv_str(row(&arena, "19999.dist-info/direct_url.json", "new", "\n"))));
}

static void test_project_texts(void **state)
{
	static const struct text_case cases[] = {
		{ PTH, SITE "/x.pth", "/a/p/src", "/b/p/src", 0 },
		{ PTH, SITE "/x.pth", "\xef\xbb\xbf/a/p\r\n./x\n/a/p/s  \n# /x\n/a/p2\n\n",
			"\xef\xbb\xbf/b/p\r\n./x\n/b/p/s  \n# /x\n/a/p2\n\n", 0 },
		{ PTH, SITE "/x.pth", "import sys; sys.path.append('/a/p')\n", NULL, 1 },
		{ PTH, SITE "/x.pth", "/a/p/../q\n", NULL, 1 },
		{ PTH, SITE "/x.pth", "/a/p//q/\n", "/b/p//q/\n", 0 },
		{ PTH, SITE "/x.pth", "", NULL, 0 },
		{ EGG_LINK, SITE "/x.egg-link", "/a/p\n.", "/b/p\n.", 0 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json",
			"{\"dir_info\": {\"editable\": true}, \"url\": \"file:///a/p/x%20y\"}",
			"{\"dir_info\": {\"editable\": true}, \"url\": \"file:///b/p/x%20y\"}", 0 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json", "{\"url\": \"file:///a/p\"}",
			"{\"url\": \"file:///b/p\"}", 0 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json", "{\"url\": \"file:///%61/p#x\"}",
			NULL, 0 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json", "{\"url\": \"https://x/a/p\"}",
			NULL, 1 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json", "{\"url\": \"file:///a/p%00\"}",
			NULL, 0 },
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json", "{\"url\": \"file://\"}", NULL,
			0 },
		{ FINDER, SITE "/__editable___x_1_finder.py",
			"MAPPING: dict[str, str] = {'x': '/a/p/x', 'y': \"/a/p\"}\n",
			"MAPPING: dict[str, str] = {'x': '/b/p/x', 'y': \"/b/p\"}\n", 0 },
		{ FINDER, SITE "/_x_editable_loader.py", "x('/a/p2', '/a/pp', r'/a/p')\n", NULL,
			1 },
		{ FINDER, SITE "/_x_editable_loader.py", "x('/a/p', 'not closed\n", NULL, 1 },
		{ KERNEL, "share/jupyter/kernels/x/kernel.json",
			"{\"argv\": [\"/a/p/bin/python3\", \"-m\"]}",
			"{\"argv\": [\"/b/p/bin/python3\", \"-m\"]}", 0 },
		{ KERNEL, "share/jupyter/kernels/x/kernel.json", "{\"argv\": [\"python\"]}", NULL,
			0 },
		{ SCRIPT, "bin/x",
			"#!/x\n# EASY-INSTALL-DEV-SCRIPT: 'x'\n__file__ = '/a/p/x'\nopen\n", NULL,
			1 },
		{ SCRIPT, "bin/x",
			"#!/a/p/bin/python\n# EASY-INSTALL-DEV-SCRIPT: 'x'\n__file__ = "
			"'/a/p/x'\nopen\n",
			"#!/b/p/bin/python\n# EASY-INSTALL-DEV-SCRIPT: 'x'\n__file__ = "
			"'/b/p/x'\nopen\n",
			0 },
	};
	struct cv_pair pair = { "/a/p", "/b/p" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	check_cases(&how, cases, COUNT(cases));
}

/* What must be escaped is. */
static void test_escapes(void **state)
{
	static const struct text_case cases[] = {
		{ DIRECT_URL, SITE "/x.dist-info/direct_url.json",
			"{\"url\": \"file:///a%20b/x%C3%A4\"}",
			"{\"url\": \"file:///c%27%5C%C3%A4%FF%22/x%C3%A4\"}", 0 },
		{ FINDER, SITE "/_x_editable.py", "'/a b/x'", "'/c\\'\\\\\xc3\xa4\\udcff\"/x'", 0 },
		{ KERNEL, "share/jupyter/kernels/x/kernel.json", "{\"argv\": [\"/a b/x\"]}",
			"{\"argv\": [\"/c'\\\\\xc3\xa4\\udcff\\\"/x\"]}", 0 },
	};
	struct cv_pair pair = { "/a b", "/c'\\\xc3\xa4\xff\"" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	check_cases(&how, cases, COUNT(cases));
}

/* The line before the archive, as both forms of its end; the rest is the same. */
static void test_launchers(void **state)
{
	static const struct {
		const char *old, *new;
	} pairs[] = { { "C:\\a", "C:\\b" }, { "C:\\a", "C:\\b c" }, { "C:\\a c", "C:\\b c" } };
	const struct cv_script script = { CV_LIT("x"), CV_LIT("m"), CV_LIT("main") };
	struct cv_buf cut OWN_BUF = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(pairs) * 2; i++) {
		struct cv_launcher launcher = { CV_LIT("MZ\0#!\n"),
			i % 2 ? CV_LIT("24.0") : CV_LIT("25.0") };
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf old OWN_BUF = { 0 }, new OWN_BUF = { 0 }, expected OWN_BUF = { 0 };
		struct cv_pair pair = { pairs[i / 2].old, pairs[i / 2].new };
		struct cv_rewriting how = from_to(&pair);
		const char *name = CV_WINDOWS ? "\\Scripts\\python.exe" : "/Scripts/python.exe";
		bool left;

		how.bin = "Scripts";
		cv_launcher_text(
			&old, &launcher, cv_strfmt(&arena, "%s%s", pair.from, name), &script);
		cv_launcher_text(
			&expected, &launcher, cv_strfmt(&arena, "%s%s", pair.to, name), &script);
		assert_int_equal(
			rewrite(&new, &how, LAUNCHER, "Scripts/x.exe", cv_buf_slice(&old), &left),
			1);
		assert_true(cv_str_eq(cv_buf_slice(&new), cv_buf_slice(&expected)));
		assert_false(left);
		/* any part of it is none */
		for (size_t n = 0; n < old.n; n++) {
			cut.n = 0;
			cv_buf_add(&cut, old.p, n);
			assert_int_equal(rewrite(&new, &how, LAUNCHER, "Scripts/x.exe",
						 cv_buf_slice(&cut), &left),
				0);
		}
	}
}

static void test_kinds(void **state)
{
	static const struct {
		const char *path;
		enum cv_text_kind kind;
	} cases[] = {
		{ "pyvenv.cfg", CV_TEXT_CFG },
		{ "bin/pyvenv.cfg", CV_TEXT_SCRIPT },
		{ "bin/pip", CV_TEXT_SCRIPT },
		{ "bin/activate", CV_TEXT_ACTIVATION },
		{ "bin/activate.ps1", CV_TEXT_ACTIVATION },
		{ "bin/Activate.ps1", CV_TEXT_ACTIVATION },
		{ "bin/deactivate.csh", CV_TEXT_ACTIVATION },
		{ "bin/activated", CV_TEXT_SCRIPT },
		{ "bin/x.exe", CV_TEXT_LAUNCHER },
		{ "bin/x/y", CV_TEXT_NONE },
		{ SITE "/x.pth", CV_TEXT_PTH },
		{ SITE "/x/x.pth", CV_TEXT_NONE },
		{ SITE "/x.egg-link", CV_TEXT_EGG_LINK },
		{ SITE "/__editable___x_1_0_finder.py", CV_TEXT_FINDER },
		{ SITE "/_x_editable.py", CV_TEXT_FINDER },
		{ SITE "/_x_editable_loader.py", CV_TEXT_FINDER },
		{ SITE "/_editable_impl_x.py", CV_TEXT_FINDER },
		{ SITE "/x.py", CV_TEXT_NONE },
		{ SITE "/x.dist-info/RECORD", CV_TEXT_RECORD },
		{ SITE "/x.dist-info/direct_url.json", CV_TEXT_DIRECT_URL },
		{ SITE "/x.dist-info/METADATA", CV_TEXT_NONE },
		{ "share/jupyter/kernels/python3/kernel.json", CV_TEXT_KERNEL_JSON },
		{ "share/kernel.json", CV_TEXT_NONE },
		{ "", CV_TEXT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cv_text_kind_of(cases[i].path, "bin") != cases[i].kind)
			fail_msg("%s", cases[i].path);
	}
}

/* A part of the new path is no old one. */
static void test_mentions(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} cases[] = {
		{ "x /a/env/bin", true },
		{ "/a/env", true },
		{ "/a/env2", false },
		{ "/a/env.bak", false },
		{ "/a/env/sub", false },
		{ "/a/env/sub/x", false },
		{ "/a/env/su", true },
		{ "/a/env/sub /a/env", true },
	};
	struct cv_pair pair = { "/a/env", "/a/env/sub" }, middle = { "/env", "/my/env" };
	struct cv_rewriting how = from_to(&pair);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cv_rewrite_mentions(&how, cv_str(cases[i].text)) != cases[i].found)
			fail_msg("%s", cases[i].text);
	}
	assert_true(cv_rewrite_mentions(&how, CV_LIT("\0/a/env\0")));
	how = from_to(&middle);
	assert_false(cv_rewrite_mentions(&how, CV_LIT("/my/env/x")));
	assert_true(cv_rewrite_mentions(&how, CV_LIT("/my/env/x:/env")));
	assert_false(cv_rewrite_mentions(&how, (struct cv_str){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_scripts_with_spaces),
		cmocka_unit_test(test_script_needs_sh),
		cmocka_unit_test(test_pairs_are_added_once),
		cmocka_unit_test(test_several_pairs),
		cmocka_unit_test(test_names_of_interpreters),
		cmocka_unit_test(test_relocatable_scripts),
		cmocka_unit_test(test_cfg),
		cmocka_unit_test(test_cfg_settings),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_of_many),
		cmocka_unit_test(test_project_texts),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_launchers),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_mentions),
	};

	return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}
