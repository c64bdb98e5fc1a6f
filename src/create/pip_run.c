/* SPDX-License-Identifier: MIT */
#include "create/pip_run.h"

#include "base/path.h"
#include "interpreter/spawn.h"

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

enum { FIXED = 12 }; /* arguments before those of the caller */

/* NULL: no memory. */
static const char **command(
	struct cv_arena *a, const struct cv_layout *layout, const char *const *args, bool quiet)
{
	/* that of --prefix: on Windows, pip replaces the drive of --prefix by that of --root */
	const char *root =
		cv_strdup(a, (struct cv_str){ layout->env_dir, cv_path_root(layout->env_dir) });
	/* pip itself passes an empty target to the process that it starts for a build. */
	const char *const fixed[FIXED] = { layout->env_exe, "-I", "-m", "pip", "install",
		"--no-user", "--target", "", "--root", root, "--prefix", layout->env_dir };
	size_t count = 0, argc = 0;
	const char **argv;

	while (args[count])
		count++;
	argv = cv_new(a, const char *, FIXED + count + 2);
	if (!argv || !root)
		return NULL;
	for (; argc < FIXED; argc++)
		argv[argc] = fixed[argc];
	if (quiet)
		argv[argc++] = "--quiet";
	for (size_t i = 0; i < count; i++)
		argv[argc++] = args[i];
	return argv;
}

int cv_pip_run(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_layout *layout,
	const char *what, const char *const *args, bool quiet, struct cvenv_error *err)
{
	const char *added[] = { cv_strfmt(a, "VIRTUAL_ENV=%s", layout->env_dir), NOT_ANOTHER_PYTHON,
		"PIP_DRY_RUN=0", "PIP_IGNORE_INSTALLED=0", "PIP_IGNORE_REQUIRES_PYTHON=0",
		"PIP_ONLY_DEPS=0", NULL };
	const char **argv = command(a, layout, args, quiet);
	struct cv_spawn spawn = { .argv = argv,
		.envp = added[0] ? cv_spawn_env(a, ctx, dropped, added) : NULL,
		.dir = ctx->cwd ? ctx->cwd : layout->env_dir,
		.timeout_ms = -1,
		.flags = CV_SPAWN_OUT_TO_ERR | CV_SPAWN_ERR_PASS | CV_SPAWN_TTY };
	int status, rc;

	if (!spawn.envp || !argv)
		return cv_fail_nomem(err);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CVENV_EPIP, what, status, NULL);
	return rc;
}
