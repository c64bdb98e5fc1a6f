/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ACTIVATE_H
#define CV_ENV_ACTIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "fs/plan.h"

/*
 * Activation scripts: one file per shell, in activate/ as that shell reads it, with
 * @PLACEHOLDERS@ for values. All placeholders are replaced in one pass, each by a value
 * quoted for that shell (quote.h), so that nothing in a value is ever expanded.
 *
 * What every script does, and `deactivate` takes back:
 *
 *	VIRTUAL_ENV		set to the environment
 *	VIRTUAL_ENV_PROMPT	set to its name
 *	PATH			its bin put in front
 *	PYTHONHOME		unset
 *	the prompt		"(NAME) " put in front, unless VIRTUAL_ENV_DISABLE_PROMPT
 *				is set and not empty, or the shell has no prompt
 *
 * These names, the _OLD_VIRTUAL_* that remember what was there, and `deactivate` are
 * as in CPython's Lib/venv/scripts, which programs look at.
 */
enum cv_activator {
	CV_ACTIVATE_POSIX,
	CV_ACTIVATE_FISH,
	CV_ACTIVATE_CSH,
	CV_ACTIVATE_POWERSHELL,
	CV_ACTIVATE_NUSHELL,
	CV_ACTIVATE_XONSH,
	CV_ACTIVATE_PYTHON,
	CV_ACTIVATE_BATCH,
	CV_ACTIVATORS,
};

enum {
	/* What CPython's venv writes on POSIX systems: always written. */
	CV_ACTIVATE_ALWAYS = 1U << CV_ACTIVATE_POSIX | 1U << CV_ACTIVATE_FISH |
			     1U << CV_ACTIVATE_CSH | 1U << CV_ACTIVATE_POWERSHELL,
	/* And what can be of use on such a system: what a caller asks for who has no opinion. */
	CV_ACTIVATE_DEFAULT = CV_ACTIVATE_ALWAYS | 1U << CV_ACTIVATE_NUSHELL |
			      1U << CV_ACTIVATE_XONSH | 1U << CV_ACTIVATE_PYTHON,
};

struct cv_activator_info {
	const char *name;       /* as in a list for cv_activators_parse() */
	const char *file;       /* in bin; what the user sources */
	const char *other_file; /* a second one that goes with it, or NULL */
	bool always;
};

/* The table, in the order of enum cv_activator. */
const struct cv_activator_info *cv_activators(size_t *ret_count);

/*
 * A list of names with commas, as a user gives it: "nushell,xonsh"; "" is none, spaces
 * around a name do not matter, and sh, bash, zsh and cshell are names too. *ret_set always includes
 * CV_ACTIVATE_ALWAYS. False for a name that is not in the table, which *ret_bad is then (part of
 * LIST).
 */
bool cv_activators_parse(struct cv_str list, unsigned *ret_set, struct cv_str *ret_bad);

struct cv_activate {
	const char *env_dir; /* absolute; any bytes */
	const char *prompt;  /* the environment's name; any bytes */
	const char *bin;     /* where the scripts go, below env_dir: "bin" */
	unsigned shells;     /* bits 1 << enum cv_activator; CV_ACTIVATE_ALWAYS is added */
	bool relocatable;    /* the scripts find the environment by their own location */
};

/*
 * Plan the files; *ret_working gets the bits of those shells whose script can do its work. A shell
 * that cannot carry env_dir or the prompt (a newline in csh) gets a script that says so and does
 * nothing, and a warning goes to CTX; that is no error. Mode is 0644 whatever the umask, as CPython
 * leaves it.
 */
int cv_activate_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_activate *what,
	unsigned *ret_working, struct cvenv_error *err);

/*
 * What to type into that shell to enter the environment: "source .venv/bin/activate".
 * ENV_DIR as the user knows it, relative or absolute, "" for ".". Nothing is added for a directory
 * that cannot be typed there.
 */
void cv_activate_line(struct cv_buf *b, struct cv_arena *arena, enum cv_activator shell,
	const char *env_dir, const char *bin);

#endif
