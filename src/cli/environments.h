/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_ENVIRONMENTS_H
#define CV_CLI_ENVIRONMENTS_H

#include "cli/options.h"

/* What an action does with one environment: 0, CV_RUN_FINDINGS, or -1 and *error. */
typedef int cv_environment_fn(struct cvenv *session, const char *env_dir,
	const struct cv_options *options, struct cvenv_error *error);

/*
 * Call FN for each environment of the run, in one session. One that fails is told on stderr, and
 * the next one follows, unless the run was interrupted. Then flush stdout. 0, CV_RUN_FINDINGS if FN
 * had them or failed, or -1 and *error.
 */
int cv_each_environment(
	const struct cv_options *options, cv_environment_fn *fn, struct cvenv_error *error);

#endif
