/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_CACHE_H
#define CV_CLI_CACHE_H

#include "cli/options.h"

/* Run --warm, --cache-info or --cache-clean. 0, or -1 and *error. */
int cv_cache_run(const struct cv_options *options, struct cvenv_error *error);

#endif
