/* SPDX-License-Identifier: MIT */
#include "wheel/first_line.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "wheel/scripts.h"

#define SH "#!/bin/sh\n"
#define SH_EXEC SH "'''exec' "
#define SH_BESIDE SH "''':'\n"
#define SH_END "\n' '''\n"
#define SH_ARGUMENTS "\"$0\" \"$@\""

/* A reader of one word of sh. */
struct word {
	const char *p, *end;
	char *out; /* the value so far */
	size_t n;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Every sh takes such a character of an unquoted word as it is. */
static bool is_bare(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("/._-+,@%:=", c));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool starts(const struct word *w, struct cv_str s)
{
	return (size_t)(w->end - w->p) >= s.n && memcmp(w->p, s.p, s.n) == 0;
}

/* After $(printf ': bytes as \ooo. $(...) drops newlines at its end, and no path has a NUL. */
static bool take_octal(struct word *w)
{
	for (; starts(w, CV_LIT("\\")); w->p += 4) {
		unsigned value = 0;

		if (w->end - w->p < 4)
			return false;
		for (int i = 1; i <= 3; i++) {
			if (w->p[i] < '0' || w->p[i] > '7')
				return false;
			value = value * 8 + (unsigned)(w->p[i] - '0');
		}
		if (value == 0 || value == '\n' || value > 0xff)
			return false;
		w->out[w->n++] = (char)value;
	}
	return true;
}

/* The rest of "...", after the first quote. */
static bool take_double(struct word *w)
{
	const struct cv_str printf_start = CV_LIT("$(printf '"), printf_end = CV_LIT("')");

	for (; w->p < w->end && *w->p != '"'; w->p++) {
		if (starts(w, printf_start)) {
			w->p += printf_start.n;
			if (!take_octal(w) || !starts(w, printf_end))
				return false;
			w->p += printf_end.n - 1;
			continue;
		}
		if (*w->p == '$' || *w->p == '`' || *w->p == '\0')
			return false;
		if (*w->p == '\\' && w->end - w->p > 1 && strchr("$`\"\\\n", w->p[1])) {
			w->p++;
			if (*w->p == '\n' || *w->p == '\0')
				return false;
		}
		w->out[w->n++] = *w->p;
	}
	return w->p++ < w->end;
}

/* The rest of '...', after the first quote. */
static bool take_single(struct word *w)
{
	for (; w->p < w->end && *w->p != '\''; w->p++) {
		if (*w->p == '\0')
			return false;
		w->out[w->n++] = *w->p;
	}
	return w->p++ < w->end;
}

static bool take_word(struct word *w)
{
	while (w->p < w->end && !is_blank(*w->p)) {
		char c = *w->p++;

		if (c == '"' || c == '\'') {
			if (!(c == '"' ? take_double(w) : take_single(w)))
				return false;
			continue;
		}
		if (c == '\\') {
			if (w->p == w->end || *w->p == '\n' || *w->p == '\0')
				return false;
			c = *w->p++;
		} else if (!is_bare(c)) {
			return false;
		}
		w->out[w->n++] = c;
	}
	return true;
}

/* What follows the word: perhaps one argument, then SH_ARGUMENTS and SH_END. */
static bool take_end(struct word *w, struct cv_str *ret_argument)
{
	const struct cv_str tail = CV_LIT(" " SH_ARGUMENTS SH_END);
	const char *start;

	*ret_argument = (struct cv_str){ 0 };
	if (starts(w, tail)) {
		w->p += tail.n;
		return true;
	}
	if (w->p == w->end)
		return false;
	start = ++w->p;
	while (w->p < w->end && is_bare(*w->p))
		w->p++;
	*ret_argument = (struct cv_str){ start, (size_t)(w->p - start) };
	if (!ret_argument->n || !starts(w, tail))
		return false;
	w->p += tail.n;
	return true;
}

/* TEXT from START on: a word of sh and what must follow it. */
static int parse_sh(struct cv_arena *a, struct cv_str text, size_t start, struct cv_first_line *ret)
{
	struct word w = { text.p + start, text.p + text.n, NULL, 0 };

	w.out = cv_new(a, char, text.n - start + 1);
	if (!w.out)
		return -ENOMEM;
	if (!take_word(&w))
		return 0;
	ret->python = (struct cv_str){ w.out, w.n };
	ret->word = (struct cv_str){ text.p + start, (size_t)(w.p - text.p) - start };
	if (!take_end(&w, &ret->argument))
		return 0;
	ret->end = (size_t)(w.p - text.p);
	return w.n && (w.out[0] == '/') == (ret->form == CV_FIRST_LINE_SH);
}

/* Where the name begins in cvenv's code that finds the interpreter; 0 if it is not that code. */
static int beside_start(struct cv_str text, size_t *ret)
{
	struct cv_buf code OWN_BUF = { 0 };

	cv_script_shebang_beside(&code, "");
	if (code.bad)
		return -ENOMEM;
	code.n -= sizeof(" " SH_ARGUMENTS SH_END) - 1;
	*ret = cv_str_starts(text, cv_buf_slice(&code)) ? code.n : 0;
	return 0;
}

/* uv's, the newest first. */
static const char *const finders[] = {
	"\"$(dirname -- \"$(realpath -- \"$0\")\")\"/",
	"\"$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && echo \"$PWD\")\"/",
	"\"$(dirname \"$0\")\"/",
};

/* A script for both sh and Python. */
static int parse_both(struct cv_arena *a, struct cv_str text, struct cv_first_line *ret)
{
	struct cv_str rest = { text.p + sizeof(SH_EXEC) - 1, text.n - (sizeof(SH_EXEC) - 1) };
	size_t start;
	int rc;

	ret->form = CV_FIRST_LINE_BESIDE;
	if (cv_str_starts(text, CV_LIT(SH_BESIDE))) {
		rc = beside_start(text, &start);
		return rc < 0 || !start ? rc : parse_sh(a, text, start, ret);
	}
	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
		struct cv_str finder = cv_str(finders[i]);

		if (cv_str_starts(rest, finder))
			return parse_sh(a, text, sizeof(SH_EXEC) - 1 + finder.n, ret);
	}
	ret->form = CV_FIRST_LINE_SH;
	return parse_sh(a, text, sizeof(SH_EXEC) - 1, ret);
}

/* "/x", or "C:\x" and "C:/x". */
static bool is_absolute(struct cv_str s)
{
	return (s.n && s.p[0] == '/') ||
	       (s.n > 2 && is_letter(s.p[0]) && s.p[1] == ':' && (s.p[2] == '\\' || s.p[2] == '/'));
}

static struct cv_str trim(struct cv_str s)
{
	while (s.n && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* LINE is what follows "#!". The kernel splits it once, at blanks. */
static bool parse_line(struct cv_str line, struct cv_first_line *ret)
{
	const char *quote = line.n && line.p[0] == '"' ? memchr(line.p + 1, '"', line.n - 1) : NULL;
	size_t n = 0;

	if (quote) {
		ret->form = CV_FIRST_LINE_QUOTED;
		ret->python = (struct cv_str){ line.p + 1, (size_t)(quote - line.p) - 1 };
		ret->word = (struct cv_str){ line.p, ret->python.n + 2 };
	} else {
		ret->form = CV_FIRST_LINE_PLAIN;
		while (n < line.n && !is_blank(line.p[n]))
			n++;
		ret->python = ret->word = (struct cv_str){ line.p, n };
	}
	ret->argument = (struct cv_str){ line.p + ret->word.n, line.n - ret->word.n };
	if (ret->argument.n && !is_blank(ret->argument.p[0]))
		return false;
	ret->argument = trim(ret->argument);
	return is_absolute(ret->python);
}

int cv_first_line_parse(struct cv_arena *a, struct cv_str text, struct cv_first_line *ret)
{
	bool whole = text.n < CV_FIRST_LINE_MAX;
	const char *newline;
	struct cv_str line;

	if (!whole)
		text.n = CV_FIRST_LINE_MAX;
	*ret = (struct cv_first_line){ 0 };
	if (cv_str_starts(text, CV_LIT(SH_EXEC)) || cv_str_starts(text, CV_LIT(SH_BESIDE)))
		return parse_both(a, text, ret);
	if (!cv_str_starts(text, CV_LIT("#!")))
		return 0;
	newline = memchr(text.p, '\n', text.n);
	if (!newline && !whole)
		return 0;
	line = (struct cv_str){ text.p + 2, (newline ? (size_t)(newline - text.p) : text.n) - 2 };
	ret->end = newline ? (size_t)(newline - text.p) + 1 : text.n;
	if (memchr(line.p, '\0', line.n))
		return 0;
	line = trim(line);
	/* Only programs of Windows take the CR for a part of the line end. */
	if (cv_str_ends(line, CV_LIT("\r")) && line.p[0] != '/')
		line.n--;
	return parse_line(line, ret);
}
