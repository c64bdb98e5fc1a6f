/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_CHOICE_H
#define CV_INTERPRETER_MANAGERS_CHOICE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/managers/shim.h"

/*
 * Private to managers/: the versions that apply in the current directory, and where they are set.
 */
enum { CV_CHOICE_MAX = 32 };

struct cv_choice {
	struct cv_str versions[CV_CHOICE_MAX];
	size_t count;
	const char *origin; /* a file, or the name of a variable; NULL: no version is set */
};

/* Read the versions by MANAGER's rules; ROOT is its data directory. Names are not checked yet. */
int cv_choice_read(const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager m,
	const char *root, struct cv_choice *ret, struct cvenv_error *err);

#endif
