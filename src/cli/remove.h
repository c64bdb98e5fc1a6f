/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_REMOVE_H
#define CV_CLI_REMOVE_H

#include "cli/options.h"

/* Run --remove. 0, or -1 and *error. */
int cv_remove_run(const struct cv_options *options, struct cvenv_error *error);

#endif
