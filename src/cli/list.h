/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_LIST_H
#define CV_CLI_LIST_H

#include "base/arena.h"
#include "cli/options.h"

/*
 * The ROOTs of a run, ending with NULL. *RET is NULL if there are none: then the usual places are
 * searched.
 */
int cv_list_roots(struct cv_arena *a, const struct cv_options *options, const char *const **ret,
	struct cvenv_error *error);

/* With --json: print the object of a search that failed. */
void cv_list_failure(const struct cvenv_error *error);

/* Run --list. 0, or -1 and *error. */
int cv_list_run(const struct cv_options *options, struct cvenv_error *error);

#endif
