/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ACTIVATE_H
#define CV_ENV_ACTIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "env/activators.h"
#include "fs/plan.h"

/*
 * Activation scripts: one file per shell. The templates are in activate/, with @PLACEHOLDERS@ for
 * values. Each value is quoted for its shell (quote.h), and all are inserted in one pass, so that
 * nothing in a value is ever expanded.
 *
 * Each script does the following, and `deactivate` undoes it:
 *
 *	VIRTUAL_ENV		set to the environment
 *	VIRTUAL_ENV_PROMPT	set to its name
 *	PATH			its bin is put in front
 *	PYTHONHOME		unset
 *	the prompt		"(NAME) " is put in front, unless VIRTUAL_ENV_DISABLE_PROMPT
 *				is set and not empty, or the shell has no prompt
 *
 * These names, the variables _OLD_VIRTUAL_* with the former values, and `deactivate` are those of
 * CPython's Lib/venv/scripts, because programs use them.
 */
struct cv_activate {
	const char *env_dir; /* absolute; any bytes */
	const char *prompt;  /* the name of the environment; any bytes */
	const char *bin;     /* directory of the scripts, relative to env_dir: "bin", "Scripts" */
	unsigned scripts;    /* from cv_activators_of() */
	bool relocatable;    /* the scripts find the environment by their own location */
	bool windows;        /* env_dir is a path of Windows */
};

/*
 * Plan the files. *ret_working is the set of shells whose script can activate the environment. If a
 * shell cannot represent env_dir or the prompt (csh: a newline), its script prints the reason and
 * does nothing else, and CTX gets a warning; that is no error. The mode is 0644 without regard to
 * the umask, as in CPython.
 */
int cv_activate_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_activate *what,
	unsigned *ret_working, struct cvenv_error *err);

/*
 * Append the command that activates the environment in SHELL: "source .venv/bin/activate". Of WHAT,
 * env_dir is as the user wrote it, relative or absolute, and "" is "."; bin and windows are used,
 * too. Appends nothing if the shell has no way to write that directory.
 */
void cv_activate_line(struct cv_buf *b, struct cv_arena *arena, enum cv_activator shell,
	const struct cv_activate *what);

#endif
