/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_REPAIR_H
#define CV_CLI_REPAIR_H

#include "cli/options.h"

/*
 * --repair: repair each environment, and print what is left to do, or with --json an object. Goes
 * on after one that cannot be repaired. CV_RUN_FINDINGS if one failed, or still has a finding that
 * is worse than a note.
 */
int cv_repair_run(const struct cv_options *options, struct cvenv_error *error);

#endif
