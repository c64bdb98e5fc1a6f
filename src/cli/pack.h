/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PACK_H
#define CV_CLI_PACK_H

#include "cli/options.h"

/* Run --pack. 0, or -1 and *error. */
int cv_pack_run(const struct cv_options *options, struct cvenv_error *error);

#endif
