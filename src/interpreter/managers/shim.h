/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_SHIM_H
#define CV_INTERPRETER_MANAGERS_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/managers/place.h"
#include "interpreter/which.h"

/*
 * Version managers put a directory of shims on PATH: programs that find out which version is wanted
 * in the current directory, and start it. cvenv finds that out itself, by each manager's documented
 * rules, since a shim is slow and its errors do not help:
 *
 *	pyenv	$PYENV_VERSION, .python-version from $PYENV_DIR or from the current directory
 *		upwards, $PYENV_ROOT/version; prefixes ("3.12") mean the newest installed
 *	asdf	$ASDF_PYTHON_VERSION, .tool-versions upwards, ~/.tool-versions
 *	mise	$MISE_PYTHON_VERSION, mise.toml and its variants, .tool-versions and
 *		.python-version upwards, then the user's config.toml
 *
 * "system" means the rest of PATH, without shims. On Windows it is pyenv-win, whose shims are batch
 * files, with $PYENV instead of $PYENV_ROOT, and there is no asdf.
 *
 * If a chosen version is not installed, pyenv (2.5 and later) skips it and starts the Python on the
 * rest of PATH. cvenv does the same, with a warning. asdf refuses. mise installs the version; cvenv
 * never installs anything, and refuses.
 *
 * A file that is not valid TOML is EINVAL, with its name and line: mise refuses it, too.
 *
 * Anyone may have written those files, so a version is used only if it is a safe directory name.
 */

/*
 * If *EXE is a shim, replace it by the interpreter that the shim would start. Otherwise leave it.
 * The shims that cvenv itself installs (own_shim.h) count, too.
 * If that interpreter is missing, CVENV_ENOPYTHON; the message names the shim and the origin of the
 * version, the hint what to do. *ret_missing, if RET_MISSING is not NULL, is then the name of a
 * chosen version that is not installed; else it is empty.
 */
int cv_shim_resolve(const struct cv_ctx *ctx, struct cv_arena *arena, char **exe,
	struct cv_str *ret_missing, struct cvenv_error *err);

/*
 * The manager whose shim EXE is, or CV_SHIMS if it is none. *ret_variable is the variable in which
 * the user has set this manager's version ("PYENV_VERSION"), or NULL. -ENOMEM.
 */
int cv_shim_manager(const struct cv_ctx *ctx, struct cv_arena *arena, const char *exe,
	const char **ret_variable);

/*
 * If DIR, a directory of PATH, contains shims, the directories of the installed versions that they
 * search here, in order. What they would find on the rest of PATH is left out. 1; 0: it contains
 * no shims. Fails with -ENOMEM only.
 */
enum { CV_SHIM_DIRS_MAX = 32 };
int cv_shim_dirs(const struct cv_ctx *ctx, struct cv_arena *arena, const char *dir,
	char *ret[CV_SHIM_DIRS_MAX], size_t *ret_count);

#endif
