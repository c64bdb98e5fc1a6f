/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_OPTIONS_H
#define CV_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"

/*
 * The command line, read as the argparse of CPython 3.13's `python -m venv` reads it: long
 * options may be abbreviated, values follow after white space or '=', short ones may be joined,
 * the first "--" ends options, what looks like a negative number or has a space in it is an
 * ENV_DIR. Two things differ: ENV_DIRs may stand anywhere between options, and ENV_DIR
 * defaults to .venv. Abbreviations are looked up among venv's own options first, so what
 * CPython accepts means the same here.
 */
enum { CV_PYTHONS_MAX = 64 };

struct cv_options {
	struct cvenv_options library;
	bool help, version, json, dry_run;
	bool warm, cache_info, cache_clean; /* one of them at most: instead of environments */
	unsigned clean_days;                /* for cache_clean: what was used since stays */
	int verbosity;                      /* one more for each -v, one less for each -q */
	bool command_only;                  /* a given option is, see option_table.h */
	const char **env_dirs;              /* in argv's own memory */
	size_t env_dir_count;
	const char *pythons[CV_PYTHONS_MAX]; /* each -p, for --warm; the last is in library, too */
	size_t python_count;
};

/*
 * Options are taken from ARGV, else from the CVENV_* variables in ENVP (may be NULL), else they
 * are zero. The texts stay in ARGV and ENVP. ARGV is rearranged: ENV_DIRs move to its front.
 * Parsing stops at -h and --version: later mistakes are not reported, and wrong variables neither.
 * CVENV_EUSAGE on wrong usage.
 */
int cv_options_parse(int argc, char **argv, const char *const *envp, struct cv_options *ret,
	struct cvenv_error *err);

/* Add what -h prints to TO: at most 80 columns. */
void cv_help(struct cv_buf *to);

#endif
