/* SPDX-License-Identifier: MIT */
#include "create/upgrade_deps.h"

#include "base/path.h"
#include "create/existing.h"
#include "create/installed.h"
#include "fs/publish.h"
#include "interpreter/spawn.h"

enum { ARGS_MAX = 20 };

/*
 * pip reads each option from the command line, else from PIP_OPTION, else from its configuration
 * files; it ignores an empty value of the last two. Options that change where or what pip (20 and
 * later) installs are set or dropped here. The user's index, proxy and certificates remain.
 */
static const char *const dropped[] = { "PYTHONHOME", "PYTHONPATH", "PIP_ABI", "PIP_EDITABLE",
	"PIP_GROUP", "PIP_IMPLEMENTATION", "PIP_INSTALL_OPTION", "PIP_PLATFORM", "PIP_PYTHON",
	"PIP_PYTHON_VERSION", "PIP_REPORT", "PIP_REQUIREMENT", "PIP_REQUIREMENTS_FROM_SCRIPT",
	NULL };

/*
 * pip sets this for the process that it starts with --python. It makes pip ignore "python = ...".
 */
#define NOT_ANOTHER_PYTHON "_PIP_RUNNING_IN_SUBPROCESS=1"

static int run_pip(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	bool setuptools, bool quiet, struct cvenv_error *err)
{
	const char *added[] = { cv_strfmt(a, "VIRTUAL_ENV=%s", layout->env_dir), NOT_ANOTHER_PYTHON,
		"PIP_DRY_RUN=0", "PIP_IGNORE_INSTALLED=0", "PIP_IGNORE_REQUIRES_PYTHON=0",
		"PIP_ONLY_DEPS=0", NULL };
	/* that of --prefix: on Windows, pip replaces the drive of --prefix by that of --root */
	const char *root =
		cv_strdup(a, (struct cv_str){ layout->env_dir, cv_path_root(layout->env_dir) });
	/* pip itself passes an empty target to the process that it starts for a build. */
	const char *argv[ARGS_MAX] = { layout->env_exe, "-I", "-m", "pip", "install", "--no-user",
		"--target", "", "--root", root, "--prefix", layout->env_dir, "--upgrade", "pip" };
	size_t argc = 14;
	struct cv_spawn spawn = { .argv = argv,
		.envp = added[0] ? cv_spawn_env(a, ctx, dropped, added) : NULL,
		.dir = ctx->cwd ? ctx->cwd : layout->env_dir,
		.timeout_ms = -1,
		.flags = CV_SPAWN_OUT_TO_ERR | CV_SPAWN_ERR_PASS | CV_SPAWN_TTY };
	int status, rc;

	if (setuptools)
		argv[argc++] = "setuptools";
	if (quiet)
		argv[argc++] = "--quiet";
	if (!spawn.envp || !root)
		return cv_fail_nomem(err);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CVENV_EPIP, "pip install --upgrade", status, NULL);
	return rc;
}

/* An unknown setting may have made pip do something else, and still return 0. */
static int verify(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const struct cv_existing *existing, struct cv_str name, struct cvenv_error *err)
{
	const struct cv_existing_package *package = cv_existing_find(existing, name);
	struct cv_installed is;
	int rc;

	if (!package) {
		cv_fail_msg(err, CVENV_EPIP,
			"pip reported success, but %.*s is not installed in '%s'", CV_ARG(name),
			layout->env_dir);
		return cv_hint(err, -CVENV_EPIP, "'pip config debug' shows how pip is configured");
	}
	rc = cv_installed_read(a, env, layout, "", package, &is, err);
	if (rc == 0)
		rc = cv_installed_check(a, env, layout, false, &is, err);
	if (rc == 0 && is.broken)
		rc = cv_fail_msg(err, CVENV_EPIP,
			"pip reported success, but %.*s is broken: '%s' is missing or corrupt",
			CV_ARG(name), is.broken);
	return rc;
}

int cv_upgrade_deps(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	bool setuptools, bool quiet, struct cvenv_error *err)
{
	struct cv_existing existing;
	struct cv_target target;
	int rc = cv_target_find(ctx, a, layout->env_dir, CV_CLEAR_NOTHING, &target, err);

	if (rc == 0)
		rc = cv_target_lock(ctx, &target, err);
	if (rc == 0)
		rc = run_pip(ctx, a, layout, setuptools, quiet, err);
	if (rc == 0)
		rc = cv_existing_read(a, target.dir, layout, &existing, err);
	if (rc == 0)
		rc = verify(a, target.dir, layout, &existing, CV_LIT("pip"), err);
	if (rc == 0 && setuptools)
		rc = verify(a, target.dir, layout, &existing, CV_LIT("setuptools"), err);
	cv_target_close(&target);
	return rc;
}
