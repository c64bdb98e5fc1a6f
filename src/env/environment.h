/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ENVIRONMENT_H
#define CV_ENV_ENVIRONMENT_H

#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"
#include "env/existing.h"
#include "env/layout.h"
#include "env/pip_plan.h"
#include "fs/plan.h"
#include "interpreter/info.h"

/*
 * The parts of an environment, in the order of create() in Lib/venv/__init__.py. Their input is
 * struct cv_environment. Each part is computed without access to files, and adds its entries to a
 * plan. create.h plans all parts together; steps.h plans and publishes one at a time.
 */
enum cv_part {
	CV_PART_DIRECTORIES,
	CV_PART_GITIGNORE,
	CV_PART_CACHEDIR_TAG, /* CPython has no such part */
	CV_PART_CONFIGURATION,
	CV_PART_PYTHON,
	CV_PART_PIP,
	CV_PART_SCRIPTS,
	CV_PARTS,
};

struct cv_environment {
	const struct cv_ctx *ctx;
	const struct cvenv_options *request;
	const struct cv_info *info;
	struct cv_layout layout;
	struct cv_existing existing;
	const char *prompt_repr; /* NULL: no such line in pyvenv.cfg */
	const struct cv_pip_package *pip;
	struct cv_installed_versions installed[CV_PIP_MAX]; /* for each of `pip` */
	size_t pip_count;
	unsigned activators; /* chosen: the input of cv_activators_of() */
};

/* The state of the environment after its plan. Strings are in the arena of the plan. */
struct cv_outcome {
	struct cvenv_package packages[CV_PIP_MAX]; /* installed or kept */
	size_t package_count;
	unsigned activators; /* bits of enum cv_activator: shells that can activate it */
	bool relocatable;
};

/* The scripts that CV_PART_SCRIPTS writes: a set of activators.h. */
unsigned cv_environment_scripts(const struct cv_info *info, unsigned activators);

/* Add the entries of PART to *PLAN, and its effects to *OUTCOME. */
int cv_environment_plan(const struct cv_environment *m, enum cv_part part, struct cv_plan *plan,
	struct cv_outcome *outcome, struct cvenv_error *err);

/* Plan the directory PATH and its parents. */
void cv_environment_dirs(struct cv_plan *plan, const char *path);

/* The length of the longest path in ENV_DIR, without ENV_DIR. */
size_t cv_environment_longest(const struct cv_plan *plan);

/*
 * Fail if the absolute path of a file would be too long. It could be created relative to an open
 * directory, but Python could not open it.
 */
int cv_environment_fits(
	const struct cv_layout *layout, const struct cv_plan *plan, struct cvenv_error *err);

/* Set the members of *RET that are known before publishing. The packages are those of OUTCOME. */
int cv_environment_describe(const struct cv_environment *m, struct cv_arena *a,
	struct cv_outcome *outcome, struct cvenv_result *ret, struct cvenv_error *err);

#endif
