/* SPDX-License-Identifier: MIT */
#include "finished/remove.h"

#include <errno.h>

#include "base/path.h"
#include "create/redirect.h"
#include "finished/finished.h"
#include "fs/dir.h"
#include "fs/remove.h"
#include "fs/usage.h"

static int make_path(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	const char **ret, struct cvenv_error *err)
{
	const char *base;

	if (!env_dir[0]) { /* usually an unset variable */
		cv_fail_msg(err, CVENV_EREFUSED, "refusing to remove '': an empty name");
		return cv_hint(err, -CVENV_EREFUSED, "name the environment's own directory");
	}
	if (!cv_path_has_abs(ctx, env_dir))
		return cv_fail(err, ENOENT, "cannot find the current directory");
	*ret = cv_path_abs(a, ctx, env_dir);
	if (!*ret)
		return cv_fail_nomem(err);
	base = cv_path_base(*ret);
	if (cv_is_temp_name(base) || cv_aside_target(base))
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to remove '%s': names that start with '.cvenv-' are reserved for "
			"temporary directories",
			*ret);
	return 0;
}

/* PATH is no directory. If it is a redirect file, say where it leads. */
static int refuse_file(struct cv_arena *a, const char *path, struct cvenv_error *err)
{
	const char *place;
	struct cv_os_stat st;
	struct cvenv_error ignored;

	if (cv_redirect_read(a, path, &place, &st, &ignored) < 0)
		return cv_finished_no_dir(path, err);
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to remove '%s': it is a file that redirects to '%s'", path, place);
	return cv_hint(err, -CVENV_EREFUSED, "name that directory, or remove the file yourself");
}

/* Fails if not all of it can be deleted, before it is out of sight. */
static int measure(
	const struct cv_target *target, struct cvenv_change *ret, struct cvenv_error *err)
{
	struct cv_usage usage = { .extents = true };
	int rc = cv_usage_add_tree(&usage, target->dir, ".", NULL);

	cv_usage_end(&usage);
	ret->files = usage.files;
	ret->bytes = usage.frees;
	cv_usage_done(&usage);
	if (usage.too_deep)
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to remove '%s': its directories are nested too deeply",
			target->env_dir);
	if (usage.locked) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to remove '%s': it contains files that only another user can "
			"delete",
			target->env_dir);
		return cv_hint(
			err, -CVENV_EREFUSED, "run the command as root, or change their owner");
	}
	return rc < 0 ? cv_fail_nomem(err) : 0;
}

static int remove_target(const struct cv_ctx *ctx, struct cv_target *target, unsigned flags,
	struct cvenv_change *ret, struct cvenv_error *err)
{
	bool dry_run = flags & CVENV_DRY_RUN, active = cv_target_is_active(ctx, target);
	int rc = dry_run ? 0 : cv_target_lock(ctx, target, err);

	if (rc == 0)
		rc = cv_remove_check(ctx, target, err);
	if (rc == 0 && (flags & CVENV_OWN))
		rc = cv_remove_check_found(target, err);
	if (rc == 0)
		rc = measure(target, ret, err);
	if (rc < 0 || dry_run)
		return rc;
	rc = cv_remove_environment(ctx, target, NULL, NULL, err);
	if (rc == 0 && active)
		cv_log(ctx, CVENV_LOG_WARNING, "'%s' was active in this shell: run 'deactivate'",
			target->env_dir);
	return rc;
}

int cv_remove(struct cv_session *session, struct cv_arena *a, const char *env_dir, unsigned flags,
	struct cvenv_change *ret, struct cvenv_error *err)
{
	const struct cv_ctx *ctx = session->ctx;
	struct cv_target target = { 0 };
	const char *path = NULL;
	int rc = make_path(ctx, a, env_dir, &path, err);

	if (rc < 0)
		return rc;
	ret->path = path;
	rc = cv_target_find(ctx, a, path, CV_CLEAR_AWAY, &target, err);
	if (rc == -ENOTDIR)
		rc = refuse_file(a, path, err);
	if (rc == 0)
		rc = remove_target(ctx, &target, flags, ret, err);
	cv_target_close(&target);
	return rc;
}
