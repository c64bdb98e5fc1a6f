/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_SHELLS_H
#define CV_ENV_SHELLS_H

#include <stdbool.h>

#include "env/activate.h"

/* Shells by the names of their processes or programs ("-zsh", "/usr/bin/fish", "pwsh.exe"). */
struct cv_shell {
	enum cv_activator activator;
	bool dot;   /* reads a file with `.`, and may not have `source` */
	bool blind; /* a CV_ACTIVATE_POSIX script cannot find its own location */
};

bool cv_shell_known(const char *name, struct cv_shell *ret);

/* The result of cv_activate_line() for SHELL; NULL if it cannot activate the environment. */
const char *cv_shell_line(
	struct cv_arena *a, struct cv_shell shell, const struct cv_activate *what);

#endif
