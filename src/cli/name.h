/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_NAME_H
#define CV_CLI_NAME_H

#include "base/arena.h"
#include "base/err.h"
#include "cli/options.h"

/*
 * Environments with a name, in one directory per user, as virtualenvwrapper and editors have them:
 * $WORKON_HOME, else ~/.virtualenvs. A relative WORKON_HOME is relative to the home directory, and
 * "~" at its start is that directory, as in virtualenvwrapper.
 */

/* Fail unless NAME is one component of a path that no program reads as an option. CVENV_EUSAGE. */
int cv_name_check(const char *name, struct cvenv_error *err);

/* *RET becomes the directory of the environment NAME. ENVP is like environ, and may be NULL. */
int cv_name_dir(struct cv_arena *a, const char *const *envp, const char *name, const char **ret,
	struct cvenv_error *err);

/*
 * The environments of a run: the ENV_DIRs, then that of -n/--name; ".venv" if there are none. Of
 * --clone and --move, SRC and DEST.
 */
int cv_env_dirs(struct cv_arena *a, const struct cv_options *options, const char *const **ret,
	size_t *ret_count, struct cvenv_error *err);

#endif
