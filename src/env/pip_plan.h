/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_PIP_PLAN_H
#define CV_ENV_PIP_PLAN_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cached_wheel.h"
#include "cvenv.h"
#include "env/existing.h"
#include "env/layout.h"
#include "fs/plan.h"
#include "interpreter/info.h"
#include "wheel/launcher.h"

/*
 * pip, and setuptools below 3.12, installed as `ensurepip --upgrade --default-pip` does, but
 * without running it (PEP 376, PEP 627; pip's operations/install/wheel.py): the files, bytecode if
 * available, INSTALLER, REQUESTED, console scripts, RECORD. create/pip_source.h chooses the wheels.
 *
 * If ENV_DIR already has the same or a newer version, and it is complete, it is kept and only its
 * scripts are written again. Otherwise it is replaced file by file, and files that only the old
 * version has are deleted last. An older version also replaces a newer one that is broken, with a
 * warning: there is no wheel of the newer one for a repair.
 */
enum { CV_PIP_MAX = 2 };

struct cv_pip_package {
	struct cv_cached_wheel wheel;
	struct cv_tree bytecode; /* count 0: none */
	struct cv_launcher
		launcher; /* for console scripts on Windows: that of the pip to install */
};

/*
 * *ret_version is the version in the environment afterwards: the wheel's, or the newer one that is
 * kept.
 */
int cv_pip_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cv_installed_versions *installed,
	const struct cv_pip_package *pip, struct cv_str *ret_version, struct cvenv_error *err);

#endif
