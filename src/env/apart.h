/* SPDX-License-Identifier: MIT */
#ifndef CV_APART_H
#define CV_APART_H

#include "env/session.h"
#include "fs/publish.h"

/*
 * The base interpreter is outside of ENV_DIR: else the environment would be made from itself, and
 * take its interpreter away. When session->facts are of one that is reached by links through
 * ENV_DIR (an environment whose pyvenv.cfg is missing, a project's own bin/python3), they become
 * those of the first file on the way that is not. Needs the facts.
 */
int cv_apart_follow(struct cv_session *session, const struct cv_target *target, struct cv_err *err);

/*
 * target->base from FACTS, in A, then cv_target_check(): refuses a directory that the base
 * interpreter or its library is in.
 */
int cv_apart_check(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_facts *facts,
	struct cv_target *target, struct cv_err *err);

#endif
