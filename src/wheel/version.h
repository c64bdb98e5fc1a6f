/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_VERSION_H
#define CV_WHEEL_VERSION_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Versions and specifiers of PEP 440. Pure text: nothing is allocated, numbers have any length,
 * nothing fails.
 */

/* True when the text, without white space around it, is a PEP 440 version. */
bool cv_version_ok(struct cv_str version);

/*
 * <0, 0, >0, in the order of PEP 440: 1.dev1 < 1a1 < 1 < 1+local < 1.post1 < 1!0, and
 * 1.0 equals 1. What is not a version sorts below all that are, and by bytes among its like.
 */
int cv_version_cmp(struct cv_str a, struct cv_str b);

/*
 * Whether VERSION satisfies each clause of a set such as ">=3.8, !=3.9.*, <4": what Requires-Python
 * holds. Known are ~= == != <= >= < > ===, and ".*" after == and !=. An empty set is satisfied
 * by every version. A clause that is not understood is not satisfied. Pre-releases are compared as
 * any other version, as pip does for the interpreter's own.
 */
bool cv_version_in(struct cv_str specifiers, struct cv_str version);

#endif
