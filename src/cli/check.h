/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_CHECK_H
#define CV_CLI_CHECK_H

#include <stdio.h>

#include "cli/options.h"
#include "cvenv.h"

/*
 * --check: a line, or with --json an object, for what is wrong with each environment. Goes on after
 * one that cannot be read. CV_RUN_FINDINGS if anything is worse than a note.
 */
int cv_check_run(const struct cv_options *options, struct cvenv_error *error);

/* "NAME": [{...}, ...], without a comma at the end; of the session's last environment. */
void cv_json_findings(FILE *to, const char *name, struct cvenv *session);

/* A line on stdout. */
void cv_print_finding(const char *env_dir, const struct cvenv_finding *finding);

#endif
