/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_COMPLETIONS_H
#define CV_CLI_COMPLETIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "cli/options.h"

struct cv_option;

/*
 * What shells need to complete the command line of cvenv. Each shell has a script, cvenv.bash and
 * so on, in which rows.c replaces "@OPTIONS@" by a row for each option of cv_option_table: a new
 * option needs nothing here.
 *
 * The scripts offer what the command accepts: no option that is refused beside those given, or has
 * no effect when it is repeated. Help may be any text; the rows quote it for their shell. Names of
 * options and choices have no characters that a shell would interpret. What depends on the machine
 * is asked for when it is completed, by `cvenv --completions pythons` and `cvenv --completions
 * names`. These print a line for each value: the value, and for pythons a tab and a description.
 * Neither contains control characters, and scripts never evaluate them.
 */
enum cv_completions {
	CV_COMPLETIONS_NONE,
	CV_COMPLETIONS_BASH,
	CV_COMPLETIONS_ZSH,
	CV_COMPLETIONS_FISH,
	CV_COMPLETIONS_POWERSHELL,
	CV_COMPLETIONS_NUSHELL,
	CV_COMPLETIONS_PYTHONS,
	CV_COMPLETIONS_NAMES,
};

/* Run --completions: print what options->completions says. 0, or -1 and *error. */
int cv_completions_run(const struct cv_options *options, struct cvenv_error *error);

/* Append the script of SHELL for the COUNT options of TABLE to TO. */
void cv_completions_script(
	struct cv_buf *to, enum cv_completions shell, const struct cv_option *table, size_t count);

/* --- between the files of the completions --------------------------------------------------- */

struct cv_completer {
	struct cv_buf *to;
	const struct cv_option *options;
	size_t count;
};

/* Below, an option that is NULL means ENV_DIRs: each script has a row for them. */

/* What completes the argument of an option. */
enum cv_argument {
	CV_ARGUMENT_NONE, /* it has none, or only an attached one that nothing completes */
	CV_ARGUMENT_TEXT, /* nothing completes it */
	CV_ARGUMENT_CHOICE,
	CV_ARGUMENT_CHOICES, /* names and commas */
	CV_ARGUMENT_DIR,
	CV_ARGUMENT_PYTHON, /* a line of --completions pythons, or a file */
	CV_ARGUMENT_NAME,   /* a line of --completions names */
};
enum cv_argument cv_argument_of(const struct cv_option *option);

/* The same for scripts: "text", "choice", "list", "dir", "python", "name"; else "". */
const char *cv_argument_name(const struct cv_option *option);

/* Is OTHER refused, or without effect, if OPTION is given? They may be the same. */
bool cv_completion_excludes(const struct cv_option *option, const struct cv_option *other);

/* The first phrase of its help. Shells show it beside the option, in what is left of the line. */
struct cv_str cv_completion_help(const struct cv_option *option);

#endif
