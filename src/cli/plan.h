/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PLAN_H
#define CV_CLI_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "cvenv.h"

/* The entries of cvenv_plan_entry(), after a call of the library that planned or made changes. */

/* One entry per line. */
void cv_plan_print(FILE *to, const struct cvenv *session);

/*
 * "plan": [...], without a comma at the end. CLEARS: the old content of the environment will be
 * deleted first.
 */
void cv_plan_json(FILE *to, const struct cvenv *session, bool clears);

/* The end of an object and its line: "duration_ms", and of a dry run the plan. */
void cv_plan_json_end(
	FILE *to, const struct cvenv *session, double duration_ms, bool dry_run, bool clears);

/* Warn of the files that still contain an old path, if there are any. */
void cv_warn_of_left(const struct cvenv_change *change);

#endif
