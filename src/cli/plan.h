/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PLAN_H
#define CV_CLI_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "cvenv.h"

/* The entries of cvenv_plan_entry(), after a call of the library that planned or made changes. */

/* One entry per line. */
void cv_plan_print(FILE *to, const struct cvenv *session);

/* The elements of an array, without its brackets. Unless FIRST, other elements precede them. */
void cv_plan_json(FILE *to, const struct cvenv *session, bool first);

/* Warn of the files that still contain an old path, if there are any. */
void cv_warn_of_left(const struct cvenv_change *change);

#endif
