/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_STORE_PYTHON_H
#define CV_CREATE_STORE_PYTHON_H

#include "base/ctx.h"
#include "interpreter/info.h"

/*
 * Windows redirects what a Python of the Microsoft Store writes below %LOCALAPPDATA% and %APPDATA%
 * to a directory of its package. If ENV_DIR (absolute, normalised) is there, packages that are
 * installed later are not in ENV_DIR, and no other program sees them: log a warning.
 */
void cv_warn_of_store_python(
	const struct cv_ctx *ctx, const struct cv_info *info, const char *env_dir);

#endif
