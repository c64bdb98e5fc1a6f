/* SPDX-License-Identifier: MIT */
#include "wheel/json_edit.h"

#include <errno.h>
#include <string.h>

#include "wheel/escapes.h"

struct reader {
	const char *p, *end;
	struct cv_arena *arena;
	const char *key;
	int index;
	struct cv_str found; /* the raw string; p is NULL: the last KEY has none */
	bool bad;
	bool nomem;
};

static bool at(const struct reader *r, char c)
{
	return r->p < r->end && *r->p == c;
}

static bool take(struct reader *r, char c)
{
	bool is = at(r, c);

	r->p += is;
	return is;
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && strchr(" \t\n\r", *r->p) && *r->p)
		r->p++;
}

static bool fail(struct reader *r)
{
	r->bad = true;
	return false;
}

/* The escape after a backslash, in a string. */
static bool take_escape(struct reader *r)
{
	if (r->p == r->end || !*r->p || !strchr("\"\\/bfnrtu", *r->p))
		return fail(r);
	if (*r->p++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, r->p++) {
		if (r->p == r->end || cv_hex_digit(*r->p) < 0)
			return fail(r);
	}
	return true;
}

/* A string with its quotes. */
static bool take_string(struct reader *r, struct cv_str *ret)
{
	ret->p = r->p;
	if (!take(r, '"'))
		return fail(r);
	while (!at(r, '"')) {
		if (r->p == r->end || (unsigned char)*r->p < ' ')
			return fail(r);
		if (*r->p++ == '\\' && !take_escape(r))
			return false;
	}
	r->p++;
	ret->n = (size_t)(r->p - ret->p);
	return true;
}

static bool take_digits(struct reader *r)
{
	const char *start = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p != start || fail(r);
}

static bool take_number(struct reader *r)
{
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (at(r, '.') && (r->p++, !take_digits(r)))
		return false;
	if (!take(r, 'e') && !take(r, 'E'))
		return true;
	if (!take(r, '+'))
		(void)take(r, '-');
	return take_digits(r);
}

static bool take_word(struct reader *r, struct cv_str word)
{
	if ((size_t)(r->end - r->p) < word.n || memcmp(r->p, word.p, word.n) != 0)
		return false;
	r->p += word.n;
	return true;
}

static bool take_scalar(struct reader *r)
{
	if (take_word(r, CV_LIT("true")) || take_word(r, CV_LIT("false")) ||
		take_word(r, CV_LIT("null")) || take_word(r, CV_LIT("NaN")) ||
		take_word(r, CV_LIT("Infinity")) || take_word(r, CV_LIT("-Infinity")))
		return true;
	(void)take(r, '-');
	return take_number(r);
}

/* The value of a JSON string. False if it has none that a path can have. */
static bool decode(struct reader *r, struct cv_str raw, struct cv_str *ret)
{
	const char *p = raw.p + 1, *end = raw.p + raw.n - 1;
	char *out = cv_new(r->arena, char, raw.n);
	size_t n = 0;

	r->nomem |= !out;
	while (out && p < end) {
		static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
		size_t len;

		if (*p != '\\') {
			out[n++] = *p++;
			continue;
		}
		if (p[1] != 'u') {
			out[n++] = to[strchr(from, p[1]) - from];
			p += 2;
			continue;
		}
		len = cv_unescape_unicode((struct cv_str){ p, (size_t)(end - p) }, out + n);
		if (!len)
			return false;
		n += len;
		p += cv_escape_is_pair((struct cv_str){ p, (size_t)(end - p) }) ? 12 : 6;
	}
	*ret = (struct cv_str){ out, n };
	return out != NULL;
}

static bool is_key(struct reader *r, struct cv_str raw)
{
	struct cv_str value;

	return decode(r, raw, &value) && cv_str_eq(value, cv_str(r->key));
}

static bool take_value(struct reader *r, unsigned depth, bool wanted);

/* WANTED: this is the value of KEY. */
static bool take_array(struct reader *r, unsigned depth, bool wanted)
{
	int i = 0;

	r->p++;
	skip_space(r);
	if (take(r, ']'))
		return true;
	for (;; i++) {
		const char *start;

		skip_space(r);
		start = r->p;
		if (!take_value(r, depth, false))
			return false;
		if (wanted && i == r->index && *start == '"')
			r->found = (struct cv_str){ start, (size_t)(r->p - start) };
		skip_space(r);
		if (take(r, ']'))
			return true;
		if (!take(r, ','))
			return fail(r);
	}
}

static bool take_object(struct reader *r, unsigned depth)
{
	r->p++;
	skip_space(r);
	if (take(r, '}'))
		return true;
	for (;;) {
		struct cv_str key;
		const char *start;
		bool wanted;

		skip_space(r);
		if (!take_string(r, &key))
			return false;
		wanted = depth == 1 && is_key(r, key);
		if (wanted)
			r->found = (struct cv_str){ 0 };
		skip_space(r);
		if (!take(r, ':'))
			return fail(r);
		skip_space(r);
		start = r->p;
		if (!take_value(r, depth, wanted))
			return false;
		if (wanted && r->index == CV_JSON_ANY)
			r->found = (struct cv_str){ start, (size_t)(r->p - start) };
		skip_space(r);
		if (take(r, '}'))
			return true;
		if (!take(r, ','))
			return fail(r);
	}
}

static bool take_value(struct reader *r, unsigned depth, bool wanted)
{
	struct cv_str string;

	if (depth == CV_JSON_DEPTH_MAX)
		return fail(r);
	if (at(r, '{'))
		return take_object(r, depth + 1);
	if (at(r, '['))
		return take_array(r, depth + 1, wanted && r->index >= 0);
	if (!at(r, '"'))
		return take_scalar(r);
	if (!take_string(r, &string))
		return false;
	if (wanted && r->index == CV_JSON_VALUE)
		r->found = string;
	return true;
}

int cv_json_find(struct cv_arena *a, struct cv_str text, const char *key, int index,
	struct cv_json_string *ret)
{
	struct reader r = { text.p, text.p + text.n, a, key, index, { 0 }, false, false };

	if (text.n > CV_JSON_TEXT_MAX || !cv_utf8_ok(text))
		return 0;
	skip_space(&r);
	if (at(&r, '{') && take_value(&r, 0, false))
		skip_space(&r);
	if (r.nomem)
		return -ENOMEM;
	if (r.bad || r.p != r.end || !r.found.p)
		return 0;
	ret->raw = r.found;
	if (index == CV_JSON_ANY)
		return 1;
	if (decode(&r, r.found, &ret->value))
		return 1;
	return r.nomem ? -ENOMEM : 0;
}

void cv_json_quote(struct cv_buf *b, struct cv_str text)
{
	cv_buf_char(b, '"');
	while (text.n) {
		unsigned char c = (unsigned char)text.p[0];
		size_t n = cv_utf8_first(text);

		if (n == 0)
			cv_buf_addf(b, "\\udc%02x", c);
		else if (c == '"' || c == '\\')
			cv_buf_addf(b, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			cv_buf_addf(b, "\\u%04x", c);
		else
			cv_buf_add(b, text.p, n);
		n = n ? n : 1;
		text = (struct cv_str){ text.p + n, text.n - n };
	}
	cv_buf_char(b, '"');
}
