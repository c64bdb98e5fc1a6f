/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_ARCHIVE_H
#define CV_FINISHED_ARCHIVE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"
#include "fs/plan.h"

/*
 * Pack an environment for another place: cvenv_pack(). First all names are listed and checked
 * (env/portable.h), with the texts as finished/texts.h rewrites them: then nothing in the archive
 * leads out of it, except what RET->outside says. Only then is a byte written (archive_write.h).
 *
 * Scripts start the interpreter of their own directory, and the activation scripts are cvenv's
 * relocatable ones. pyvenv.cfg loses `command`, which names the old place. Left out are temporary
 * files, and bytecode that is not that of its source, which Python does not load either.
 *
 * Refused (CVENV_EREFUSED) are projects that are installed as editable, and .pth files with paths
 * out of the environment: no other place has them. With with_python, also a base interpreter that
 * does not find its library by its own place.
 *
 * PLAN gets the members, for a dry run; NULL: none. Strings are in A.
 */
int cv_archive_pack(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	const struct cvenv_archive *how, bool dry_run, struct cv_plan *plan,
	struct cvenv_change *ret, struct cvenv_error *err);

#endif
