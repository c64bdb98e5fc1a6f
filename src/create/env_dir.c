/* SPDX-License-Identifier: MIT */
#include "create/env_dir.h"

#include <errno.h>

#include "base/path.h"
#include "create/env_name.h"
#include "create/existing.h"
#include "create/redirect.h"
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

static int check_name(struct cv_arena *a, const char *path, struct cvenv_error *err)
{
	int rc = cv_env_name_check(path, err);

	return rc < 0 ? rc : check_place(a, path, err);
}

static int make_name(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const char *env_dir, const char **ret,
	struct cvenv_error *err)
{
	if (!env_dir[0] && request->clear) { /* usually an unset variable */
		cv_fail_msg(err, CVENV_EREFUSED, "refusing to clear '': an empty name");
		return cv_hint(err, -CVENV_EREFUSED, "the current directory is '.'");
	}
	if (!cv_path_has_abs(ctx, env_dir))
		return cv_fail(err, ENOENT, "cannot find the current directory");
	*ret = cv_path_abs(a, ctx, env_dir);
	if (!*ret)
		return cv_fail_nomem(err);
	return check_name(a, *ret, err);
}

/*
 * ENV_DIR is not a directory. If it is a redirect file, use the directory that it names, which must
 * not be another redirect file. Otherwise *err keeps what cv_target_find() said.
 */
static int follow(const struct cv_ctx *ctx, struct cv_arena *a, enum cv_clear clear,
	const char **path, struct cv_target *target, struct cvenv_error *err)
{
	const char *file = *path;
	struct cv_os_stat st;
	int rc = cv_redirect_read(a, file, path, &st, err);

	if (rc < 0)
		return rc;
	cv_log(ctx, CVENV_LOG_INFO, "the redirect file '%s' names '%s'", file, *path);
	rc = check_name(a, *path, err);
	if (rc == 0)
		rc = cv_target_find(ctx, a, *path,
			clear == CV_CLEAR_ANYTHING ? CV_CLEAR_ENVIRONMENT : clear, target, err);
	if (rc == 0 && !target->exists && !cv_path_same(cv_path_base(file), ".venv"))
		return cv_redirect_no(file, "it names no existing directory", err);
	target->redirect = file;
	return rc < 0 ? cv_wrap(err, rc, "redirect file '%s'", file) : 0;
}

int cv_env_dir_find(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const char *env_dir, enum cv_clear clear,
	const char **ret_path, struct cv_target *ret_target, struct cvenv_error *err)
{
	int rc = make_name(ctx, a, request, env_dir, ret_path, err);

	if (rc == 0)
		rc = cv_target_find(ctx, a, *ret_path, clear, ret_target, err);
	if (rc == -ENOTDIR)
		rc = follow(ctx, a, clear, ret_path, ret_target, err);
	return rc < 0 ? rc : check_place(a, ret_target->place, err);
}
