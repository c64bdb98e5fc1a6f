/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_COMMAND_PATH_H
#define CV_CLI_COMMAND_PATH_H

#include "base/arena.h"
#include "base/ctx.h"

/*
 * The absolute path of this command, for scripts that run it later. Links are not resolved, because
 * an update may replace their target. NULL if memory is exhausted; relative only if the current
 * directory is unknown, or if the command is not found on PATH.
 */
const char *cv_command_path(struct cv_arena *a, const struct cv_ctx *ctx, const char *argv0);

#endif
