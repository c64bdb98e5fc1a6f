/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_UPGRADE_DEPS_H
#define CV_CREATE_UPGRADE_DEPS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "env/layout.h"

/*
 * Have the environment's own pip bring pip (and setuptools) to the latest version, so that the
 * user's pip configuration holds (upgrade_dependencies in Lib/venv/__init__.py). The one step that
 * uses the network. pip's messages go to stderr, also what it says on stdout; QUIET: only errors.
 * It runs isolated (-I): no file that lies in ENV_DIR is taken for a module. Settings
 * in the user's variables or pip.conf that select another location, other packages or a dry run
 * are overridden. Afterwards the packages must be complete in ENV_DIR. ENV_DIR is locked meanwhile.
 * CVENV_EPIP if pip fails or the packages are not complete.
 */
int cv_upgrade_deps(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	bool setuptools, bool quiet, struct cvenv_error *err);

#endif
