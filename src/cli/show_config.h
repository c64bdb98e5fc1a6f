/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_SHOW_CONFIG_H
#define CV_CLI_SHOW_CONFIG_H

#include "base/ctx.h"
#include "base/err.h"
#include "cli/options.h"

/*
 * --show-config: print the value of each option that has a variable, and where it comes from, as a
 * table or, with o->json, as a JSON object; then the base interpreter and the configuration files.
 */
int cv_show_config(const struct cv_options *o, struct cvenv_error *err);

#endif
