/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PYTHONS_H
#define CV_CLI_PYTHONS_H

#include "cli/options.h"

/* Run --pythons. 0, or -1 and *error. */
int cv_pythons_run(const struct cv_options *options, struct cvenv_error *error);

#endif
