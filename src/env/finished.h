/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_FINISHED_H
#define CV_ENV_FINISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "cvenv.h"
#include "env/cfg.h"
#include "env/layout.h"
#include "wheel/first_line.h"

/*
 * What follows from the names and texts in an environment that any of the makers has created.
 * finished/finished.h reads them. All of it is untrusted.
 */

/* --- pyvenv.cfg ------------------------------------------------------------------------------ */

/* By the keys that only this maker writes. "cvenv" wins: its virtualenv plug-in writes both. */
enum cvenv_maker cv_maker_of(const struct cv_cfg *cfg);

/* Its version: the value of that key; empty for venv, which writes none. */
struct cv_str cv_maker_version(const struct cv_cfg *cfg);

/* "3.12.1" or "3.12" of `version`, `version_info` or `python-version`; empty if unknown. */
struct cv_str cv_cfg_version(const struct cv_cfg *cfg);

/* Is the value of NAME "true"? */
bool cv_cfg_true(const struct cv_cfg *cfg, const char *name);

/*
 * The environment that `command` was asked to create; NULL if it names no absolute path. Python
 * quotes nothing there, so a path may contain spaces. In the arena; *ret_bad: memory is exhausted.
 */
const char *cv_cfg_command_dir(struct cv_arena *a, const struct cv_cfg *cfg, bool *ret_bad);

/* --- programs -------------------------------------------------------------------------------- */

enum cv_program_kind {
	CV_PROGRAM_OTHER,       /* a directory, a pipe, a link that is no interpreter */
	CV_PROGRAM_INTERPRETER, /* "python3.12": a file, or a link to one */
	CV_PROGRAM_SCRIPT,      /* a file that begins with "#!", or a launcher (wheel/launcher.h) */
	CV_PROGRAM_ACTIVATION,  /* a file with a name of cv_activators, or deactivate.csh */
	CV_PROGRAM_BINARY,      /* any other file */
};

/* An entry of bin. */
struct cv_program {
	const char *name;
	enum cv_program_kind kind;
	const char *link; /* the target, if it is a symbolic link */
	bool file;        /* a regular file */
	unsigned mode;    /* of a file */
	uint64_t size;
	bool has_line; /* of SCRIPT: `line` is valid; its strings are in the arena */
	struct cv_first_line line;
	/*
	 * The interpreter of a SCRIPT: absolute, also for CV_FIRST_LINE_BESIDE, but not normalised.
	 * NULL: unknown, or found by its name on PATH.
	 */
	const char *python;
};

/* By its name: "python", "python3.12t", "pypy3", "python.exe". */
bool cv_is_interpreter_name(const char *name);
bool cv_is_activation_name(const char *name);

/*
 * The environment whose interpreter PYTHON (absolute, normalised) is, by its name: "/e" for
 * "/e/bin/python3". BIN is the name of that directory. NULL if the names differ. In the arena;
 * *ret_bad: memory is exhausted.
 */
const char *cv_environment_of(
	struct cv_arena *a, const char *python, const char *bin, bool *ret_bad);

/* --- packages -------------------------------------------------------------------------------- */

enum cv_found_kind { CV_FOUND_DIST_INFO, CV_FOUND_EGG_INFO, CV_FOUND_EGG_LINK };

/* An entry of site-packages that describes a distribution. */
struct cv_found {
	enum cv_found_kind kind;
	struct cv_str name;    /* as in the name of the entry: "typing_extensions" */
	struct cv_str version; /* empty: neither the name nor PKG-INFO has one */
	const char *entry;     /* "typing_extensions-4.9.0.dist-info" */
	size_t site;           /* index in cv_finished.sites */
};

/* Fills *RET except `site`, with slices of ENTRY. False if ENTRY describes no distribution. */
bool cv_found_of(const char *entry, struct cv_found *ret);

/* --- site-packages --------------------------------------------------------------------------- */

/*
 * Is NAME a directory in lib with packages of one Python: "python3.12", "python3.13t", "pypy3.10"?
 * *RET_VERSION is "3.12". *RET_IMPLEMENTATION is "cpython", "pypy" or "graalpy".
 */
bool cv_lib_name(const char *name, const char **ret_implementation, struct cv_str *ret_version);

/* Do both versions begin with the same two numbers? */
bool cv_same_minor(struct cv_str a, struct cv_str b);

#endif
