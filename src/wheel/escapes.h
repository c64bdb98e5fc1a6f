/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_ESCAPES_H
#define CV_WHEEL_ESCAPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Escapes in strings of JSON and Python. */

/* 0 to 15, or -1. */
int cv_hex_digit(char c);

/* The value of the N digits at the start of S in BASE (8 or 16); -1 if they are none. */
int64_t cv_digits(struct cv_str s, size_t n, unsigned base);

/*
 * Write CODE, a code point, as UTF-8; 0xdc80 to 0xdcff, which os.fsdecode() uses, as the byte that
 * it stands for. Returns the number of bytes, at most 4; 0 if no path can have it.
 */
size_t cv_utf8_put(uint32_t code, char *out);

/*
 * The \uXXXX at the start of S, in JSON: perhaps a surrogate pair of two, which cv_escape_is_pair()
 * tells. As cv_utf8_put().
 */
size_t cv_unescape_unicode(struct cv_str s, char *out);
bool cv_escape_is_pair(struct cv_str s);

/* The length of the UTF-8 character at the start of S, which is not empty; 0: it is none. */
size_t cv_utf8_first(struct cv_str s);

#endif
