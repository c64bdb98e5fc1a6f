/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_HOOK_H
#define CV_CLI_HOOK_H

#include "cli/options.h"

/*
 * --shell-hook: the shell function `cv`, which enters and leaves environments. The scripts are in
 * hook/. Their part after "@AUTO@" is only printed with --auto: it enters and leaves by itself when
 * the directory changes. "@COMMAND@" becomes the absolute path of this command, quoted, so that
 * the PATH of an environment cannot replace it.
 *
 * The function walks up from the current directory without help, and runs this command to enter:
 *
 *	cvenv --shell-hook enter-posix -- named NAME|DIR     the user has named it
 *	cvenv --shell-hook enter-posix -- nearest DIR/.venv  found by the walk
 *	cvenv --shell-hook enter-posix -- auto DIR/.venv     unasked
 *
 * It prints one line for `eval`, which sources the activation script; nothing if the environment is
 * active already, or is not to be entered. It never prints the text of a file. See enter.c for what
 * each of these trusts.
 */
enum cv_hook {
	CV_HOOK_NONE,
	CV_HOOK_BASH,
	CV_HOOK_ZSH,
	CV_HOOK_FISH,
	CV_HOOK_POSIX,
	CV_HOOK_POWERSHELL,
	CV_HOOK_NUSHELL, /* refused, with the reason */
	CV_HOOK_CSH,     /* the same */
	CV_HOOK_ENTER_POSIX,
	CV_HOOK_ENTER_FISH,
	CV_HOOK_ENTER_POWERSHELL,
};

/* Run it. Call it before cv_os_catch_signals(), so that ^C ends a question. */
int cv_hook_run(const struct cv_options *options, struct cvenv_error *error);

/* --- between the files of the hook ---------------------------------------------------------- */

/* Print the line that enters an environment, for the shell of options->shell_hook. */
int cv_hook_enter(const struct cv_options *options, struct cvenv_error *error);

/* Append the line that sources the file PATH; false if that shell cannot write its name. */
bool cv_hook_line(struct cv_buf *to, int hook, const char *path);

#endif
