/* SPDX-License-Identifier: MIT */
#include "wheel/escapes.h"

enum {
	HIGH = 0xd800,
	LOW = 0xdc00,
	SURROGATES_END = 0xe000,
	BYTES = 0xdc80, /* for the bytes from 0x80 on */
	BYTES_END = 0xdd00,
	CODES_END = 0x110000,
	UTF8_MAX = 4,
};

int cv_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int64_t cv_digits(struct cv_str s, size_t n, unsigned base)
{
	int64_t value = 0;

	if (s.n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int digit = cv_hex_digit(s.p[i]);

		if (digit < 0 || digit >= (int)base)
			return -1;
		value = value * base + digit;
	}
	return value;
}

size_t cv_utf8_put(uint32_t code, char *out)
{
	if (code == 0 || code >= CODES_END)
		return 0;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= BYTES && code < BYTES_END) {
		out[0] = (char)(code & 0xff);
		return 1;
	}
	if (code >= HIGH && code < SURROGATES_END)
		return 0;
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static int64_t unicode_at(struct cv_str s)
{
	if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
		return -1;
	return cv_digits((struct cv_str){ s.p + 2, s.n - 2 }, 4, 16);
}

bool cv_escape_is_pair(struct cv_str s)
{
	int64_t high = unicode_at(s), low;

	if (high < HIGH || high >= LOW)
		return false;
	low = unicode_at((struct cv_str){ s.p + 6, s.n - 6 });
	return low >= LOW && low < SURROGATES_END;
}

size_t cv_unescape_unicode(struct cv_str s, char *out)
{
	int64_t code = unicode_at(s);

	if (cv_escape_is_pair(s)) {
		uint32_t high = (uint32_t)code - HIGH;
		uint32_t low = (uint32_t)unicode_at((struct cv_str){ s.p + 6, s.n - 6 }) - LOW;

		return cv_utf8_put(0x10000 + (high << 10) + low, out);
	}
	return code < 0 ? 0 : cv_utf8_put((uint32_t)code, out);
}

size_t cv_utf8_first(struct cv_str s)
{
	for (size_t n = 1; n <= UTF8_MAX && n <= s.n; n++) {
		if (cv_utf8_ok((struct cv_str){ s.p, n }))
			return n;
	}
	return 0;
}
