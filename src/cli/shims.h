/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_SHIMS_H
#define CV_CLI_SHIMS_H

#include "cli/options.h"

/* Run --install-shims. 0, or -1 and *error. */
int cv_shims_run(const struct cv_options *options, struct cvenv_error *error);

/*
 * If this process was started as a shim (interpreter/managers/own_shim.h), do what it does:
 *
 * - `-m venv` with the options of an interpreter before it, and at least one ENV_DIR and only known
 *   options behind it: 1, and *ARGC and *ARGV become those of cvenv --python INTERPRETER.
 * - Anything else: replace this process by the interpreter. Negative and *error if that fails.
 *
 * 0: this process is no shim. Call it before anything that an interpreter would inherit, such as
 * signal handlers.
 */
int cv_shim_begin(int *argc, char ***argv, struct cvenv_error *error);

#endif
