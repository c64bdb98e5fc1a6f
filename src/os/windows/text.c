/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HIGH = 0xd800, LOW = 0xdc00, LOW_END = 0xe000, PLANE = 0x10000, CODE_END = 0x110000 };

/* The code point at *S, which is moved behind it. -1: not UTF-8. */
static int32_t decode(const unsigned char **s)
{
	static const int32_t least[] = { 0, 0x80, 0x800, PLANE };
	int32_t c = *(*s)++;
	int more = c < 0x80 ? 0 : c < 0xc0 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : -1;

	if (more <= 0)
		return more < 0 ? -1 : c;
	c &= 0x3f >> more;
	for (int i = 0; i < more; i++) {
		if ((**s & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (*(*s)++ & 0x3f);
	}
	return c < least[more] || c >= CODE_END ? -1 : c;
}

int cv_nt_to_wide(const char *s, wchar_t *ret, size_t room)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = 0;

	while (*p) {
		int32_t c = decode(&p);

		if (c < 0)
			return -EILSEQ;
		if (n + (c >= PLANE ? 2 : 1) >= room)
			return -ENAMETOOLONG;
		if (c >= PLANE) {
			ret[n++] = (wchar_t)(HIGH + ((c - PLANE) >> 10));
			c = LOW + ((c - PLANE) & 0x3ff);
		}
		ret[n++] = (wchar_t)c;
	}
	if (n >= room)
		return -ENAMETOOLONG;
	ret[n] = L'\0';
	return n > INT_MAX ? -ENAMETOOLONG : (int)n;
}

static size_t encode(int32_t c, char ret[4])
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (char)(0xc0 | c >> 6);
		ret[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < PLANE) {
		ret[0] = (char)(0xe0 | c >> 12);
		ret[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | c >> 18);
	ret[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

int cv_nt_to_utf8(const wchar_t *s, size_t n, char *ret, size_t room)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t c = s[i];
		char bytes[4];
		size_t len;

		if (c >= HIGH && c < LOW && i + 1 < n && s[i + 1] >= LOW && s[i + 1] < LOW_END)
			c = PLANE + ((c - HIGH) << 10) + (s[++i] - LOW);
		len = encode(c, bytes);
		if (at + len >= room)
			return -ENAMETOOLONG;
		memcpy(ret + at, bytes, len);
		at += len;
	}
	if (at >= room || at > INT_MAX)
		return -ENAMETOOLONG;
	ret[at] = '\0';
	return (int)at;
}

int cv_nt_wide(const char *s, wchar_t **ret)
{
	size_t room = strlen(s) + 1; /* no text has more units than bytes */
	int rc;

	*ret = malloc(room * sizeof(wchar_t));
	rc = *ret ? cv_nt_to_wide(s, *ret, room) : -ENOMEM;
	if (rc >= 0)
		return 0;
	free(*ret);
	*ret = NULL;
	return rc;
}

int cv_nt_utf8(const wchar_t *s, char **ret)
{
	size_t n = wcslen(s), room = 3 * n + 1;
	int rc;

	*ret = malloc(room);
	rc = *ret ? cv_nt_to_utf8(s, n, *ret, room) : -ENOMEM;
	if (rc >= 0)
		return 0;
	free(*ret);
	*ret = NULL;
	return rc;
}
