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
enum { CV_PYTHONS_MAX = 64, CV_OPTIONS_MAX = 64 };

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

/* A file of config.h. */
struct cv_config_file {
	const char *path; /* NULL: none was found, or searched */
	bool used;        /* it exists, has settings, and is not ignored */
};

struct cv_options {
	struct cvenv_options library;
	bool help, version, json, dry_run;
	/* at most one of them, instead of creating environments */
	bool warm, list_pythons, cache_info, cache_clean, show_config;
	/* the same: an enum cv_completions of completions.h, what to print */
	int completions;
	const char *install_shims; /* the same: a directory */
	/* for cache_clean: delete only entries unused for as many days */
	unsigned clean_days;
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

/* Append the output of -h to TO. Its lines have at most 80 columns. */
void cv_help(struct cv_buf *to);

#endif
