/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PRUNE_H
#define CV_CLI_PRUNE_H

#include "cli/options.h"

/*
 * Run --prune. 0, or -1 and *error. CV_RUN_FINDINGS: some could not be removed, and the errors were
 * printed.
 */
int cv_prune_run(const struct cv_options *options, struct cvenv_error *error);

#endif
