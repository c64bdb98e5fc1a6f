/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_LAYOUT_H
#define CV_ENV_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"
#include "interpreter/info.h"

/*
 * Where everything of an environment goes: pure, from what the base is and what
 * was asked. The rules are those of Lib/venv/__init__.py of that version
 * (ensure_directories, setup_python) and, from 3.11, of its sysconfig scheme
 * "venv"; PyPy's additions are those of its own copy.
 */
enum { CV_NAMES_MAX = 8 };

struct cv_layout {
	const char *env_dir; /* absolute, normalised */
	const char *prompt;  /* what activation shows: resolved, without parentheses */
	const char *bin;     /* this and the next four relative to ENV_DIR */
	const char *include;
	const char *purelib;
	const char *platlib; /* NULL when it is not made (before 3.15) */
	bool lib64_link;     /* lib64 -> lib */
	bool gitignore;
	bool relocatable;    /* as asked */
	const char *env_exe; /* absolute */

	/* In bin/: the first is the name that the base was called by, the rest lead to it. */
	const char *names[CV_NAMES_MAX];
	size_t name_count;
};

int cv_layout_compute(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_info *info,
	const struct cvenv_options *request, const char *env_dir, struct cv_layout *ret,
	struct cvenv_error *err);

#endif
