/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_VERSION_H
#define CV_WHEEL_VERSION_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Versions and specifiers of PEP 440. Nothing is allocated, numbers have any length, and no
 * function fails.
 */

/* Is the text, without white space around it, a PEP 440 version? */
bool cv_version_ok(struct cv_str version);

/*
 * <0, 0, >0, in the order of PEP 440: 1.dev1 < 1a1 < 1 < 1+local < 1.post1 < 1!0, and 1.0 equals 1.
 * Invalid versions sort below all valid ones, and by bytes among themselves.
 */
int cv_version_cmp(struct cv_str a, struct cv_str b);

/*
 * Does VERSION satisfy every clause of SPECIFIERS, such as ">=3.8, !=3.9.*, <4"? This is the format
 * of Requires-Python. Supported are ~= == != <= >= < > ===, and ".*" after == and !=. Every version
 * satisfies an empty set, and none satisfies an invalid clause. Pre-releases are compared like
 * other versions, as pip does for the interpreter's version.
 */
bool cv_version_in(struct cv_str specifiers, struct cv_str version);

/* Are all clauses of SPECIFIERS valid? */
bool cv_specifiers_ok(struct cv_str specifiers);

/*
 * Does a clause other than "!=" name a pre-release, such as ">=3.15.0b1"? Only then PEP 440 lets
 * SPECIFIERS choose one.
 */
bool cv_specifiers_pre(struct cv_str specifiers);

#endif
