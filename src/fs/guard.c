/* SPDX-License-Identifier: MIT */
#include "fs/guard.h"
#include "fs/remains.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "os/process.h"

static const char *doing(const struct cv_target *t)
{
	if (t->asked == CV_CLEAR_AWAY)
		return "remove";
	return t->clear ? "clear" : "create an environment in";
}

static int refuse_place(const struct cv_target *t, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to %s '%s': %s", doing(t), t->env_dir, reason);
	return cv_hint(err, -CVENV_EREFUSED, "name the environment's own directory");
}

/* HOME can be missing or wrong, so check the user database as well. */
static bool is_home(const struct cv_ctx *ctx, const struct cv_os_stat *st)
{
	const char *home = cv_path_home(ctx);
	struct cv_arena a OWN_ARENA = { 0 };
	const char *homes[2];
	size_t n;

	if (home && cv_dir_at_or_above(home, st))
		return true;
	n = cv_os_homes(&a, homes);
	for (size_t i = 0; i < n; i++)
		if (cv_dir_at_or_above(homes[i], st))
			return true;
	return false;
}

/* Is it the current directory? Compared by name if stat fails. */
static bool is_itself(const char *cwd, const char *env_dir, const struct cv_os_stat *st)
{
	struct cv_os_stat here;

	if (cv_os_stat(CV_OS_ABSOLUTE, cwd, CV_OS_FOLLOW, &here) < 0)
		return cv_path_same(cwd, env_dir);
	return cv_os_same(&here, st);
}

/* Windows has several: drives and shares. */
static bool is_root(const char *place, const struct cv_os_stat *st)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *root = cv_strdup(&a, (struct cv_str){ place, cv_path_root(place) });
	struct cv_os_stat here;

	return root && cv_os_stat(CV_OS_ABSOLUTE, root, CV_OS_FOLLOW, &here) == 0 &&
	       cv_os_same(&here, st);
}

int cv_guard_places(const struct cv_ctx *ctx, const struct cv_target *t,
	const struct cv_os_stat *st, struct cvenv_error *err)
{
	if (is_root(t->place, st))
		return refuse_place(t, "it is the root directory", err);
	if (is_home(ctx, st))
		return refuse_place(t, "it is the home directory or above it", err);
	if (!ctx->cwd || !cv_dir_at_or_above(ctx->cwd, st))
		return 0;
	if (!is_itself(ctx->cwd, t->env_dir, st))
		return refuse_place(t, "it is above the current directory", err);
	if (t->asked == CV_CLEAR_AWAY)
		return refuse_place(t, "it is the current directory", err);
	return 0;
}

static int refuse_base(
	const struct cv_target *t, const struct cv_os_stat *st, struct cvenv_error *err)
{
	for (size_t i = 0; i < t->base_count; i++) {
		if (!cv_path_leads_through(t->base[i], st))
			continue;
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to %s '%s': it contains '%s', which the base interpreter needs",
			doing(t), t->env_dir, t->base[i]);
		return cv_hint(err, -CVENV_EREFUSED, "name another directory, or another Python");
	}
	return 0;
}

/*
 * A Python installation has a standard library, an environment has none: below lib/pythonX.Y, on
 * Windows below Lib. A link to a library counts as well, except in environments of virtualenv
 * below 20.
 */
static bool has_library(
	struct cv_os_dir env, struct cv_os_dir dir, const char *entry, char *path, size_t room)
{
	struct cv_str name = cv_str(entry);
	struct cv_os_stat st;
	int n = 0;

	if (cv_str_starts(name, CV_LIT("python")) && cv_str_ends(name, CV_LIT(".zip")))
		n = snprintf(path, room, "%s", entry);
	else if (cv_str_starts(name, CV_LIT("python")) || cv_str_starts(name, CV_LIT("pypy")))
		n = snprintf(path, room, "%s/os.py", entry);
	else if (strcmp(entry, "os.py") == 0)
		n = snprintf(path, room, "%s", entry);
	if (n <= 0 || (size_t)n >= room || cv_os_stat(dir, path, CV_OS_NOFOLLOW, &st) < 0)
		return false;
	return st.type == CV_OS_FILE ||
	       (st.type == CV_OS_LINK && cv_os_access(env, "bin/activate", CV_OS_MAY_EXIST) < 0);
}

/*
 * With these errors there is no library to find: it is missing, not a directory, or not readable.
 */
static bool tells_nothing(int code)
{
	return cv_err_missing(code) || code == EACCES;
}

static int refuse_installation(
	const struct cv_target *t, struct cv_os_dir env, struct cvenv_error *err)
{
	static const char *const libraries[] = { CV_WINDOWS ? "Lib" : "lib", "lib64" };
	char found[CV_FOREIGN_MAX];

	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		OWN_OS_LIST struct cv_os_list list = { 0 };
		int rc = cv_os_list_open(env, libraries[i], CV_OS_NOFOLLOW, &list);

		if (rc < 0 && tells_nothing(-rc))
			continue;
		while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
			rc = 0;
			if (!has_library(env, list.dir, list.name, found, sizeof(found)))
				continue;
			cv_fail_msg(err, CVENV_EREFUSED,
				"refusing to %s '%s': it is a Python installation ('%s/%s')",
				doing(t), t->env_dir, libraries[i], found);
			return cv_hint(err, -CVENV_EREFUSED, "name another directory");
		}
		if (rc < 0)
			return cv_fail(
				err, -rc, "cannot read '%s' in '%s'", libraries[i], t->env_dir);
	}
	return 0;
}

/*
 * Refuse before anything is deleted. cv_remove_entries() never deletes a mount point in any case.
 */
static int refuse_mounts(const struct cv_target *t, struct cv_os_dir dir, struct cvenv_error *err)
{
	char mounted[CV_PATH_MAX];
	int rc = cv_os_mount_below(dir, mounted, sizeof(mounted));

	if (rc < 0 && cv_err_passes(-rc))
		return cv_fail(err, -rc, "cannot read the list of mount points");
	if (rc <= 0)
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to %s '%s': '%s' is a mount point", doing(t),
		t->env_dir, mounted);
	return cv_hint(err, -CVENV_EREFUSED, "unmount it first");
}

/* The standard library of the base if ENV_DIR is in it; else NULL. */
static const char *library_around(const struct cv_target *t)
{
	struct cv_os_stat st;

	for (size_t i = 0; i < t->base_count; i++)
		if (cv_os_stat(CV_OS_ABSOLUTE, t->base[i], CV_OS_FOLLOW, &st) == 0 &&
			st.type == CV_OS_DIR && cv_dir_at_or_above(t->place, &st))
			return t->base[i];
	return NULL;
}

/* With force, only refuse what the base needs. */
static int refuse_foreign(const struct cv_target *t, struct cv_os_dir dir, struct cvenv_error *err)
{
	const char *library = t->force ? library_around(t) : NULL;
	char foreign[CV_FOREIGN_MAX];
	int rc = t->force && !library ? 1 : cv_remains(dir, foreign, err);

	if (rc < 0)
		return cv_wrap(err, rc, "refusing to %s '%s'", doing(t), t->env_dir);
	if (rc > 0)
		return 0;
	if (library) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to clear '%s': it is in '%s', which the base interpreter needs",
			t->env_dir, library);
		return cv_hint(err, -CVENV_EREFUSED, "name another directory, or another Python");
	}
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to %s '%s': it contains '%s', which is not part of an environment",
		doing(t), t->env_dir, foreign);
	if (t->asked == CV_CLEAR_AWAY)
		return -CVENV_EREFUSED;
	if (t->redirect)
		return cv_hint(err, -CVENV_EREFUSED,
			"to use that directory, name it instead of the redirect file");
	if (t->place != t->env_dir)
		return cv_hint(err, -CVENV_EREFUSED, "name the target of this link");
	return cv_hint(err, -CVENV_EREFUSED, "to delete everything in it, add --force");
}

static int guard(const struct cv_ctx *ctx, const struct cv_target *t, struct cv_os_dir dir,
	struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_stat_dir(dir, &st);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", t->env_dir);
	rc = refuse_base(t, &st, err);
	if (rc == 0)
		rc = refuse_installation(t, dir, err);
	if (rc < 0 || !(t->clear || t->redirect))
		return rc;
	rc = cv_guard_places(ctx, t, &st, err);
	if (rc == 0 && t->clear)
		rc = refuse_mounts(t, dir, err);
	if (rc == 0)
		rc = refuse_foreign(t, dir, err);
	return rc;
}

int cv_guard(const struct cv_ctx *ctx, const struct cv_target *t, struct cv_os_dir dir,
	struct cvenv_error *err)
{
	int rc = guard(ctx, t, dir, err);

	return rc < 0 && t->redirect ? cv_wrap(err, rc, "redirect file '%s'", t->redirect) : rc;
}
