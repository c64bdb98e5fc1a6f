/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cv_str cv_str(const char *s)
{
	return (struct cv_str){ s, s ? strlen(s) : 0 };
}

bool cv_str_eq(struct cv_str a, struct cv_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

uint64_t cv_str_hash(uint64_t before, struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++)
		before = (before ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return before;
}

int cv_str_cmp(struct cv_str a, struct cv_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

bool cv_str_starts(struct cv_str s, struct cv_str prefix)
{
	return s.n >= prefix.n && cv_str_eq((struct cv_str){ s.p, prefix.n }, prefix);
}

bool cv_str_ends(struct cv_str s, struct cv_str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

const char *cv_str_find(struct cv_str s, struct cv_str part)
{
	while (part.n > 0 && s.n >= part.n) {
		const char *at = memchr(s.p, part.p[0], s.n - part.n + 1);

		if (!at || memcmp(at, part.p, part.n) == 0)
			return at;
		s.n -= (size_t)(at + 1 - s.p);
		s.p = at + 1;
	}
	return NULL;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct cv_str cv_str_trim(struct cv_str s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The length in bytes of the white space character at the start of S, or 0. S is not empty. */
static size_t space_at(struct cv_str s)
{
	unsigned char a = (unsigned char)s.p[0], b = s.n > 1 ? (unsigned char)s.p[1] : 0,
		      c = s.n > 2 ? (unsigned char)s.p[2] : 0;

	if (is_space(s.p[0]) || (a >= 0x1c && a <= 0x1f))
		return 1;
	if (a == 0xc2 && (b == 0x85 || b == 0xa0))
		return 2;                                             /* U+0085, U+00A0 */
	if ((a == 0xe1 && b == 0x9a && c == 0x80) ||                  /* U+1680 */
		(a == 0xe2 && b == 0x80 && c >= 0x80 && c <= 0x8a) || /* U+2000 to U+200A */
		(a == 0xe2 && b == 0x80 && (c == 0xa8 || c == 0xa9 || c == 0xaf)) ||
		(a == 0xe2 && b == 0x81 && c == 0x9f) || /* U+205F */
		(a == 0xe3 && b == 0x80 && c == 0x80))   /* U+3000 */
		return 3;
	return 0;
}

struct cv_str cv_str_strip(struct cv_str s)
{
	size_t n;

	while (s.n && (n = space_at(s)) > 0) {
		s.p += n;
		s.n -= n;
	}
	for (n = 1; n <= 3 && n <= s.n; n++)
		if (space_at((struct cv_str){ s.p + s.n - n, n }) == n) {
			s.n -= n;
			n = 0;
		}
	return s;
}

bool cv_str_cut(struct cv_str *s, char sep, struct cv_str *ret_head)
{
	const char *at;

	if (!s->p)
		return false;
	at = s->n ? memchr(s->p, sep, s->n) : NULL;
	if (!at) {
		*ret_head = *s;
		*s = (struct cv_str){ 0 };
		return true;
	}
	*ret_head = (struct cv_str){ s->p, (size_t)(at - s->p) };
	s->n -= ret_head->n + 1;
	s->p = at + 1;
	return true;
}

bool cv_str_u64(struct cv_str s, uint64_t max, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';

		if (digit > 9 || v > max / 10 || v * 10 > max - digit)
			return false;
		v = v * 10 + digit;
	}
	*ret_value = v;
	return true;
}

size_t cv_u64_text(uint64_t value, char ret_text[CV_U64_ROOM])
{
	char digits[CV_U64_ROOM];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (size_t i = 0; i < n; i++)
		ret_text[i] = digits[n - 1 - i];
	ret_text[n] = '\0';
	return n;
}

bool cv_utf8_ok(struct cv_str s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;

	while (p < end) {
		unsigned c = *p++;
		unsigned low = 0x80, high = 0xbf; /* bounds of the second byte: Unicode table 3-7 */
		int more;

		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c <= 0xdf)
			more = 1;
		else if (c >= 0xe0 && c <= 0xef)
			more = 2;
		else if (c >= 0xf0 && c <= 0xf4)
			more = 3;
		else
			return false;
		if (c == 0xe0)
			low = 0xa0;
		else if (c == 0xed)
			high = 0x9f;
		else if (c == 0xf0)
			low = 0x90;
		else if (c == 0xf4)
			high = 0x8f;
		for (; more > 0; more--) {
			if (p == end || *p < low || *p > high)
				return false;
			p++;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}

bool cv_utf8_plain(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
			return false;
		if (c == 0xe2 && s.n - i > 2 &&
			(memcmp(s.p + i, "\xe2\x80\xa8", 3) == 0 ||
				memcmp(s.p + i, "\xe2\x80\xa9", 3) == 0))
			return false;
	}
	return true;
}

/* Make room for LEN more bytes and the NUL. On false, `bad` is set. */
static bool grow(struct cv_buf *b, size_t len)
{
	size_t need, room = b->room ? b->room : 64;
	char *p;

	if (b->bad)
		return false;
	if (__builtin_add_overflow(b->n, len, &need) || __builtin_add_overflow(need, 1, &need) ||
		need > SIZE_MAX / 2) {
		b->bad = true;
		return false;
	}
	if (need <= b->room)
		return true;
	while (room < need)
		room *= 2;
	p = realloc(b->p, room);
	if (!p) {
		b->bad = true;
		return false;
	}
	b->p = p;
	b->room = room;
	return true;
}

void cv_buf_add(struct cv_buf *b, const void *data, size_t len)
{
	if (!grow(b, len))
		return;
	if (len)
		memcpy(b->p + b->n, data, len);
	b->n += len;
	b->p[b->n] = '\0';
}

void cv_buf_str(struct cv_buf *b, struct cv_str s)
{
	cv_buf_add(b, s.p, s.n);
}

void cv_buf_cstr(struct cv_buf *b, const char *s)
{
	cv_buf_add(b, s, strlen(s));
}

void cv_buf_char(struct cv_buf *b, char c)
{
	cv_buf_add(b, &c, 1);
}

void cv_buf_crlf(struct cv_buf *b, struct cv_str text)
{
	struct cv_str line;

	while (cv_str_cut(&text, '\n', &line) && text.p) {
		cv_buf_str(b, line);
		cv_buf_cstr(b, "\r\n");
	}
}

void cv_buf_addf(struct cv_buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		b->bad = true;
	if (len < 0 || !grow(b, (size_t)len))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)len;
}

struct cv_str cv_buf_slice(const struct cv_buf *b)
{
	return (struct cv_str){ b->p ? b->p : "", b->n };
}

void cv_buf_done(struct cv_buf *b)
{
	free(b->p);
	*b = (struct cv_buf){ 0 };
}
