/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_NAME_H
#define CV_CLI_NAME_H

#include "base/arena.h"
#include "base/err.h"

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

#endif
