/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_PLACE_H
#define CV_INTERPRETER_MANAGERS_PLACE_H

#include "base/arena.h"
#include "base/ctx.h"

/*
 * Where version managers keep their files. The directories come from the environment variables, and
 * may be missing.
 */
enum cv_manager {
	CV_PYENV, /* on Windows pyenv-win */
	CV_ASDF,  /* not on Windows */
	CV_MISE,
	CV_SHIMS, /* the number of those with shims */
	CV_UV = CV_SHIMS,
	CV_PYMANAGER, /* the Python install manager, only on Windows */
	CV_MANAGER_COUNT,
};

/*
 * *ret is the data directory of the manager, or the directory of its versions; NULL if its place is
 * unknown. Fails with -ENOMEM only.
 */
int cv_manager_root(
	const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager id, char **ret);
int cv_manager_versions(
	const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager id, char **ret);

const char *cv_manager_name(enum cv_manager id);

/* The interpreter in the directory of a version: "bin/python3.12", on Windows "python.exe". */
char *cv_manager_exe(struct cv_arena *arena, const char *version_dir, const char *name);

#endif
