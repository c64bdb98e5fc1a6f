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

/* The index in cv_activators of the script with the name FILE; CV_ACTIVATORS if it is none. */
enum cv_activator cv_rewrite_activator(struct cv_str file);

/* Can the byte C continue a name of a file at the end of a path? In doubt it can. */
bool cv_rewrite_continues(char c);

#endif
