/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_CFG_H
#define CV_ENV_CFG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The lines of a pyvenv.cfg that anyone may have written, as the module site reads them: KEY =
 * VALUE, keys in any case, white space at both ends removed, the last line of a key counts. Lines
 * end with "\n", "\r\n" or "\r". All bytes are kept, so that a file can be written with one value
 * changed.
 *
 *	rc = cv_cfg_parse(a, text, &cfg, err);
 *	version = cv_cfg_value(&cfg, "version");
 *	rc = cv_cfg_set(a, &cfg, "home", cv_str(home), err);
 *	cv_cfg_text(&buf, &cfg);
 */
enum {
	CV_CFG_MAX = 64 * 1024, /* bytes of the file */
	CV_CFG_LINES_MAX = 256,
};

struct cv_cfg_line {
	struct cv_str whole;      /* without its line end */
	struct cv_str end;        /* its line end; empty if the file ends without one */
	struct cv_str key, value; /* parts of `whole`; key.p is NULL: the line has no "=" */
};

struct cv_cfg {
	struct cv_cfg_line *lines;
	size_t count, room;
};

/* Cut the next line from *TEXT. False at the end. */
bool cv_cfg_cut(struct cv_str *text, struct cv_cfg_line *ret);

/* Is KEY the name of LINE? NAME is in lower case. */
bool cv_cfg_is(const struct cv_cfg_line *line, const char *name);

/* CVENV_ELIMIT: too long, or too many lines. Points into TEXT. */
int cv_cfg_parse(
	struct cv_arena *a, struct cv_str text, struct cv_cfg *ret, struct cvenv_error *err);

/* The value of the last line NAME; p is NULL if there is none. */
struct cv_str cv_cfg_value(const struct cv_cfg *cfg, const char *name);

/*
 * Change the value of each line NAME, or add a line at the end. White space around a value stays.
 * VALUE is one that readers get back unchanged: without line breaks, and without white space at its
 * ends.
 */
int cv_cfg_set(struct cv_arena *a, struct cv_cfg *cfg, const char *name, struct cv_str value,
	struct cvenv_error *err);

/* Append the file. */
void cv_cfg_text(struct cv_buf *b, const struct cv_cfg *cfg);

#endif
