/* SPDX-License-Identifier: MIT */
#include "env/unquote.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"

/* The grammar of quotes in one language, as far as constant words need it. */
static const struct grammar {
	const char *in_single; /* what a backslash escapes in '...'; NULL: it is ordinary */
	const char *in_double; /* the same in "..." */
	const char *special;   /* what ends or expands in "...", beside '"' */
	bool words;            /* parts beside each other are one word; else only one literal */
	bool lines;            /* a quoted part may contain a newline */
	bool doubles;          /* a doubled quote in '...' is a quote */
} grammars[] = {
	[CV_UNQUOTE_POSIX] = { NULL, "$`\"\\\n", "$`\\", true, true, false },
	[CV_UNQUOTE_CSH] = { NULL, NULL, "$`!\n", true, false, false },
	[CV_UNQUOTE_FISH] = { "'\\", "\"$\\\n", "$\\", true, true, false },
	[CV_UNQUOTE_POWERSHELL] = { NULL, NULL, "$`", false, true, true },
	[CV_UNQUOTE_NUSHELL] = { NULL, "\"\\", "\\", false, true, false },
	[CV_UNQUOTE_PYTHON] = { "'\"\\", "'\"\\", "\\", false, false, false },
	[CV_UNQUOTE_BATCH] = { NULL, NULL, "%", false, false, false },
};

struct word {
	enum cv_unquote language;
	struct cv_str text;
	size_t at;
	struct cv_buf *value;
	unsigned singles, doubles, bare; /* parts of each kind */
	bool other;
};

static bool has(const char *set, char c)
{
	return set && c && strchr(set, c) != NULL;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH of Python, and the one-letter escapes that it shares with Nushell. At the letter. */
static bool add_escape(struct word *w, char c)
{
	static const char letters[] = "abfnrtv0", meaning[] = "\a\b\f\n\r\t\v";
	const char *p = w->text.p + w->at;
	const char *letter = c && c != '0' ? strchr(letters, c) : NULL;

	if (letter) {
		cv_buf_char(w->value, meaning[letter - letters]);
		w->at++;
		return true;
	}
	if (w->language == CV_UNQUOTE_PYTHON && c == 'x' && w->text.n - w->at >= 3 &&
		hex(p[1]) >= 0 && hex(p[2]) >= 0) {
		cv_buf_char(w->value, (char)(hex(p[1]) * 16 + hex(p[2])));
		w->at += 3;
		return true;
	}
	if (w->language == CV_UNQUOTE_NUSHELL && c == 'u' && w->text.n - w->at >= 4 &&
		p[1] == '{') {
		int value = 0;
		size_t i = 2;

		while (w->at + i < w->text.n && i < 4 && hex(p[i]) >= 0)
			value = value * 16 + hex(p[i++]);
		if (w->at + i < w->text.n && p[i] == '}' && i > 2 && value < 0x80) {
			cv_buf_char(w->value, (char)value);
			w->at += i + 1;
			return true;
		}
	}
	return false;
}

/* After the backslash, which is not ordinary there. */
static void read_escape(struct word *w, const char *escapes)
{
	char c = w->at < w->text.n ? w->text.p[w->at] : 0;

	if (has(escapes, c)) {
		if (c != '\n')
			cv_buf_char(w->value, c);
		w->at++;
	} else if (w->language == CV_UNQUOTE_PYTHON || w->language == CV_UNQUOTE_NUSHELL) {
		if (!add_escape(w, c))
			w->other = true;
	} else {
		cv_buf_char(w->value, '\\');
	}
}

/* From behind the quote to behind the one that ends it. */
static void read_quoted(struct word *w, char quote)
{
	const struct grammar *g = &grammars[w->language];
	const char *escapes = quote == '"' ? g->in_double : g->in_single;

	for (; w->at < w->text.n;) {
		char c = w->text.p[w->at++];

		if (c == quote) {
			if (quote != '\'' || !g->doubles || w->at == w->text.n ||
				w->text.p[w->at] != quote)
				return;
			w->at++;
		}
		if (c == '\n' && !g->lines)
			break;
		if (c == '\\' && escapes) {
			/* who writes a backslash between double quotes has not escaped it */
			w->other |= quote == '"' && g->words;
			read_escape(w, escapes);
			continue;
		}
		if (quote == '"' && has(g->special, c))
			w->other = true;
		cv_buf_char(w->value, c);
	}
	w->other = true;
}

/* r'...' and r#'...'# of Nushell; at the 'r'. */
static bool read_raw(struct word *w)
{
	char end[12] = "'";
	struct cv_str rest;
	const char *found;
	size_t hashes = 0;

	w->at++;
	while (w->at < w->text.n && w->text.p[w->at] == '#' && hashes < sizeof(end) - 2) {
		end[++hashes] = '#';
		w->at++;
	}
	if (!hashes || w->at == w->text.n || w->text.p[w->at++] != '\'')
		return false;
	end[hashes + 1] = '\0';
	rest = (struct cv_str){ w->text.p + w->at, w->text.n - w->at };
	found = cv_str_find(rest, cv_str(end));
	if (!found)
		return false;
	cv_buf_add(w->value, rest.p, (size_t)(found - rest.p));
	w->at += (size_t)(found - rest.p) + hashes + 1;
	w->singles++;
	return true;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80 || has("_@%+=:,./-^", c);
}

/* Parts of a word of a shell; ends at a character that is no part of one. */
static void read_word(struct word *w)
{
	while (w->at < w->text.n && !w->other) {
		char c = w->text.p[w->at];

		if (c == '\'' || c == '"') {
			unsigned *parts = c == '"' ? &w->doubles : &w->singles;
			bool quote_only = c == '"' && w->text.n - w->at > 2 &&
					  w->text.p[w->at + 1] == '\'' &&
					  w->text.p[w->at + 2] == '"';

			w->at++;
			read_quoted(w, c);
			if (!quote_only) /* '"'"', a quote as shlex.quote() writes it */
				++*parts;
		} else if (c == '\\' && w->at + 1 < w->text.n && w->text.p[w->at + 1] != '\n') {
			cv_buf_char(w->value, w->text.p[w->at + 1]);
			w->at += 2;
			w->bare++;
		} else if (is_bare(c)) {
			cv_buf_char(w->value, c);
			w->at++;
			w->bare++;
		} else {
			w->other |= has("$`(", c);
			return;
		}
	}
}

/* One literal of a language whose literals do not join. */
static void read_literal(struct word *w)
{
	struct cv_str call = CV_LIT("os.fsdecode(b");
	bool called = w->language == CV_UNQUOTE_PYTHON && cv_str_starts(w->text, call);
	char c;

	if (called)
		w->at = call.n;
	c = w->at < w->text.n ? w->text.p[w->at] : 0;
	if (c == '\'' || c == '"') {
		w->at++;
		read_quoted(w, c);
		w->singles++; /* double quotes are as good as single ones, if they are escaped */
	} else if (w->language != CV_UNQUOTE_NUSHELL || c != 'r' || !read_raw(w)) {
		w->other = true;
	}
	if (called && !w->other) {
		w->other = w->at == w->text.n || w->text.p[w->at] != ')';
		w->at++;
	}
}

/* The rest of the line before AFTER. Without quotes, more characters are special to cmd. */
static void read_batch(struct word *w, struct cv_str after)
{
	struct cv_str line = { 0 }, rest = w->text;
	bool in_quotes = after.n > 0;

	(void)cv_str_cut(&rest, '\n', &line);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (!cv_str_ends(line, after)) {
		w->other = true;
		return;
	}
	line.n -= after.n;
	for (size_t i = 0; i < line.n; i++) {
		bool twice = line.p[i] == '%' && i + 1 < line.n && line.p[i + 1] == '%';

		i += twice;
		w->other |= !twice && has(in_quotes ? "%\"" : "%\"&|<>^!", line.p[i]);
		cv_buf_char(w->value, line.p[i]);
	}
	w->at = line.n;
	w->doubles += !in_quotes;
	w->singles += in_quotes;
}

/* Is the word followed by AFTER, and by the end of the line? */
static bool ends_line(const struct word *w, struct cv_str after)
{
	struct cv_str rest = { w->text.p + w->at, w->text.n - w->at }, line = { 0 };

	if (!cv_str_starts(rest, after))
		return false;
	rest.p += after.n;
	rest.n -= after.n;
	(void)cv_str_cut(&rest, '\n', &line);
	return cv_str_trim(line).n == 0;
}

int cv_unquote(struct cv_arena *a, enum cv_unquote language, struct cv_str text,
	struct cv_str after, struct cv_str *ret_value, enum cv_word *ret_word)
{
	OWN_BUF struct cv_buf value = { 0 };
	struct word w = { .language = language, .text = text, .value = &value };

	if (language == CV_UNQUOTE_BATCH)
		read_batch(&w, after);
	else if (grammars[language].words)
		read_word(&w);
	else
		read_literal(&w);
	if (value.bad)
		return -ENOMEM;
	if (w.other || w.at > text.n || !ends_line(&w, after) ||
		(w.doubles && w.doubles + w.singles + w.bare > 1) ||
		w.doubles + w.singles + w.bare == 0) {
		*ret_word = CV_WORD_OTHER;
		*ret_value = (struct cv_str){ 0 };
		return 0;
	}
	*ret_word = w.doubles ? CV_WORD_DOUBLE : CV_WORD_CLEAN;
	*ret_value = cv_str_dup(a, cv_buf_slice(&value));
	return ret_value->p ? 0 : -ENOMEM;
}

bool cv_unquote_raw(
	enum cv_unquote language, struct cv_str line, struct cv_str after, struct cv_str *ret)
{
	if (!cv_str_ends(line, after))
		return false;
	line.n -= after.n;
	line = cv_str_trim(line);
	if (language == CV_UNQUOTE_BATCH) {
		*ret = line;
		return true;
	}
	if (line.n < 2 || (line.p[0] != '"' && line.p[0] != '\'') ||
		line.p[line.n - 1] != line.p[0])
		return false;
	*ret = (struct cv_str){ line.p + 1, line.n - 2 };
	return true;
}

/* Is a character of VALUE special between quotes of this kind? */
static bool is_special(const struct grammar *g, char quote, struct cv_str value)
{
	const char *escapes = quote == '"' ? NULL : g->in_single;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == quote || (quote == '"' && has(g->special, c)) ||
			(c == '\\' && escapes && i + 1 < value.n && has(escapes, value.p[i + 1])) ||
			(c == '\n' && !g->lines))
			return true;
	}
	return false;
}

/* Between quotes, or between them and the parentheses of a prompt. */
static bool stands_alone(struct cv_str text, size_t at, size_t n)
{
	return at > 0 && has("\"'(=", text.p[at - 1]) && at + n < text.n &&
	       has("\"')", text.p[at + n]);
}

enum cv_word cv_unquote_contains(
	enum cv_unquote language, struct cv_str text, size_t within, struct cv_str value)
{
	const struct grammar *g = &grammars[language];
	enum cv_word worst = CV_WORD_CLEAN;
	char quote = 0;

	for (size_t i = 0; i < text.n && i < within; i++) {
		char c = text.p[i];
		struct cv_str rest = { text.p + i, text.n - i };

		if (quote && cv_str_starts(rest, value) && stands_alone(text, i, value.n)) {
			if (is_special(g, quote, value))
				return CV_WORD_OTHER;
			if (quote == '"' && language <= CV_UNQUOTE_POWERSHELL)
				worst = CV_WORD_DOUBLE; /* others write constants so, too */
		}
		if (!quote && language == CV_UNQUOTE_NUSHELL &&
			cv_str_starts(rest, CV_LIT("r#'"))) {
			const char *end = cv_str_find(rest, CV_LIT("'#"));

			i = end ? (size_t)(end + 1 - text.p) : text.n;
		} else if (c == '\\' && (quote == '"'   ? g->in_double
						: quote ? g->in_single
							: "x")) {
			i++;
		} else if (c == quote) {
			quote = 0;
		} else if (!quote && (c == '"' || (c == '\'' && language != CV_UNQUOTE_BATCH))) {
			quote = c;
		}
	}
	return worst;
}
