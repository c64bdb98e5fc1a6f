/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_PIP_RUN_H
#define CV_CREATE_PIP_RUN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "env/layout.h"

/*
 * Run `pip install ARGS` of the environment LAYOUT, for that environment: the only code of packages
 * that cvenv runs, and the only step that uses the network.
 *
 * - The user's pip configuration is used, except for settings that select another location, other
 *   packages or a dry run.
 * - pip's output goes to stderr; with QUIET only its errors.
 * - pip runs isolated (-I), so that no file in the current directory is imported as a module.
 *
 * ARGS ends with NULL. WHAT names the command in the error, CVENV_EPIP if pip fails.
 */
int cv_pip_run(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	const char *what, const char *const *args, bool quiet, struct cvenv_error *err);

#endif
