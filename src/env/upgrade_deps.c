/* SPDX-License-Identifier: MIT */
#include "env/upgrade_deps.h"

#include "python/spawn.h"

int cv_upgrade_deps(const struct cv_ctx *ctx, struct cv_arena *a, const char *python,
	const char *env_dir, bool setuptools, bool quiet, struct cv_err *err)
{
	static const char *const dropped[] = { "PYTHONHOME", "PYTHONPATH", NULL };
	const char *added[] = { cv_strfmt(a, "VIRTUAL_ENV=%s", env_dir), NULL };
	const char *argv[10] = { python, "-I", "-m", "pip", "install", "--upgrade", "pip" };
	size_t argc = 7;
	struct cv_spawn spawn = { .argv = argv,
		.envp = added[0] ? cv_spawn_env(a, ctx, dropped, added) : NULL,
		.dir = env_dir,
		.timeout_ms = -1,
		.flags = CV_SPAWN_OUT_TO_ERR | CV_SPAWN_ERR_PASS | CV_SPAWN_TTY };
	int status, rc;

	if (setuptools)
		argv[argc++] = "setuptools";
	if (quiet)
		argv[argc++] = "--quiet";
	if (!spawn.envp)
		return cv_fail_nomem(err);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CV_EPYTHON, "pip install --upgrade", status, NULL);
	return rc;
}
