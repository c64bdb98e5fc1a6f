/* SPDX-License-Identifier: MIT */
/*
 * Says what a parser made of each input, for oracle.py, which asks Python the same:
 *
 *	tell NAME < inputs
 *
 * An input is its length, four bytes in the machine's order, and its bytes. An answer is
 * the number of its strings, then each in that form; a refusal is no string at all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/toml.h"
#include "cli/options.h"
#include "create/redirect.h"
#include "env/pyvenv_cfg.h"
#include "env/quote.h"
#include "env/rewrite.h"
#include "interpreter/spec.h"
#include "wheel/first_line.h"
#include "wheel/json_edit.h"
#include "wheel/launcher.h"
#include "wheel/python_edit.h"
#include "wheel/record.h"
#include "wheel/scripts.h"
#include "wheel/version.h"
#include "wheel/zip.h"

#include "written.h"

#ifndef CV_PATHS_CWD
#define CV_PATHS_CWD "/cwd/of it"
#endif

enum { INPUT_MAX = 64 << 20, PARTS_MAX = 8192 }; /* more than a fuzzer's input has lines */

struct answer {
	struct cv_buf strings;
	uint32_t count;
};

static struct cvenv_error err;

static void say(struct answer *to, struct cv_str s)
{
	uint32_t n = (uint32_t)s.n;

	cv_buf_add(&to->strings, &n, sizeof(n));
	cv_buf_str(&to->strings, s);
	to->count++;
}

static void say_number(struct answer *to, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	say(to, cv_str(text));
}

/* Each entry: its name as the archive spells it, and the hash of its content or "bad". */
static void tell_zip(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_zip zip;

	if (cv_zip_open(a, text, &zip, &err) < 0)
		return;
	say(to, CV_LIT("ok"));
	for (size_t i = 0; i < zip.count; i++) {
		const struct cv_zip_entry *e = &zip.entries[i];
		OWN_MEM char *out = malloc((size_t)e->size + 1);
		char sum[CV_SHA256_HEX + 1] = "bad";

		if (out && cv_zip_read(&zip, e, out, &err) == 0)
			cv_sha256_hex(out, (size_t)e->size, sum);
		say(to, e->name);
		say(to, e->dir ? CV_LIT("/") : CV_LIT(""));
		say(to, cv_str(sum));
	}
	cv_zip_close(&zip);
}

static void tell_record(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_record_row *rows;
	size_t count;

	if (cv_record_parse(a, text, &rows, &count, &err) < 0)
		return;
	say(to, CV_LIT("ok"));
	for (size_t i = 0; i < count; i++) {
		say(to, rows[i].path);
		say(to, rows[i].hash);
		say(to, rows[i].size);
	}
}

static void tell_scripts(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_script *scripts;
	size_t count;

	if (cv_scripts_parse(a, text, &scripts, &count, &err) < 0)
		return;
	say(to, CV_LIT("ok"));
	for (size_t i = 0; i < count; i++) {
		say(to, scripts[i].name);
		say(to, scripts[i].module);
		say(to, scripts[i].attr);
	}
}

/* A letter for its type. */
static void say_scalar(struct answer *to, const struct cv_toml *v)
{
	char text[40];

	switch (v->type) {
	case CV_TOML_INTEGER:
		say(to, CV_LIT("i"));
		say_number(to, v->integer);
		return;
	case CV_TOML_FLOAT:
		(void)snprintf(text, sizeof(text), "%a", v->real);
		say(to, CV_LIT("f"));
		say(to, cv_str(text));
		return;
	case CV_TOML_BOOLEAN:
		say(to, CV_LIT("b"));
		say_number(to, v->boolean);
		return;
	default:
		say(to, v->type == CV_TOML_STRING ? CV_LIT("s") : CV_LIT("t"));
		say(to, v->text);
	}
}

/* Each value: its line, its key if it is in a table, and what it is; "]" ends a table or array. */
static void tell_toml(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_toml *root;

	if (cv_toml_parse(a, "file", text, &root, &err) < 0)
		return;
	for (const struct cv_toml *v = root; v;) {
		say_number(to, v->line);
		if (v->parent && v->parent->type == CV_TOML_TABLE)
			say(to, v->key);
		if (v->type < CV_TOML_ARRAY)
			say_scalar(to, v);
		else
			say(to, v->type == CV_TOML_TABLE ? CV_LIT("{") : CV_LIT("["));
		if (v->type >= CV_TOML_ARRAY && v->child) {
			v = v->child;
			continue;
		}
		if (v->type >= CV_TOML_ARRAY)
			say(to, CV_LIT("]"));
		while (v && !v->next) {
			v = v->parent;
			say(to, CV_LIT("]"));
		}
		v = v ? v->next : NULL;
	}
}

/* Parts between NULs, each NUL-terminated. */
static size_t cut_parts(struct cv_arena *a, struct cv_str text, char *parts[PARTS_MAX])
{
	struct cv_str part;
	size_t n = 0;

	while (n < PARTS_MAX && cv_str_cut(&text, '\0', &part))
		parts[n++] = cv_strdup(a, part);
	return n;
}

/* NAME.exe for: Python, the version of pip, and MODULE:ATTR of the script. */
static void tell_launcher(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_launcher launcher = { .program = CV_LIT("a launcher\0\xff") };
	struct cv_script script;
	char *parts[PARTS_MAX];
	struct cv_buf b OWN_BUF = { 0 };

	if (cut_parts(a, text, parts) != 3)
		return;
	launcher.pip = cv_str(parts[1]);
	script.attr = cv_str(parts[2]);
	(void)cv_str_cut(&script.attr, ':', &script.module);
	cv_launcher_text(&b, &launcher, parts[0], &script);
	say(to, cv_buf_slice(&b));
}

static void tell_pyvenv_cfg(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_existing said = { 0 };

	(void)a;
	cv_pyvenv_cfg_read(text, &said);
	say_number(to, said.system_site_packages);
	say_number(to, said.prompt.p != NULL);
	say(to, said.prompt);
	say(to, said.version);
}

/* The pyvenv.cfg for: home, executable, the name it was called by, ENV_DIR, prompt. */
static void tell_written(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	char *parts[PARTS_MAX];
	struct cv_buf b OWN_BUF = { 0 }, repr OWN_BUF = { 0 };

	if (cut_parts(a, text, parts) != 5)
		return;
	cv_repr(&repr, cv_str(parts[4]));
	struct written w = { parts[0], parts[1], parts[2], parts[3], parts[4], repr.p };

	if (write_example(&b, &w, &err) == 0)
		say(to, cv_buf_slice(&b));
}

static void tell_repr(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)a;
	cv_repr(&b, text);
	say(to, cv_buf_slice(&b));
}

static void tell_unrepr(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	say(to, cv_str(cv_repr_read(a, text)));
}

static void tell_quote(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)a;
	if (cv_quote_python(&b, text))
		say(to, cv_buf_slice(&b));
}

/* Two versions and a set of specifiers. */
static void tell_version(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_str x = { 0 }, y = { 0 };
	int order;

	(void)a;
	(void)cv_str_cut(&text, '\0', &x);
	(void)cv_str_cut(&text, '\0', &y);
	order = cv_version_cmp(x, y);
	say_number(to, cv_version_ok(x));
	say_number(to, cv_version_ok(y));
	say_number(to, (order > 0) - (order < 0));
	say_number(to, cv_version_in(text, x));
}

/* A request, and at its end a byte: which of these interpreters may fit. As in spec_oracle.py. */
static void tell_spec(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	static const struct cv_info all[] = {
		{ .version = "3.12.4", .minor = 12, .micro = 4, .pre = "", .bits64 = true },
		{ .version = "3.13.0",
			.minor = 13,
			.pre = "",
			.free_threaded = true,
			.bits64 = true },
		{ .version = "3.12.0", .minor = 12, .pre = "", .debug = true },
		{ .version = "3.15.0", .minor = 15, .pre = "b1", .bits64 = true },
		{ .version = "3.10.14", .minor = 10, .micro = 14, .pre = "", .bits64 = true },
	};
	size_t which =
		text.n ? (unsigned char)text.p[text.n - 1] % (sizeof(all) / sizeof(all[0])) : 0;
	struct cv_info info = all[which];
	struct cv_pyspec s;

	text.n -= text.n > 0;
	if (text.n && memchr(text.p, '\0', text.n))
		return;
	info.major = 3;
	info.implementation = which == 4 ? "pypy" : "cpython";
	cv_pyspec_parse(cv_strdup(a, text), &s);
	/* the platform is none of this test's questions */
	info.platform = "";
	say_number(to, s.kind);
	if (s.kind == CV_PYSPEC_REQUEST) {
		struct cv_pyspec anywhere = s;

		anywhere.system = anywhere.machine = anywhere.libc = (struct cv_str){ 0 };
		say_number(to, cv_pyspec_fits_info(&anywhere, &info));
	} else {
		say_number(to, 0);
	}
	say(to, cv_str(s.implementation));
	say(to, s.specifiers);
	say(to, s.exact);
	say(to, s.machine);
	say_number(to, s.version.major);
	say_number(to, s.version.minor);
	say_number(to, s.version.micro);
	say_number(to, s.version.free_threaded);
	say_number(to, s.debug);
	say_number(to, s.version.bits);
}

static void tell_first_line(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_first_line line;

	if (cv_first_line_parse(a, text, &line) != 1)
		return;
	say_number(to, line.form);
	say(to, line.python);
	say(to, line.argument);
	say(to, line.word);
}

static void tell_json_edit(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_json_string found;

	if (cv_json_find(a, text, "url", CV_JSON_VALUE, &found) != 1)
		return;
	say(to, found.raw);
	say(to, found.value);
}

/* Each literal: "v" and its value, or nothing if it has none. */
static void tell_python_edit(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_python_reader reader = { text };
	struct cv_python_literal literal;

	say(to, CV_LIT("ok"));
	while (cv_python_next(a, &reader, &literal) > 0)
		say(to, literal.value.p ? cv_str(cv_strfmt(a, "v%.*s", CV_ARG(literal.value)))
					: CV_LIT(""));
}

/* A path in the environment, its directory before and after, and the file. */
static void tell_rewrite(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_rewriting how = { .count = 1, .bin = CV_WINDOWS ? "Scripts" : "bin" };
	struct cv_str parts[3];
	struct cv_pair pair;
	struct cv_buf new OWN_BUF = { 0 };
	const char *path;
	bool left = false;
	int rc;

	for (size_t i = 0; i < 3; i++) {
		if (!cv_str_cut(&text, '\0', &parts[i]) || !parts[i].n || !text.p)
			return;
	}
	path = cv_strdup(a, parts[0]);
	pair = (struct cv_pair){ cv_strdup(a, parts[1]), cv_strdup(a, parts[2]) };
	how.pairs = &pair;
	how.env_dir = pair.to;
	how.activate.env_dir = pair.to;
	how.activate.prompt = cv_path_base(pair.to);
	how.activate.bin = how.bin;
	how.activate.windows = CV_WINDOWS;
	how.named = true;
	rc = cv_rewrite(&new, &how, cv_text_kind_of(path, how.bin), path, text, &left, &err);
	say_number(to, rc);
	say(to, rc ? cv_buf_slice(&new) : text);
	say_number(to, left);
}

static void tell_redirect(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	struct cv_str name;

	(void)a;
	if (!cv_redirect_parse(text, &name))
		say(to, name);
}

static void tell_path(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	const struct cv_ctx ctx = { .cwd = CV_PATHS_CWD };
	char *path = cv_strdup(a, text);

	say(to, cv_str(cv_path_abs(a, &ctx, path)));
	say(to, cv_str(cv_path_base(path)));
}

static void tell_options(struct answer *to, struct cv_arena *a, struct cv_str text)
{
	char *argv[PARTS_MAX + 1];
	struct cv_options o;
	const struct cvenv_options *r = &o.library;
	int argc = (int)cut_parts(a, text, argv);

	argv[argc] = NULL;
	if (cv_options_parse(argc, argv, NULL, &o, &err) < 0)
		return;
	if (o.help) {
		say(to, CV_LIT("help"));
		return;
	}
	const bool flags[] = { r->system_site_packages, r->clear, !r->copies, r->upgrade,
		!r->without_pip, r->upgrade_deps, !r->without_scm_ignore_files };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		say_number(to, flags[i]);
	say_number(to, r->prompt != NULL);
	say(to, cv_str(r->prompt));
	for (size_t i = 0; i < o.env_dir_count; i++)
		say(to, cv_str(o.env_dirs[i]));
}

static const struct {
	const char *name;
	void (*tell)(struct answer *to, struct cv_arena *a, struct cv_str text);
} subjects[] = {
	{ "zip", tell_zip },
	{ "record", tell_record },
	{ "scripts", tell_scripts },
	{ "launcher", tell_launcher },
	{ "pyvenv_cfg", tell_pyvenv_cfg },
	{ "written", tell_written },
	{ "repr", tell_repr },
	{ "unrepr", tell_unrepr },
	{ "quote", tell_quote },
	{ "version", tell_version },
	{ "spec", tell_spec },
	{ "toml", tell_toml },
	{ "path", tell_path },
	{ "redirect", tell_redirect },
	{ "first_line", tell_first_line },
	{ "json_edit", tell_json_edit },
	{ "python_edit", tell_python_edit },
	{ "rewrite", tell_rewrite },
	{ "options", tell_options },
};

int main(int argc, char **argv)
{
	uint32_t n;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]) && argc == 2; i++) {
		if (strcmp(subjects[i].name, argv[1]) != 0)
			continue;
		while (fread(&n, sizeof(n), 1, stdin) == 1 && n <= INPUT_MAX) {
			struct cv_arena arena OWN_ARENA = { 0 };
			OWN_MEM char *text = malloc(n ? n : 1); /* so that a byte too far is seen */
			struct answer to = { 0 };

			if (!text || fread(text, 1, n, stdin) != n)
				return 1;
			subjects[i].tell(&to, &arena, (struct cv_str){ text, n });
			(void)fwrite(&to.count, sizeof(to.count), 1, stdout);
			(void)fwrite(to.strings.n ? to.strings.p : "", 1, to.strings.n, stdout);
			cv_buf_done(&to.strings);
		}
		return ferror(stdin) || fflush(stdout) != 0;
	}
	(void)fprintf(stderr, "usage: tell SUBJECT < inputs\n");
	return 2;
}
