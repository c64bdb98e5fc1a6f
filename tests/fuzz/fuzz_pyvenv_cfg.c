/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/path.h"
#include "env/finished.h"
#include "env/pyvenv_cfg.h"

#include "written.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 5, KEYS = 6 };

static struct cvenv_error err;

/* The prompt is the one in the text, on one line, and reading it as a literal ends. */
static void read_config(struct cv_arena *a, struct cv_str text)
{
	struct cv_existing said = { 0 };

	cv_pyvenv_cfg_read(text, &said);
	if (said.prompt.n && (said.prompt.p < text.p || memchr(said.prompt.p, '\n', said.prompt.n)))
		abort();
	if (!cv_repr_read(a, said.prompt) || !cv_repr_read(a, text))
		abort();
}

static bool same_line(const struct cv_cfg_line *a, const struct cv_cfg_line *b)
{
	return cv_str_eq(a->whole, b->whole) && cv_str_eq(a->end, b->end);
}

/* A changed value is read back, and all other lines keep their bytes. */
static void change_config(struct cv_arena *a, struct cv_str text)
{
	struct cv_buf same OWN_BUF = { 0 }, changed OWN_BUF = { 0 };
	struct cv_cfg before, now, after;

	if (cv_cfg_parse(a, text, &before, &err) < 0)
		return;
	now = before;
	cv_cfg_text(&same, &before);
	if (!cv_str_eq(cv_buf_slice(&same), text))
		abort();
	now.lines = cv_new(a, struct cv_cfg_line, before.room + 1);
	for (size_t i = 0; i < before.count; i++)
		now.lines[i] = before.lines[i];
	if (cv_cfg_set(a, &now, "home", CV_LIT("/a = b"), &err) < 0)
		abort();
	cv_cfg_text(&changed, &now);
	if (changed.n > CV_CFG_MAX || now.count > CV_CFG_LINES_MAX)
		return;
	if (cv_cfg_parse(a, cv_buf_slice(&changed), &after, &err) < 0 || after.count != now.count ||
		!cv_str_eq(cv_cfg_value(&after, "home"), CV_LIT("/a = b")))
		abort();
	for (size_t i = 0; i + 1 < before.count; i++)
		if (!cv_cfg_is(&before.lines[i], "home") &&
			!same_line(&before.lines[i], &after.lines[i]))
			abort();
}

/* What follows from it and from names; nothing is outside of TEXT. */
static void interpret(struct cv_arena *a, struct cv_str text)
{
	const char *name = cv_strdup(a, text), *dir, *implementation;
	struct cv_str version;
	struct cv_found found;
	struct cv_cfg cfg;
	bool bad = false;

	if (cv_cfg_parse(a, text, &cfg, &err) == 0) {
		dir = cv_cfg_command_dir(a, &cfg, &bad);
		version = cv_cfg_version(&cfg);
		if (bad || (dir && !cv_path_is_abs(dir)) ||
			(version.n && (version.p < text.p || version.p[0] < '0')))
			abort();
		(void)cv_maker_version(&cfg);
	}
	(void)cv_is_interpreter_name(name);
	(void)cv_is_activation_name(name);
	if (cv_lib_name(name, &implementation, &version) && !version.n)
		abort();
	if (cv_found_of(name, &found) && (!found.name.n || found.name.n >= strlen(name)))
		abort();
}

/* Whatever the names are: the lines that are meant, no more and no other ones. */
static void check_lines(struct cv_str text, const char *prompt)
{
	static const char *const keys[KEYS] = { "home", "include-system-site-packages", "version",
		"prompt", "executable", "command" };
	struct cv_str line, key;
	size_t n = 0;

	if (memchr(text.p, '\r', text.n) || !cv_utf8_ok(text))
		abort();
	while (cv_str_cut(&text, '\n', &line) && line.n) {
		if (n == 3 && !prompt)
			n++;
		(void)cv_str_cut(&line, ' ', &key);
		if (!cv_str_starts(line, CV_LIT("= ")) ||
			!cv_str_eq(key, cv_str(n < KEYS ? keys[n] : "cvenv")))
			abort();
		n++;
	}
	if (n != KEYS + 1)
		abort();
}

static void write_config(struct cv_arena *a, struct cv_str text)
{
	const char *parts[PARTS] = { "/usr/bin", "/usr/bin/python3", "/usr/bin/python3", "/env" };
	struct cv_buf b OWN_BUF = { 0 }, repr OWN_BUF = { 0 };
	struct cv_str part;

	for (size_t i = 0; i < PARTS && cv_str_cut(&text, '\xff', &part); i++)
		parts[i] = cv_strdup(a, part);
	if (parts[4])
		cv_repr(&repr, cv_str(parts[4]));
	if (repr.p && cv_utf8_ok(cv_str(parts[4])) &&
		strcmp(cv_repr_read(a, cv_buf_slice(&repr)), parts[4]) != 0)
		abort();
	struct written w = { parts[0], parts[1], parts[2], parts[3], parts[4], repr.p };

	if (write_example(&b, &w, &err) == 0)
		check_lines(cv_buf_slice(&b), parts[4]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_str s = { (const char *)data, size };

	read_config(&arena, s);
	change_config(&arena, s);
	interpret(&arena, s);
	write_config(&arena, s);
	return 0;
}
