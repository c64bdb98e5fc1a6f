/* SPDX-License-Identifier: MIT */
#include "wheel/python_edit.h"

#include <errno.h>
#include <string.h>

#include "wheel/escapes.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* Is WORD, before a quote, a prefix and not a name? */
static bool is_prefix(struct cv_str word)
{
	static const char *const prefixes[] = { "r", "b", "u", "f", "t", "br", "rb", "fr", "rf",
		"tr", "rt" };
	char lower[2];

	if (!word.n || word.n > sizeof(lower))
		return false;
	for (size_t i = 0; i < word.n; i++)
		lower[i] = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] + 'a' - 'A')
								: word.p[i];
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (cv_str_eq((struct cv_str){ lower, word.n }, cv_str(prefixes[i])))
			return true;
	}
	return false;
}

static void skip(struct cv_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* The quotes at the start of S: 1 or 3. */
static size_t quotes_at(struct cv_str s)
{
	return s.n > 2 && s.p[1] == s.p[0] && s.p[2] == s.p[0] ? 3 : 1;
}

/* Cut the literal at the start of *REST; false if it does not end. */
static bool cut_literal(struct cv_str *rest, struct cv_str *ret_raw)
{
	const char *start = rest->p, quote = *start;
	size_t quotes = quotes_at(*rest);

	skip(rest, quotes);
	for (; rest->n; skip(rest, 1)) {
		if (*rest->p == quote && (quotes == 1 || (rest->n > 2 && quotes_at(*rest) == 3))) {
			skip(rest, quotes);
			*ret_raw = (struct cv_str){ start, (size_t)(rest->p - start) };
			return true;
		}
		if (quotes == 1 && (*rest->p == '\n' || *rest->p == '\r'))
			return false;
		if (*rest->p == '\\' && rest->n > 1) {
			skip(rest, 1);
			if (rest->n > 1 && rest->p[0] == '\r' && rest->p[1] == '\n')
				skip(rest, 1);
		}
	}
	return false;
}

/* The escape at the start of S, which begins with a backslash. Returns its length; 0: unknown. */
static size_t unescape(struct cv_str s, char *out, size_t *ret_n)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char c = s.n > 1 ? s.p[1] : '\0', *simple = c ? strchr(from, c) : NULL;
	const struct cv_str digits = { s.p + 2, s.n - 2 };
	int64_t code = -1;
	size_t len = 2;

	*ret_n = 0;
	if (simple) {
		out[(*ret_n)++] = to[simple - from];
		return 2;
	}
	if (c == '\n' || c == '\r')
		return c == '\r' && s.n > 2 && s.p[2] == '\n' ? 3 : 2;
	if (c == 'x' || c == 'u' || c == 'U') {
		len = c == 'x' ? 2 : c == 'u' ? 4 : 8;
		code = cv_digits(digits, len, 16);
		len += 2;
	} else if (c >= '0' && c <= '7') {
		for (len = 1; len < 4 && len < s.n && s.p[len] >= '0' && s.p[len] <= '7';)
			len++;
		code = cv_digits((struct cv_str){ s.p + 1, s.n - 1 }, len - 1, 8);
	} else if (c != 'N' && c != '\0') {
		out[(*ret_n)++] = '\\'; /* no escape */
		return 1;
	}
	if (code < 0 || code > UINT32_MAX)
		return 0;
	*ret_n = cv_utf8_put((uint32_t)code, out);
	return *ret_n ? len : 0;
}

/* -ENOMEM, or 0; ret->value.p is NULL if there is no value. */
static int decode(struct cv_arena *a, struct cv_python_literal *ret)
{
	size_t quotes = ret->raw.n > 5 ? quotes_at(ret->raw) : 1, n = 0;
	struct cv_str s = { ret->raw.p + quotes, ret->raw.n - 2 * quotes };
	char *out = cv_new(a, char, s.n + 1);

	ret->value = (struct cv_str){ 0 };
	if (!out)
		return -ENOMEM;
	while (s.n) {
		size_t len = 1, made = 1;

		if (*s.p == '\\') {
			len = unescape(s, out + n, &made);
			if (!len)
				return 0;
		} else if (*s.p == '\r') { /* Python reads every line end as \n */
			len = s.n > 1 && s.p[1] == '\n' ? 2 : 1;
			out[n] = '\n';
		} else if (*s.p == '\0') {
			return 0;
		} else {
			out[n] = *s.p;
		}
		n += made;
		skip(&s, len);
	}
	ret->value = (struct cv_str){ out, n };
	return 0;
}

int cv_python_next(
	struct cv_arena *a, struct cv_python_reader *reader, struct cv_python_literal *ret)
{
	struct cv_str *rest = &reader->rest, word = { 0 };

	while (rest->n) {
		char c = *rest->p;

		if (is_word(c)) {
			for (word = (struct cv_str){ rest->p, 0 }; rest->n && is_word(*rest->p);
				word.n++)
				skip(rest, 1);
			continue;
		}
		if (c == '#') {
			while (rest->n && *rest->p != '\n' && *rest->p != '\r')
				skip(rest, 1);
		} else if (c == '"' || c == '\'') {
			if (!cut_literal(rest, &ret->raw) || !cv_utf8_ok(ret->raw))
				return -EINVAL;
			if (!is_prefix(word))
				return decode(a, ret) < 0 ? -ENOMEM : 1;
		} else {
			skip(rest, 1);
		}
		word = (struct cv_str){ 0 };
	}
	return 0;
}
