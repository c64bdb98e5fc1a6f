/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
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
	write_config(&arena, s);
	return 0;
}
