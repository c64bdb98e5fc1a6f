/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_APART_H
#define CV_CREATE_APART_H

#include "create/session.h"
#include "fs/publish.h"

/*
 * Find a base interpreter outside of ENV_DIR: otherwise the environment would replace its own base.
 * If session->info describes an interpreter that is reached by links through ENV_DIR (an
 * environment without pyvenv.cfg, a project's own bin/python3), replace it: follow the chain of
 * links to the first file from which no link leads through ENV_DIR. Needs the interpreter info.
 */
int cv_apart_follow(
	struct cv_session *session, const struct cv_target *target, struct cvenv_error *err);

/*
 * Set target->base from INFO, with paths in A, then call cv_target_check(): it refuses a directory
 * that contains the base interpreter or its library.
 */
int cv_apart_check(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_info *info,
	struct cv_target *target, struct cvenv_error *err);

#endif
