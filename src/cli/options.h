/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_OPTIONS_H
#define CV_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"

/*
 * The command line, parsed as argparse in CPython 3.13's `python -m venv` does: long options may be
 * abbreviated, values follow after white space or '=', short options may be joined, and the first
 * "--" ends the options. An argument that is a negative number or contains a space is an ENV_DIR.
 * Three things differ: ENV_DIRs may be placed anywhere between options, ENV_DIR defaults to
 * .venv, and options that a variable or a file can set can be switched off, as by --copies=0.
 * Abbreviations are matched against venv's own options first, so what CPython accepts means the
 * same here.
 */
enum { CV_PYTHONS_MAX = 64, CV_OPTIONS_MAX = 64, CV_TEXTS_MAX = 16 };

/* The arguments of an option that may be repeated, in their order. */
struct cv_option_texts {
	const char *texts[CV_TEXTS_MAX];
	size_t count;
};

/* Where the value of an option comes from. After the default, the nearest source is first. */
enum cv_option_from {
	CV_FROM_DEFAULT,
	CV_FROM_ARGV,
	CV_FROM_VARIABLE,
	CV_FROM_PROJECT, /* pyproject.toml */
	CV_FROM_USER,    /* config.toml */
};

struct cv_option_origin {
	enum cv_option_from from;
	size_t line;                 /* in a file; else 0 */
	const struct cv_option *set; /* this option, or the one that excludes it; NULL: default */
};

/* How much --list and --check do. */
enum cv_option_depth { CV_DEPTH_NONE, CV_DEPTH_NORMAL, CV_DEPTH_QUICK, CV_DEPTH_FULL };

/* A file of config.h. */
struct cv_config_file {
	const char *path; /* NULL: none was found, or searched */
	bool used;        /* it exists, has settings, and is not ignored */
};

struct cv_options {
	struct cvenv_options library;
	const char *command; /* argv[0]; NULL: none */
	bool help, version, json, dry_run;
	/* the one given instead of creating environments; NULL: none */
	const struct cv_option *action;
	/* at most one of them, instead of creating environments */
	bool warm, list_pythons, cache_info, cache_clean, show_config;
	/* the same: an enum cv_completions of completions.h, what to print */
	int completions;
	const char *install_shims; /* the same: a directory */
	/* for cache_clean: delete only entries unused for as many days */
	unsigned clean_days;
	/* the same, on environments that exist */
	int list, check; /* an enum cv_option_depth */
	bool repair, clone, move, remove, prune, pack;
	int shell_hook; /* an enum cv_hook of hook.h */
	/* for prune: those unused for as many days, too; 0: only broken ones */
	unsigned prune_days;
	bool yes;                     /* for prune: delete them */
	const char *output;           /* for pack */
	bool with_python;             /* the same */
	struct cv_option_texts roots; /* for clone and move: each OLD=NEW */
	bool automatic;               /* for shell_hook */
	/* 1 is added for each -v, and subtracted for each -q */
	int verbosity;
	/* an option was given that has command_only, see option_table.h */
	bool command_only;
	/* write the redirect file .venv: then library.redirect names it */
	bool redirect;
	const char *name;      /* instead of ENV_DIR, see name.h; NULL: none */
	const char **env_dirs; /* part of argv */
	size_t env_dir_count;
	/* each -p, or each python of a file; the first one is also library.python or, of the user's
	   file, library.default_python, and the others are library.pythons */
	const char *pythons[CV_PYTHONS_MAX + 1];
	size_t python_count;
	struct cv_config_file project_file, user_file;
	struct cv_option_origin origins[CV_OPTIONS_MAX]; /* by index in cv_option_table */
};

/*
 * Options come from ARGV, else from the CVENV_* variables in ENVP (may be NULL), else they are
 * zero. The strings in *ret are those of ARGV and ENVP. ARGV is reordered: its ENV_DIRs move to the
 * front. Parsing stops at -h and --version, so that no later mistake and no invalid variable is
 * reported. CVENV_EUSAGE if the usage is wrong.
 */
int cv_options_parse(int argc, char **argv, const char *const *envp, struct cv_options *ret,
	struct cvenv_error *err);

/*
 * What an action returns when it has done what was asked, and has found something to complain of:
 * the command exits with 1 and prints no message.
 */
enum { CV_RUN_FINDINGS = 1 };

/* Append the output of -h to TO. Its lines have at most 80 columns. */
void cv_help(struct cv_buf *to);

#endif
