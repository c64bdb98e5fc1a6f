/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_TOML_H
#define CV_BASE_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * A reader of TOML 1.0: pyproject.toml, cvenv's config.toml and mise's files. It accepts what
 * Python's tomllib accepts, except what exceeds a limit below, with the same values.
 *
 *	const struct cv_toml *table;
 *	struct cv_toml *root;
 *	const char *prompt;
 *
 *	rc = cv_toml_parse(&arena, "/p/pyproject.toml", text, &root, err);
 *	...
 *	table = cv_toml_get(cv_toml_get(root, "tool"), "cvenv");
 *	for (const struct cv_toml *v = table ? table->child : NULL; v; v = v->next)
 *		if (cv_str_eq(v->key, CV_LIT("prompt")))
 *			rc = cv_toml_want_string(v, &prompt, err);
 *		else
 *			rc = cv_toml_fail(v, err, "unknown key");
 *
 * The text may come from anyone. The reader does not recurse, and its time is proportional to the
 * length of the text, times the length of a key at worst. Values live as long as the arena; they do
 * not point into the text.
 *
 * Every error of the text is EINVAL, or CVENV_ELIMIT if a limit is exceeded. The message begins
 * with "'FILE', line N: ".
 */
enum {
	CV_TOML_SIZE_MAX = 1024 * 1024,  /* bytes of text: for the caller who reads the file, too */
	CV_TOML_DEPTH_MAX = 64,          /* tables and arrays in each other */
	CV_TOML_VALUES_MAX = 100 * 1000, /* values, including tables and arrays */
	CV_TOML_NUMBER_MAX = 128,        /* characters of a number, a date or a time */
};

enum cv_toml_type {
	CV_TOML_STRING,
	CV_TOML_INTEGER, /* of 64 bits */
	CV_TOML_FLOAT,
	CV_TOML_BOOLEAN,
	CV_TOML_DATETIME,       /* with an offset from UTC */
	CV_TOML_LOCAL_DATETIME, /* without */
	CV_TOML_LOCAL_DATE,
	CV_TOML_LOCAL_TIME,
	CV_TOML_ARRAY,
	CV_TOML_TABLE,
};

struct cv_toml {
	enum cv_toml_type type;
	unsigned line;     /* counted from 1: where its key is, or the item of an array */
	struct cv_str key; /* in a table; of the root: the name of the file */
	struct cv_toml *child, *next; /* what is in a table or array, in the order of the file */
	struct cv_toml *parent;       /* NULL: the root */
	union {
		struct cv_str text; /* string; date and time: valid, as it is written */
		int64_t integer;
		double real;
		bool boolean;
	};

	/* Private to the reader. */
	struct cv_toml *last, *index, *link[2];
	unsigned bit;
	uint8_t depth, flags;
};

/* Read TEXT. FILE is its name in messages. *RET is the root, a table. */
int cv_toml_parse(struct cv_arena *arena, const char *file, struct cv_str text,
	struct cv_toml **ret, struct cvenv_error *err);

/* The value of KEY (one key, without dots) in TABLE; NULL if TABLE is NULL or no table. */
struct cv_toml *cv_toml_get(const struct cv_toml *table, const char *key);

/*
 * An error about VALUE: "'FILE', line N: 'tool.cvenv.prompt': FMT". Returns -EINVAL. An item of an
 * array is named by the key of the array.
 */
int cv_toml_fail(const struct cv_toml *value, struct cvenv_error *err, const char *fmt, ...)
	CV_PRINTF(3, 4) __attribute__((cold));

/*
 * *RET is the value, if it has that type. Else -EINVAL: "'FILE', line N: 'KEY': must be a string,
 * not a float". A string with a NUL character is refused, too. An integer must be MIN to MAX.
 */
int cv_toml_want_string(const struct cv_toml *value, const char **ret, struct cvenv_error *err);
int cv_toml_want_bool(const struct cv_toml *value, bool *ret, struct cvenv_error *err);
int cv_toml_want_integer(const struct cv_toml *value, int64_t min, int64_t max, int64_t *ret,
	struct cvenv_error *err);
/* 0 if VALUE has TYPE: for tables and arrays, whose content is then in `child`. */
int cv_toml_want(const struct cv_toml *value, enum cv_toml_type type, struct cvenv_error *err);

#endif
