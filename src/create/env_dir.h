/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_ENV_DIR_H
#define CV_CREATE_ENV_DIR_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"
#include "fs/publish.h"

/*
 * Check ENV_DIR without the base interpreter: may an environment have this name and, if it is a
 * link, the name of its target? *ret_path is its absolute path, *ret_target what exists there. If
 * ENV_DIR is a redirect file (redirect.h), both are about the directory that it names, and
 * ret_target->redirect is the file. Writes nothing.
 */
int cv_env_dir_find(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const char *env_dir, enum cv_clear clear,
	const char **ret_path, struct cv_target *ret_target, struct cvenv_error *err);

#endif
