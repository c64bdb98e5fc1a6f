/* SPDX-License-Identifier: MIT */
#include "cli/config_file.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cli/config.h"
#include "fs/file.h"
#include "interpreter/project.h"

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

int cv_config_read_project(const struct cv_ctx *ctx, struct cv_arena *a, const char **ret_path,
	struct cv_toml **ret, struct cvenv_error *err)
{
	struct cv_toml *root;
	int rc = cv_pyproject_read(ctx, a, CV_LIT("cvenv"), ret_path, &root, err);

	*ret = NULL;
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_WARNING, CV_PYPROJECT_IGNORED, err->message);
	if (rc > 0)
		*ret = cv_toml_get(cv_toml_get(root, "tool"), "cvenv");
	return 0;
}
