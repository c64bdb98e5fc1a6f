/* SPDX-License-Identifier: MIT */
#include "cli/config_file.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cli/config.h"
#include "fs/file.h"

enum { EVERYBODY_WRITES = 002 };

const char *cv_config_user_file(const struct cv_ctx *ctx, struct cv_arena *a)
{
	const char *named = cv_getenv(ctx, CV_WINDOWS ? "APPDATA" : "XDG_CONFIG_HOME");
	const char *home = cv_path_home(ctx);

	/* XDG: a relative path is invalid, and to be ignored. */
	if (named && cv_path_is_abs(named))
		return cv_path_join(a, named, "cvenv/config.toml");
	if (!home || CV_WINDOWS)
		return NULL;
	return cv_path_join(a, home,
		CV_MACOS ? "Library/Application Support/cvenv/config.toml"
			 : ".config/cvenv/config.toml");
}

/*
 * Does RC, of opening PATH, mean that there is no such file as far as this user can tell? EACCES is
 * ambiguous: the file, or a directory above it. HOME may be another user's, after sudo or su.
 */
static bool is_missing(const char *path, int rc)
{
	struct cv_os_stat st;

	if (rc == -EACCES || rc == -EPERM)
		rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st);
	return rc < 0 && (cv_err_missing(-rc) || rc == -EACCES || rc == -EPERM);
}

static bool is_trusted(const struct cv_os_stat *st, const char **ret_why)
{
	if (st->owner != cv_os_user() && st->owner != CV_OS_ADMINISTRATOR)
		*ret_why = "it belongs to another user";
	else if (st->mode & EVERYBODY_WRITES)
		*ret_why = "every user may write to it";
	else
		return true;
	return false;
}

int cv_config_read_user(const struct cv_ctx *ctx, struct cv_arena *a, const char *path,
	struct cv_toml **ret, struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };
	struct cv_str text = { 0 };
	const char *why;
	int rc = cv_read_file_stat(
		CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, CV_TOML_SIZE_MAX, a, &text, &st, err);

	*ret = NULL;
	if (rc < 0)
		return is_missing(path, rc) ? 0 : rc;
	if (!is_trusted(&st, &why)) {
		cv_log(ctx, CVENV_LOG_WARNING, "ignoring '%s': %s", path, why);
		return 0;
	}
	return cv_toml_parse(a, path, text, ret, err);
}

/* ERR is about a pyproject.toml: memory may be exhausted, else the file is ignored. */
static int ignore_project(const struct cv_ctx *ctx, int rc, const struct cvenv_error *err)
{
	if (rc != -ENOMEM)
		cv_log(ctx, CVENV_LOG_WARNING, "ignoring [tool.cvenv]: %s", err->message);
	return rc == -ENOMEM ? rc : 0;
}

/* 1: *RET_TEXT is that of the nearest pyproject.toml. 0: there is none that can be read. */
static int find_project(const struct cv_ctx *ctx, struct cv_arena *a, const char **ret_path,
	struct cv_str *ret_text, struct cvenv_error *err)
{
	const char *dir = ctx->cwd;

	while (dir) {
		const char *path = cv_path_join(a, dir, "pyproject.toml"), *above;
		int rc;

		if (!path)
			return cv_fail_nomem(err);
		rc = cv_read_file(
			CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, CV_TOML_SIZE_MAX, a, ret_text, err);
		if (rc == 0)
			*ret_path = path;
		if (rc == 0)
			return 1;
		if (rc != -EINVAL && rc != -EISDIR && !is_missing(path, rc))
			return ignore_project(ctx, rc, err);
		above = cv_path_dir(a, dir);
		if (!above)
			return cv_fail_nomem(err);
		dir = strcmp(above, dir) != 0 ? above : NULL;
	}
	return 0;
}

int cv_config_read_project(const struct cv_ctx *ctx, struct cv_arena *a, const char **ret_path,
	struct cv_toml **ret, struct cvenv_error *err)
{
	struct cv_str text = { 0 };
	struct cv_toml *root;
	int rc;

	*ret_path = NULL;
	*ret = NULL;
	rc = find_project(ctx, a, ret_path, &text, err);
	if (rc <= 0)
		return rc;
	rc = cv_toml_parse(a, *ret_path, text, &root, err);
	if (rc < 0)
		return ignore_project(ctx, rc, err);
	*ret = cv_toml_get(cv_toml_get(root, "tool"), "cvenv");
	return 0;
}
