/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_JSON_EDIT_H
#define CV_WHEEL_JSON_EDIT_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Change one string of a JSON text (direct_url.json, kernel.json), and keep all other bytes:
 *
 *	if (cv_json_find(a, text, "url", CV_JSON_VALUE, &found) > 0) {
 *		copy what is before found.raw
 *		cv_json_quote(&buf, value);
 *		copy what is behind found.raw
 *	}
 */
enum {
	CV_JSON_TEXT_MAX = 1 << 20,
	CV_JSON_DEPTH_MAX = 64,
	CV_JSON_VALUE = -1,
	CV_JSON_ANY = -2, /* the value may be of any kind; only `raw` is set */
};

struct cv_json_string {
	struct cv_str raw;   /* in the text, with its quotes */
	struct cv_str value; /* in the arena; unless CV_JSON_ANY */
};

/*
 * The string that the member KEY of the object TEXT is. If INDEX is not CV_JSON_VALUE, the member
 * is an array, and the string is that element of it. If KEY occurs more than once, the last one
 * counts. As Python's json module: NaN and Infinity are numbers, and "\udc80" to "\udcff" alone
 * are the bytes that os.fsdecode() writes so.
 *
 * 1: found. 0: TEXT is not valid JSON in UTF-8, or above the limits, or has no such string, or that
 * contains a NUL or half of a surrogate pair. Or -ENOMEM.
 */
int cv_json_find(struct cv_arena *a, struct cv_str text, const char *key, int index,
	struct cv_json_string *ret);

/* Append TEXT, of any bytes, as a string. */
void cv_json_quote(struct cv_buf *b, struct cv_str text);

#endif
