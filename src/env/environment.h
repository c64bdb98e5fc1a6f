/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ENVIRONMENT_H
#define CV_ENV_ENVIRONMENT_H

#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "create/existing.h"
#include "env/layout.h"
#include "env/pip_plan.h"
#include "env/request.h"
#include "fs/plan.h"
#include "interpreter/info.h"

/*
 * The parts of an environment, in the order of create() in Lib/venv/__init__.py. All that they
 * depend on is in struct cv_environment; each is pure and adds its entries to a plan. create.h puts
 * them into one plan; steps.h makes one part at a time true.
 */
enum cv_part {
	CV_PART_DIRECTORIES,
	CV_PART_GITIGNORE,
	CV_PART_CACHEDIR_TAG, /* not in CPython's */
	CV_PART_CONFIGURATION,
	CV_PART_PYTHON,
	CV_PART_PIP,
	CV_PART_SCRIPTS,
	CV_PARTS,
};

struct cv_environment {
	const struct cv_ctx *ctx;
	const struct cv_request *request;
	const struct cv_info *info;
	struct cv_layout layout;
	struct cv_existing existing;
	const char *prompt_repr; /* NULL: no such line in pyvenv.cfg */
	const struct cv_pip_package *pip;
	size_t pip_count;
};

struct cv_package {
	struct cv_str name, version;
};

/* What stood in ENV_DIR; with `clear` nobody looks whether it was an environment. */
enum cv_before {
	CV_BEFORE_NOTHING,
	CV_BEFORE_DIRECTORY,
	CV_BEFORE_ENVIRONMENT,
};

/* What came of it. */
struct cv_result {
	const char *path;           /* ENV_DIR, absolute */
	const char *python;         /* the environment's interpreter */
	const char *version;        /* "3.13.0" */
	const char *implementation; /* "cpython" */
	const char *home;           /* of the base, as in pyvenv.cfg */
	const char *base;           /* the base itself */
	const char *bin;            /* absolute */
	const char *site_packages;  /* absolute */
	const char *prompt;
	struct cv_package packages[CV_PIP_MAX];
	size_t package_count;
	enum cv_link_mode link_mode; /* what most files came by */
	bool could_compile;
	enum cv_before before;
	unsigned activators; /* bits of enum cv_activator: what one can enter it with */
	bool relocatable;
};

/* *RET gets the packages that a part installs, or keeps. */
int cv_environment_plan(const struct cv_environment *m, enum cv_part part, struct cv_plan *plan,
	struct cv_result *ret, struct cv_err *err);

/* The directory PATH and those above it. */
void cv_environment_dirs(struct cv_plan *plan, const char *path);

/*
 * Can the files be used by their whole names? Written they could be without, from a directory that
 * is open, but no Python would find them.
 */
int cv_environment_fits(
	const struct cv_layout *layout, const struct cv_plan *plan, struct cv_err *err);

/* All of *RET but what the parts and publishing tell. */
int cv_environment_describe(const struct cv_environment *m, struct cv_arena *a,
	struct cv_result *ret, struct cv_err *err);

/*
 * The checks of ENV_DIR that do not need the base: may an environment have its name, and, if it is
 * a link, the name of the directory that it leads to? *ret_path is its absolute name.
 */
int cv_environment_target(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_request *request, const char *env_dir, enum cv_clear clear,
	const char **ret_path, struct cv_target *ret_target, struct cv_err *err);

#endif
