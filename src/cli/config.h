/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_CONFIG_H
#define CV_CLI_CONFIG_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cli/options.h"

/*
 * Configuration files.
 *
 * The user's file is cvenv/config.toml in $XDG_CONFIG_HOME, else in ~/.config; on macOS without
 * that variable in ~/Library/Application Support, on Windows in %APPDATA%. Each option that has a
 * variable is a key of the same name, except --no-config. `python` may be an array, as -p may be
 * given several times. A relative DIR, or a path of a Python, is relative to the directory of the
 * file; "~/" is the home directory. The file is ignored with a warning if another user than root
 * owns it, or if everybody may write to it: it names programs to run and directories to write to.
 *
 * The project's file is the nearest pyproject.toml, in the current directory or above, with its
 * table [tool.cvenv]. It comes with a checkout of anybody's, so it may only have the keys that are
 * CV_KEY_PROJECT in the option table. A pyproject.toml that cannot be read is ignored with a
 * warning: other tools complain better about it.
 *
 * Anything else that is wrong with a file is an error with file, line and key. A file that cvenv
 * has no permission to search for counts as missing.
 */

/*
 * Set in *O what neither the command line nor a variable has set, after cv_options_parse(). Strings
 * are in the arena. Does nothing if o->library.no_config. Fails with CVENV_EUSAGE or ENOMEM.
 */
int cv_config_read(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o,
	struct cvenv_error *err);

/* The same for the TABLE of one file: FROM is CV_FROM_PROJECT or CV_FROM_USER. */
struct cv_toml;
int cv_config_apply(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o,
	enum cv_option_from from, const char *path, const struct cv_toml *table,
	struct cvenv_error *err);

/* Where the user's file is. NULL: nowhere, or memory is exhausted. */
const char *cv_config_user_file(const struct cv_ctx *ctx, struct cv_arena *a);

#endif
