/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_CLONE_H
#define CV_CLI_CLONE_H

#include "cli/options.h"

/* Run --clone or --move. 0, or -1 and *error. */
int cv_clone_run(const struct cv_options *options, struct cvenv_error *error);

#endif
