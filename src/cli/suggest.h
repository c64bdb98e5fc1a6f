/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_SUGGEST_H
#define CV_CLI_SUGGEST_H

#include <stddef.h>

#include "base/str.h"

/*
 * Finds the name that a user probably meant by TYPED. Pass each valid name to cv_suggest():
 *
 *	struct cv_suggestion s = { .typed = CV_LIT("prmopt") };
 *	cv_suggest(&s, "python");
 *	cv_suggest(&s, "prompt");
 *	// s.name is "prompt"; it stays NULL if no name is similar
 */
struct cv_suggestion {
	struct cv_str typed;
	const char *name;
	size_t distance; /* between `typed` and `name` */
};

void cv_suggest(struct cv_suggestion *s, const char *name);

#endif
