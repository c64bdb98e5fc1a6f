/* SPDX-License-Identifier: MIT */
#include "create/env_dir.h"

#include <errno.h>

#include "base/path.h"
#include "create/env_name.h"
#include "create/existing.h"
#include "fs/dir.h"

/* Refuse reserved names, and bin of another environment, which may only contain its programs. */
static int check_place(struct cv_arena *a, const char *place, struct cvenv_error *err)
{
	const char *around;

	if (cv_is_temp_name(cv_path_base(place)) || cv_aside_target(cv_path_base(place)))
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to create an environment in '%s': names that start with "
			"'.cvenv-' are reserved for temporary directories",
			place);
	around = cv_existing_around(a, place);
	if (!around)
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to create an environment in '%s': it is inside the %s directory of "
		"environment '%s'",
		place, CV_EXISTING_BIN, around);
	return cv_hint(err, -CVENV_EREFUSED, "name another directory");
}

static int make_name(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const char *env_dir, const char **ret,
	struct cvenv_error *err)
{
	int rc;

	if (!env_dir[0] && request->clear) { /* usually an unset variable */
		cv_fail_msg(err, CVENV_EREFUSED, "refusing to clear '': an empty name");
		return cv_hint(err, -CVENV_EREFUSED, "the current directory is '.'");
	}
	if (!cv_path_has_abs(ctx, env_dir))
		return cv_fail(err, ENOENT, "cannot find the current directory");
	*ret = cv_path_abs(a, ctx, env_dir);
	if (!*ret)
		return cv_fail_nomem(err);
	rc = cv_env_name_check(*ret, err);
	return rc < 0 ? rc : check_place(a, *ret, err);
}

int cv_env_dir_find(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const char *env_dir, enum cv_clear clear,
	const char **ret_path, struct cv_target *ret_target, struct cvenv_error *err)
{
	int rc = make_name(ctx, a, request, env_dir, ret_path, err);

	if (rc == 0)
		rc = cv_target_find(ctx, a, *ret_path, clear, ret_target, err);
	return rc < 0 ? rc : check_place(a, ret_target->place, err);
}
