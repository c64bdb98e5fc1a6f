/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_UPGRADE_DEPS_H
#define CV_CREATE_UPGRADE_DEPS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "env/layout.h"

/*
 * Run the environment's pip (pip_run.h) to upgrade pip (and setuptools) to the latest version
 * (upgrade_dependencies in Lib/venv/__init__.py). ENV_DIR is locked meanwhile.
 *
 * CVENV_EPIP if pip fails, or if the packages are not complete afterwards.
 */
int cv_upgrade_deps(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	bool setuptools, bool quiet, struct cvenv_error *err);

#endif
