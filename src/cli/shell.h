/* SPDX-License-Identifier: MIT */
#ifndef CV_SHELL_H
#define CV_SHELL_H

#include "base/ctx.h"
#include "env/activate.h"

/* The shell that the user types into: the parent process, if it is one, else $SHELL. */
struct cv_shell {
	enum cv_activator activator;
	bool dot; /* reads a file with `.`, and may not know `source` */
};

struct cv_shell cv_shell_at_hand(const struct cv_ctx *ctx);

#endif
