/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_REWRITE_IN_H
#define CV_ENV_REWRITE_IN_H

#include "env/rewrite.h"

/*
 * One function for each kind of text. They append the new content to TO and return 1; or they
 * return 0, or -ENOMEM, and TO is undefined. Memory of the arena is released after the call.
 */
struct cv_text {
	const struct cv_rewriting *how;
	struct cv_arena *arena;
	const char *path; /* relative to the environment */
	struct cv_str old;
};

typedef int cv_rewrite_fn(struct cv_buf *to, const struct cv_text *text);

cv_rewrite_fn cv_rewrite_cfg;
cv_rewrite_fn cv_rewrite_script;
cv_rewrite_fn cv_rewrite_record;
cv_rewrite_fn cv_rewrite_activation;
cv_rewrite_fn cv_rewrite_lines;
cv_rewrite_fn cv_rewrite_direct_url;
cv_rewrite_fn cv_rewrite_kernel;
cv_rewrite_fn cv_rewrite_python;
cv_rewrite_fn cv_rewrite_launcher;

/* The interpreter of a script, as it will be. */
struct cv_rewrite_target {
	char *python;     /* NULL: no memory */
	const char *name; /* in bin, if it is a Python there; else NULL */
};

/* False: PYTHON is not below a `from`. */
bool cv_rewrite_target(
	const struct cv_text *text, struct cv_str python, struct cv_rewrite_target *ret);

/* The index in cv_activators of the script with the name FILE; CV_ACTIVATORS if it is none. */
enum cv_activator cv_rewrite_activator(struct cv_str file);

/* Can the byte C continue a name of a file at the end of a path? In doubt it can. */
bool cv_rewrite_continues(char c);

/* Is it one of how->repaired? */
bool cv_rewrite_repairs(const struct cv_text *text);

#endif
