/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_SHELLS_H
#define CV_ENV_SHELLS_H

#include <stdbool.h>

#include "env/activate.h"

/* Shells by the names of their processes or programs ("-zsh", "/usr/bin/fish"). */
struct cv_shell {
	enum cv_activator activator;
	bool dot;   /* reads a file with `.`, and may not know `source` */
	bool blind; /* a script of CV_ACTIVATE_POSIX cannot find its own location */
};

bool cv_shell_known(const char *name, struct cv_shell *ret);

/* cv_activate_line() in the words of that shell; NULL when nothing can be typed there. */
const char *cv_shell_line(
	struct cv_arena *a, struct cv_shell shell, const char *env_dir, const char *bin);

#endif
