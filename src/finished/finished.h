/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_FINISHED_H
#define CV_FINISHED_FINISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "env/finished.h"
#include "os/os.h"

/*
 * The only reader of an environment that exists, of any maker:
 *
 *	struct cv_finished env = { 0 };
 *	rc = cv_finished_open(ctx, a, env_dir, 0, &env, err);
 *	if (rc == 0)
 *		... env.maker, env.programs[i], env.found[i] ...
 *	cv_finished_close(&env);
 *
 * It runs nothing, writes nothing and, where the system allows it, does not change access times.
 * Everything in an environment is untrusted. So it is read relative to descriptors; links below
 * ENV_DIR are not followed, except to stat interpreters; pipes, sockets and devices are never
 * opened. It succeeds for every environment that has a pyvenv.cfg: what is malformed is marked.
 * Several threads may each read one.
 */
enum cv_finished_how {
	/* -CVENV_ENOTENV if ENV_DIR is a link or a redirect file. Else both are followed. */
	CV_FINISHED_NOFOLLOW = 1 << 0,
	/*
	 * Do not open programs and packages: no `line` and `python` of cv_program, all files except
	 * interpreters and activation scripts are BINARY, and nothing is `recorded`.
	 */
	CV_FINISHED_BRIEF = 1 << 1,
};

enum {
	CV_FINISHED_SITES = 2,
	CV_PROGRAMS_MAX = 65536,
	CV_FOUND_MAX = 100000,
	CV_RECORDED_MAX = 64,
	CV_OTHER_SITES_MAX = 64,
};

struct cv_finished {
	struct cv_os_dir dir;
	struct cv_os_stat st; /* of the directory */
	const char *env_dir;  /* absolute, normalised: ENV_DIR, or what a redirect file names */
	const char *redirect; /* that redirect file; NULL: none */

	/* pyvenv.cfg. If it cannot be read or parsed, `cfg_reason` says why, and `cfg` is empty. */
	struct cv_str cfg_text;
	struct cv_os_stat cfg_st; /* before it was read */
	struct cv_cfg cfg;
	const char *cfg_reason;
	/* What it says. Strings that are unknown are NULL. */
	enum cvenv_maker maker;
	const char *maker_version;
	const char *version; /* also by the name of its site-packages */
	const char *home;
	const char *prompt;

	/* By its directories and links. */
	const char *bin;            /* "bin", "Scripts"; NULL: missing, or no directory */
	const char *python;         /* absolute, in bin; it may be missing */
	const char *base;           /* what it leads to, or was copied from; absolute */
	const char *implementation; /* "cpython" */
	const char *manager;        /* by files that only this program writes, or its parent */
	bool python_works;          /* it leads to a file that may be executed */
	bool home_exists;           /* a directory */
	bool broken;                /* one of these does not hold, or it has no site-packages */
	bool copies;                /* `python` is a regular file */

	/* site-packages of `version`: one, or with a separate platlib two. Relative to ENV_DIR. */
	const char *sites[CV_FINISHED_SITES];
	struct cv_os_stat site_st[CV_FINISHED_SITES];
	size_t site_count;
	const char **other_sites; /* those of other versions */
	size_t other_site_count;

	struct cv_program *programs; /* sorted by name */
	size_t program_count;
	struct cv_found *found; /* sorted by entry, then site */
	size_t found_count;
	bool truncated;     /* there are more than CV_PROGRAMS_MAX or CV_FOUND_MAX */
	const char *denied; /* the name of what this user may not read; NULL: there is nothing */

	/*
	 * Absolute, normalised paths of ENV_DIR itself, as its files or links have them: env_dir
	 * first, then others that lead to the same directory now.
	 */
	const char **names;
	size_t name_count;
	/*
	 * Where the environment was before it was moved or copied: absolute, normalised paths from
	 * `command` and from the first lines of scripts, which do not lead to ENV_DIR now. A path
	 * with another interpreter that is no environment is none of them.
	 */
	const char **recorded;
	size_t recorded_count;

	/*
	 * For create/installed.h, cv_existing_path() and env/interpreters.h: env_dir, sep, prompt,
	 * bin, include, lib, purelib, platlib, lib64_link, relocatable, links, env_exe, names. If
	 * bin or site-packages is missing, it is the name that it should have.
	 */
	struct cv_layout layout;
};

/* The error for ENV_DIR, which is no environment for REASON. Returns -CVENV_ENOTENV. */
int cv_finished_none(const char *env_dir, const char *reason, struct cvenv_error *err);

/* The same for an absolute PATH that leads to no directory: "does not exist", "it is a file". */
int cv_finished_no_dir(const char *path, struct cvenv_error *err);

/*
 * -CVENV_ENOTENV: ENV_DIR does not exist, is no directory, or one without pyvenv.cfg. -EACCES,
 * -CVENV_EREFUSED (a redirect file that another user may have planted), -ENOENT (the directory that
 * a redirect file names, or the current one). Call cv_finished_close() in any case. Strings are in
 * A.
 */
int cv_finished_open(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	unsigned how, struct cv_finished *ret, struct cvenv_error *err);
void cv_finished_close(struct cv_finished *env);

/* Is it the directory DIR? Another process may have replaced one of them. */
bool cv_finished_is(const struct cv_finished *env, struct cv_os_dir dir);

/* The program NAME of bin; NULL: there is none. */
const struct cv_program *cv_finished_program(const struct cv_finished *env, const char *name);

/* Fill *RET, except files, bytes, frees and last_used. */
void cv_finished_describe(const struct cv_finished *env, struct cvenv_environment *ret);

#endif
