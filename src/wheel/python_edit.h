/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_PYTHON_EDIT_H
#define CV_WHEEL_PYTHON_EDIT_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The string literals of a Python source, one after the other:
 *
 *	struct cv_python_reader reader = { .rest = text };
 *	while ((rc = cv_python_next(a, &reader, &literal)) > 0)
 *		... literal.raw, literal.value ...
 *
 * Literals with a prefix, f"..." or b'...', are skipped: their values are bytes, or known only when
 * the program runs. A quote inside the braces of an f-string, which Python 3.12 allows, ends it
 * here.
 */
struct cv_python_reader {
	struct cv_str rest;
};

struct cv_python_literal {
	struct cv_str raw;   /* in the text, with its quotes */
	struct cv_str value; /* p is NULL: no path has this value, or it is not decoded (\N{...}) */
};

/* 1; 0: the end; -EINVAL: a literal that does not end, or bytes that are not UTF-8; -ENOMEM. */
int cv_python_next(
	struct cv_arena *a, struct cv_python_reader *reader, struct cv_python_literal *ret);

#endif
