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
	const struct cvenv_options *request;
	const struct cv_info *info;
	struct cv_layout layout;
	struct cv_existing existing;
	const char *prompt_repr; /* NULL: no such line in pyvenv.cfg */
	const struct cv_pip_package *pip;
	struct cv_installed_versions installed[CV_PIP_MAX]; /* of each of `pip` */
	size_t pip_count;
	unsigned activators; /* bits of enum cv_activator, besides those always written */
};

/* What an environment ends up with. Texts are in the arena of the plan. */
struct cv_outcome {
	struct cvenv_package packages[CV_PIP_MAX]; /* installed, or kept */
	size_t package_count;
	unsigned activators; /* bits of enum cv_activator: how it can be activated */
	bool relocatable;
};

/* Adds to *OUTCOME. */
int cv_environment_plan(const struct cv_environment *m, enum cv_part part, struct cv_plan *plan,
	struct cv_outcome *outcome, struct cvenv_error *err);

/* The directory PATH and those above it. */
void cv_environment_dirs(struct cv_plan *plan, const char *path);

/*
 * Can the files be used by their whole names? Written they could be without, from a directory that
 * is open, but no Python would find them.
 */
int cv_environment_fits(
	const struct cv_layout *layout, const struct cv_plan *plan, struct cvenv_error *err);

/* All of *RET except what only publishing tells. It borrows OUTCOME's packages. */
int cv_environment_describe(const struct cv_environment *m, struct cv_arena *a,
	struct cv_outcome *outcome, struct cvenv_result *ret, struct cvenv_error *err);

#endif
