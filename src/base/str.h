/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_STR_H
#define CV_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/system.h"

/*
 * A slice: pointer and length, borrowed, not NUL-terminated. Parsers cut their input into slices.
 * An empty slice may have p == NULL.
 */
struct cv_str {
	const char *p;
	size_t n;
};

#define CV_LIT(s) ((struct cv_str){ (s), sizeof(s) - 1 })
/* The arguments of printf's "%.*s". The length is limited to INT_MAX. */
#define CV_ARG(s) ((int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n)), ((s).n ? (s).p : "")

struct cv_str cv_str(const char *s); /* NULL gives an empty slice */
bool cv_str_eq(struct cv_str a, struct cv_str b);
/* FNV-1a, for tables in memory: of what BEFORE is of, followed by S. Of nothing: CV_HASH_NOTHING.
 */
#define CV_HASH_NOTHING UINT64_C(0xcbf29ce484222325)
uint64_t cv_str_hash(uint64_t before, struct cv_str s);
int cv_str_cmp(struct cv_str a, struct cv_str b); /* by byte, as memcmp; UTF-8: by code point */
bool cv_str_starts(struct cv_str s, struct cv_str prefix);
bool cv_str_ends(struct cv_str s, struct cv_str suffix);
/* Where PART, which is not empty, first occurs in S; NULL if it does not. */
const char *cv_str_find(struct cv_str s, struct cv_str part);
struct cv_str cv_str_trim(struct cv_str s); /* removes ASCII white space at both ends */

/* As Python's str.strip(): also removes Unicode's white space, and U+001C to U+001F. */
struct cv_str cv_str_strip(struct cv_str s);

/*
 * Cut *s at the first SEP: *ret_head becomes the part before it, *s the part after it. Without a
 * SEP, *ret_head becomes all of *s. Returns false when *s is already used up (p == NULL), so `while
 * (cv_str_cut(&s, '/', &part))` visits every part, including empty ones and an empty last one.
 */
bool cv_str_cut(struct cv_str *s, char sep, struct cv_str *ret_head);

/* Parse S as a decimal number. False if S is empty, has anything but digits, or exceeds MAX. */
bool cv_str_u64(struct cv_str s, uint64_t max, uint64_t *ret_value);

/* VALUE in decimal with a NUL; returns its length. Faster than printf() for long lists. */
enum { CV_U64_ROOM = 21 };
size_t cv_u64_text(uint64_t value, char ret_text[CV_U64_ROOM]);

/* True when the bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool cv_utf8_ok(struct cv_str s);

/*
 * True when UTF-8 text is one line for every reader and cannot control a terminal: it has no
 * control characters (C0, C1), and not U+2028 or U+2029, where Python's str.splitlines() ends a
 * line.
 */
bool cv_utf8_plain(struct cv_str s);

/*
 * A growing byte string. When memory is exhausted, `bad` is set and later calls do nothing, so
 * check it once at the end. Zero-initialise; release with cv_buf_done().
 *
 *	struct cv_buf b = { 0 };
 *	cv_buf_addf(&b, "home = %s\n", home);
 *	if (b.bad)
 *		...
 */
struct cv_buf {
	char *p; /* NUL-terminated when not NULL; the NUL is not counted */
	size_t n, room;
	bool bad;
};

void cv_buf_add(struct cv_buf *b, const void *data, size_t len);
void cv_buf_str(struct cv_buf *b, struct cv_str s);
void cv_buf_cstr(struct cv_buf *b, const char *s);
void cv_buf_char(struct cv_buf *b, char c);
/* TEXT with "\r\n" for each '\n', which must end its last line. */
void cv_buf_crlf(struct cv_buf *b, struct cv_str text);
void cv_buf_addf(struct cv_buf *b, const char *fmt, ...) CV_PRINTF(2, 3);
struct cv_str cv_buf_slice(const struct cv_buf *b);
void cv_buf_done(struct cv_buf *b);

#endif
