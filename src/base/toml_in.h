/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_TOML_IN_H
#define CV_BASE_TOML_IN_H

#include "base/toml.h"

/*
 * Private to the reader of TOML. Three files share it: toml.c reads lines, tables and arrays,
 * toml_scalar.c reads what is between them, toml_value.c has the finished values.
 *
 * Functions return 0 or a negative code, and have then set the error.
 */
struct cv_toml_in {
	struct cv_arena *arena;
	const char *file;
	const char *p, *end; /* what is not read yet; valid UTF-8 */
	unsigned line;       /* of p */
	size_t values;
	struct cv_buf scratch; /* for a string while it is read */
	struct cvenv_error *err;
};

/* "'FILE', line LINE: FMT"; returns -CODE. */
int cv_toml_in_fail(const struct cv_toml_in *in, int code, unsigned line, const char *fmt, ...)
	CV_PRINTF(4, 5) __attribute__((cold));

static inline bool cv_toml_at(const struct cv_toml_in *in, char c)
{
	return in->p < in->end && *in->p == c;
}

/* The length of the end of line at p: 1 for LF, 2 for CR LF, else 0. */
static inline size_t cv_toml_newline(const struct cv_toml_in *in)
{
	if (cv_toml_at(in, '\n'))
		return 1;
	return in->end - in->p >= 2 && in->p[0] == '\r' && in->p[1] == '\n' ? 2 : 0;
}

/* Skip tabs and spaces. */
void cv_toml_skip_blanks(struct cv_toml_in *in);

/* The error about a control character at p, which TOML does not allow in WHERE. */
int cv_toml_control(const struct cv_toml_in *in, const char *where);

static inline bool cv_toml_is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* One part of a dotted key, at p: bare or quoted. */
int cv_toml_read_key(struct cv_toml_in *in, struct cv_str *ret);

/* A string, number, boolean, date or time at p: its type and value into *V. */
int cv_toml_read_scalar(struct cv_toml_in *in, struct cv_toml *v);

/*
 * The dotted key of V, in NAME or in the program. If it is too long, it begins with "...". A part
 * with control characters is "?".
 */
enum { CV_TOML_NAME_ROOM = 160 };
const char *cv_toml_name(const struct cv_toml *v, char name[CV_TOML_NAME_ROOM]);

/* The value with KEY in TABLE, or NULL. */
struct cv_toml *cv_toml_find(const struct cv_toml *table, struct cv_str key);

/* Add V to the index of TABLE, which has no such key. */
void cv_toml_index(struct cv_toml *table, struct cv_toml *v);

#endif
