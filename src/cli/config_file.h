/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_CONFIG_FILE_H
#define CV_CLI_CONFIG_FILE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/toml.h"

/* Finds and reads configuration files, see config.h. */

/*
 * Read the user's file PATH. *RET is its root, or NULL if there is no such file or it is ignored.
 */
int cv_config_read_user(const struct cv_ctx *ctx, struct cv_arena *a, const char *path,
	struct cv_toml **ret, struct cvenv_error *err);

/*
 * Read the nearest pyproject.toml. *RET is its table [tool.cvenv], which may be of another type.
 * NULL if there is no such file, if it has no such table, or if it is ignored. *RET_PATH is the
 * file if there is one.
 */
int cv_config_read_project(const struct cv_ctx *ctx, struct cv_arena *a, const char **ret_path,
	struct cv_toml **ret, struct cvenv_error *err);

#endif
