/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ACTIVATION_H
#define CV_ENV_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * What an activation script of any maker says: which environment it activates, and whether a value
 * in it can run as code.
 *
 *	rc = cv_activation_read(&arena, "activate.csh", text, "my env", &is);
 *
 * The scripts of venv, virtualenv, uv and cvenv assign the path of the environment on a line of a
 * known form. The value is decoded as that shell reads it. A script that finds the environment by
 * its own place, or that a user has changed beyond recognition, names no directory.
 *
 * venv (until its versions of late 2024, CVE-2024-9287) and uv (for prompts) write a value between
 * quotes as it is. The shell then expands or ends the quotes at certain characters in it.
 */
enum cv_activation_form {
	CV_ACTIVATION_SOUND, /* no value is known to be written in that way */
	CV_ACTIVATION_WEAK,  /* one is, but the shell reads it as it was meant */
	CV_ACTIVATION_RUNS,  /* one is, and the shell expands a part of it, or runs it */
};

struct cv_activation {
	const char *dir; /* the environment; NULL: unknown, or found by place */
	enum cv_activation_form form;
	bool in_prompt; /* it is the prompt that decides `form` */
};

enum { CV_ACTIVATION_MAX = 256 * 1024 }; /* more of a file need not be read */

/*
 * Is a file of this name, which is in bin, an activation script that names its environment? (Those
 * of deactivate.csh and pydoc.bat do not.)
 */
bool cv_activation_named(const char *file);

/*
 * FILE is the name in bin, TEXT the content, PROMPT the prompt of pyvenv.cfg or NULL. 0 or -ENOMEM.
 */
int cv_activation_read(struct cv_arena *a, const char *file, struct cv_str text, const char *prompt,
	struct cv_activation *ret);

#endif
