/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_ENVIRONMENT_H
#define CV_CLI_ENVIRONMENT_H

#include <stdio.h>

#include "cvenv.h"

/*
 * What the actions on existing environments print in JSON about each: its members from "path" to
 * "package_count", without the braces and without a comma at the end. What is unknown is left out;
 * only "manager" is then null.
 */
void cv_json_environment(FILE *to, const struct cvenv_environment *environment);

/* "venv", "virtualenv", "uv", "cvenv", "unknown" */
const char *cv_maker_text(enum cvenv_maker maker);

#endif
