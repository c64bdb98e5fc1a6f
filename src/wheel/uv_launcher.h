/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_UV_LAUNCHER_H
#define CV_WHEEL_UV_LAUNCHER_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Console scripts on Windows, as uv 0.13 makes them: a program that has resources of the type
 * RT_RCDATA,
 *
 *	UV_PYTHON_PATH		the interpreter, in UTF-8: absolute, or relative to the directory
 *				of the program
 *	UV_SCRIPT_DATA		an archive with __main__.py, stored, whose first line names the
 *				interpreter again, as a comment
 *	UV_TRAMPOLINE_KIND	1: a script
 *
 * Older versions of uv append the path to the program; these are not recognised.
 */
struct cv_uv_launcher {
	struct cv_str python; /* parts of the file */
	struct cv_str script;
	size_t size_at; /* where the file has the size of UV_PYTHON_PATH */
};

/* TEXT is the whole file. False: it is no such program, or one that is signed. */
bool cv_uv_launcher_parse(struct cv_str text, struct cv_uv_launcher *ret);

/*
 * Append TEXT with another PYTHON, which must not be longer than the old one: nothing else moves.
 * False: it is longer.
 */
bool cv_uv_launcher_set(struct cv_buf *to, struct cv_str text,
	const struct cv_uv_launcher *launcher, const char *python);

#endif
