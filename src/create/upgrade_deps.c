/* SPDX-License-Identifier: MIT */
#include "create/upgrade_deps.h"

#include "create/existing.h"
#include "create/installed.h"
#include "create/pip_run.h"
#include "fs/publish.h"

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
	const char *const args[] = { "--upgrade", "pip", setuptools ? "setuptools" : NULL, NULL };
	struct cv_existing existing;
	struct cv_target target;
	int rc = cv_target_find(ctx, a, layout->env_dir, CV_CLEAR_NOTHING, &target, err);

	if (rc == 0)
		rc = cv_target_lock(ctx, &target, err);
	if (rc == 0)
		rc = cv_pip_run(ctx, a, layout, "pip install --upgrade", args, quiet, err);
	if (rc == 0)
		rc = cv_existing_read(a, target.dir, layout, &existing, err);
	if (rc == 0)
		rc = verify(a, target.dir, layout, &existing, CV_LIT("pip"), err);
	if (rc == 0 && setuptools)
		rc = verify(a, target.dir, layout, &existing, CV_LIT("setuptools"), err);
	cv_target_close(&target);
	return rc;
}
