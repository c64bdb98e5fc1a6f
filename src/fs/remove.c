/* SPDX-License-Identifier: MIT */
#include "fs/remove.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/guard.h"
#include "fs/remains.h"
#include "fs/retry.h"
#include "fs/sweep.h"
#include "fs/usage.h"
#include "fs/users.h"

#define CONFIG "pyvenv.cfg"

/* --- refusals ----------------------------------------------------------------- */

static int refuse(const struct cv_target *t, const char *reason, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "refusing to remove '%s': %s", t->env_dir, reason);
}

static int refuse_content(const struct cv_target *t, const char *dir, const char *name,
	const char *what, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "refusing to remove '%s': '%s%s%s' is %s",
		t->env_dir, dir, dir[0] ? "/" : "", name, what);
}

/*
 * Anyone may create a pyvenv.cfg in a directory like /tmp, or in one to which others may write. It
 * does not make the directory an environment of the caller.
 */
static int refuse_owner(
	const struct cv_target *t, const struct cv_os_stat *st, struct cvenv_error *err)
{
	uint64_t user = cv_os_user();
	struct cv_os_stat config;

	if (st->owner != user && user != CV_OS_ADMINISTRATOR)
		return refuse(t, "it belongs to another user", err);
	if ((st->mode & CV_OS_STICKY) && (st->mode & CV_OS_OTHERS_WRITE))
		return refuse(t, "all users may create files in it", err);
	if (cv_os_stat(t->dir, CONFIG, CV_OS_NOFOLLOW, &config) == 0 && config.owner != st->owner &&
		config.owner != user && config.owner != CV_OS_ADMINISTRATOR)
		return refuse(t, "its " CONFIG " belongs to another user", err);
	return 0;
}

/* Some people have created an environment in ~/.local, where everything else is as well. */
static int refuse_user_dirs(const struct cv_ctx *ctx, const struct cv_target *t,
	const struct cv_os_stat *st, struct cvenv_error *err)
{
	static const struct {
		const char *variable, *in_home;
	} dirs[] = {
		{ "XDG_DATA_HOME", ".local/share" },
		{ "XDG_CONFIG_HOME", ".config" },
		{ "XDG_CACHE_HOME", ".cache" },
		{ "XDG_STATE_HOME", ".local/state" },
		{ "APPDATA", "AppData" },
		{ "LOCALAPPDATA", "Library" },
		{ "WORKON_HOME", ".virtualenvs" },
	};
	struct cv_arena a OWN_ARENA = { 0 };
	const char *home = cv_path_home(ctx);

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		const char *named = cv_getenv_nonempty(ctx, dirs[i].variable);
		const char *usual = home ? cv_path_join(&a, home, dirs[i].in_home) : NULL;

		if ((named && cv_path_is_abs(named) && cv_dir_at_or_above(named, st)) ||
			(usual && cv_dir_at_or_above(usual, st)))
			return refuse(t, "it contains other data of the user", err);
	}
	return 0;
}

static bool has(struct cv_os_dir at, const char *dir, const char *name, char *path, size_t room)
{
	struct cv_os_stat st;
	int n = snprintf(path, room, "%s/%s", dir, name);

	return n > 0 && (size_t)n < room && cv_os_stat(at, path, CV_OS_NOFOLLOW, &st) == 0;
}

/* Some people create an environment in the directory of their project, and write in it. */
static bool is_of_project(const char *name)
{
	static const char *const names[] = { "pyproject.toml", "setup.cfg", "Pipfile",
		"requirements.txt", "tox.ini", "Makefile", "Dockerfile", "environment.yml",
		"package.json", "Cargo.toml", "go.mod", ".env", ".idea", ".vscode" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (cv_path_same(name, names[i]))
			return true;
	return cv_str_ends(cv_str(name), CV_LIT(".py")) ||
	       cv_str_ends(cv_str(name), CV_LIT(".ipynb"));
}

/* Of any user: the user database may not know all. */
static bool is_of_home(const char *name)
{
	static const char *const names[] = { ".bash_profile", ".bashrc", ".config", ".gnupg",
		".local", ".profile", ".ssh", ".zshrc", "AppData", "Desktop", "Documents",
		"NTUSER.DAT" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (cv_path_same(name, names[i]))
			return true;
	return false;
}

/* Files of projects, and parts of Python installations, beside those that cv_guard() knows. */
static int refuse_entry(
	const struct cv_target *t, const struct cv_os_list *list, struct cvenv_error *err)
{
	const char *name = list->name;
	char path[CV_FOREIGN_MAX];

	if (is_of_project(name))
		return refuse_content(t, "", name, "a file of a project", err);
	if (is_of_home(name))
		return refuse_content(t, "", name, "part of a home directory", err);
	if (cv_path_same(name, "conda-meta"))
		return refuse_content(t, "", name, "part of an environment of conda", err);
	if (cv_path_same(name, "lib-python") || (cv_path_starts(name, CV_LIT("python")) &&
							cv_str_ends(cv_str(name), CV_LIT(".zip"))))
		return refuse_content(t, "", name, "part of a Python installation", err);
	if (list->type != CV_OS_FILE && has(list->dir, name, CONFIG, path, sizeof(path)))
		return refuse_content(t, "", name, "another environment", err);
	return 0;
}

/* pip puts the checkouts of editable requirements there, in which the user may have worked. */
static int refuse_checkouts(const struct cv_target *t, struct cvenv_error *err)
{
	static const char *const marks[] = { ".git", ".hg", ".svn", ".jj", ".bzr" };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	char path[CV_FOREIGN_MAX];
	int rc = cv_os_list_open(t->dir, "src", CV_OS_NOFOLLOW, &list);

	if (rc < 0 && cv_err_missing(-rc))
		return 0;
	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = 0;
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (has(list.dir, list.name, marks[i], path, sizeof(path)))
				return cv_hint(err,
					refuse_content(t, "src", list.name, "a checkout", err),
					"move it away, or delete it first");
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot read 'src' in '%s'", t->env_dir) : 0;
}

static int refuse_entries(const struct cv_target *t, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(t->dir, ".", CV_OS_NOFOLLOW, &list);
	bool empty = true;

	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		empty = false;
		rc = refuse_entry(t, &list, err);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", t->env_dir);
	if (empty)
		return cv_fail_msg(err, CVENV_ENOTENV,
			"cannot remove '%s': it is an empty directory", t->env_dir);
	return refuse_checkouts(t, err);
}

int cv_remove_check(const struct cv_ctx *ctx, const struct cv_target *t, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir up = CV_OS_NO_DIR;
	struct cv_os_stat st;
	int rc;

	if (!t->exists)
		return cv_fail_missing(err, CVENV_ENOTENV, t->env_dir);
	rc = cv_os_stat_dir(t->dir, &st);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", t->env_dir);
	if (cv_os_open_parent(t->dir, &up) == 0 && cv_os_same_mount(up, t->dir) == 0)
		return refuse(t, "it is a mount point", err);
	rc = refuse_owner(t, &st, err);
	if (rc == 0)
		rc = cv_guard(ctx, t, t->dir, err);
	if (rc == 0)
		rc = refuse_user_dirs(ctx, t, &st, err);
	return rc < 0 ? rc : refuse_entries(t, err);
}

/* --- what a search has found ---------------------------------------------------- */

/* Does the directory BIN contain an interpreter or an activation script, if only a broken link? */
static bool has_program(const struct cv_target *t, const char *bin)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };

	(void)cv_os_list_open(t->dir, bin, CV_OS_NOFOLLOW, &list);
	while (cv_os_list_next(&list) > 0)
		if (cv_path_starts(list.name, CV_LIT("python")) ||
			cv_path_starts(list.name, CV_LIT("pypy")) ||
			cv_path_starts(list.name, CV_LIT("activate")))
			return true;
	return false;
}

/* Also what virtualenv, virtualenvwrapper, tox and pip's editable requirements add. */
static bool may_be_at_top(const char *name)
{
	static const char *const more[] = { ".project", ".Python", ".tox-config1", ".tox-info.json",
		"doc", "lib32", "local", "log", "src", "tcl", "tmp" };

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (cv_path_same(name, more[i]))
			return true;
	return cv_is_part(name);
}

int cv_remove_check_found(const struct cv_target *t, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_os_stat st;
	int rc = cv_os_stat_dir(t->dir, &st);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", t->env_dir);
	/* Root may remove what it names, but what was found by a search may be anybody's. */
	if (st.owner != cv_os_user())
		return refuse(t, "it belongs to another user", err);
	if (!CV_WINDOWS && (st.mode & CV_OS_ALL_WRITE))
		return refuse(t, "all users may create files in it", err);
	rc = cv_os_list_open(t->dir, ".", CV_OS_NOFOLLOW, &list);
	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = 0;
		if (!may_be_at_top(list.name))
			return refuse_content(t, "", list.name, "not part of an environment", err);
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", t->env_dir);
	if (!has_program(t, "bin") && !has_program(t, "Scripts"))
		return refuse(t, "it has neither an interpreter nor an activation script", err);
	return 0;
}

/* --- removal ------------------------------------------------------------------ */

struct removal {
	const struct cv_ctx *ctx;
	const struct cv_target *target;
	struct cv_os_dir home; /* the parent */
	struct cv_os_stat st;  /* of the environment */
	uint64_t *ret_freed;
	const struct cv_remove_only *only; /* or NULL */
};

static void measure(struct removal *r, struct cv_os_dir at, const char *name)
{
	struct cv_usage usage = { .extents = true };

	if (!r->ret_freed)
		return;
	(void)cv_usage_add_tree(&usage, at, name, NULL); /* without memory it counts less */
	cv_usage_end(&usage);
	*r->ret_freed = usage.frees;
	cv_usage_done(&usage);
}

static int replaced(const struct removal *r, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "cannot remove '%s': another process replaced it",
		r->target->env_dir);
}

/* It is out of sight, or marked: RC becomes CVENV_ECHANGED. */
static int in_part(struct cvenv_error *err, int rc)
{
	if (rc >= 0)
		return rc;
	if (err)
		err->code = CVENV_ECHANGED;
	return -CVENV_ECHANGED;
}

static int refuse_in_use(const struct removal *r, const char *users, struct cvenv_error *err)
{
	const char *dir = r->target->env_dir;

	if (users)
		cv_fail_msg(err, EBUSY, "cannot remove '%s': in use by %s", dir, users);
	else
		cv_fail_msg(err, EBUSY, "cannot remove '%s': another program uses it", dir);
	return cv_hint(err, -EBUSY,
		"end programs of this environment, and shells that are in it, then run the command "
		"again; nothing was changed");
}

/*
 * Rename it to a name of a staging directory. 1: done; 0: the parent does not allow that; negative:
 * error. As in fs/clear, who waits for a virus scanner asks for other programs after a second.
 */
static int hide(struct removal *r, char name[CV_TEMP_NAME_MAX], struct cvenv_error *err)
{
	struct cv_retry soon = { .ctx = r->ctx, .left_ms = CV_RETRY_SOON_MS };
	struct cv_retry late = { .ctx = r->ctx, .left_ms = CV_RETRY_MS };
	struct cv_arena a OWN_ARENA = { 0 };
	const char *own = r->target->name, *users = NULL;
	struct cv_os_stat st = { 0 };
	int rc;

	cv_temp_name(name);
	rc = cv_rename_new(&soon, r->home, own, r->home, name);
	if (cv_os_in_use(rc)) {
		users = cv_users_below(&a, r->target->place);
		rc = users ? rc : cv_rename_new(&late, r->home, own, r->home, name);
	}
	if (cv_os_in_use(rc))
		return refuse_in_use(r, users, err);
	if (rc == -EACCES || rc == -EPERM || rc == -EROFS || rc == -EXDEV)
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot rename '%s'", r->target->env_dir);
	if (cv_os_stat(r->home, name, CV_OS_NOFOLLOW, &st) == 0 && !cv_os_same(&st, &r->st)) {
		(void)cv_rename_new(&late, r->home, name, r->home, own);
		return replaced(r, err);
	}
	return 1;
}

/* Delete what is now called NAME. */
static int discard(struct removal *r, const char *name, struct cvenv_error *err)
{
	struct cv_retry retry = { .ctx = r->ctx, .left_ms = CV_RETRY_SOON_MS };
	int rc;

	(void)cv_os_chmod_dir(r->target->dir, CV_STAGE_MODE);
	measure(r, r->home, name);
	do
		rc = cv_remove_dir(r->home, name, &r->st, err);
	while (cv_retry(&retry, rc));
	if (rc < 0)
		(void)cv_wrap(err, rc, "renamed '%s' to '%s', but could not remove it completely",
			r->target->env_dir, name);
	return in_part(err, rc);
}

/* As --clear in place: a later --clear or --remove knows the directory by the marker. */
static int mark(struct removal *r, struct cvenv_error *err)
{
	struct cv_os_dir dir = r->target->dir;
	OWN_OS_FILE struct cv_os_file marker = CV_OS_NO_FILE;
	struct cv_retry retry = { .ctx = r->ctx, .left_ms = CV_RETRY_SOON_MS };
	int rc = cv_rename(&retry, dir, CONFIG, dir, CV_CLEARING, CV_OS_REPLACE);

	if (rc == -ENOENT)
		rc = cv_os_create(dir, CV_CLEARING, 0666, &marker);
	if (rc == 0 || rc == -EEXIST)
		return 0;
	return cv_fail(err, -rc, "cannot remove '%s'", r->target->env_dir);
}

static int empty(struct removal *r, struct cvenv_error *err)
{
	static const char *const keep[] = { CV_CLEARING, NULL };
	const struct cv_target *t = r->target;
	int rc;

	measure(r, t->dir, ".");
	rc = mark(r, err);
	if (rc < 0)
		return rc;
	rc = cv_remove_entries(t->dir, keep, err);
	if (rc == 0)
		rc = cv_remove_tree(t->dir, CV_CLEARING, err);
	if (rc < 0) {
		(void)cv_wrap(err, rc, "removed '%s' in part", t->env_dir);
		return in_part(err, rc);
	}
	rc = cv_os_remove_dir(r->home, t->name);
	if (rc < 0)
		cv_log(r->ctx, CVENV_LOG_WARNING, "the empty directory '%s' stays: %s", t->env_dir,
			cv_err_text(-rc));
	return 0;
}

/* What a killed run has left. */
static void sweep(const struct cv_target *t)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

	if (cv_os_open_dir(CV_OS_ABSOLUTE, t->parent, CV_OS_FOLLOW, &dir) == 0)
		cv_stage_sweep(dir);
}

static int remove_it(struct removal *r, struct cvenv_error *err)
{
	struct cv_retry late = { .ctx = r->ctx, .left_ms = CV_RETRY_MS };
	const struct cv_target *t = r->target;
	char name[CV_TEMP_NAME_MAX];
	struct cv_os_stat st = { 0 };
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, t->parent, CV_OS_FOLLOW | CV_OS_ANCHOR, &r->home);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", t->parent);
	rc = cv_os_stat_dir(t->dir, &r->st);
	if (rc == 0)
		rc = cv_os_stat(r->home, t->name, CV_OS_NOFOLLOW, &st);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", t->env_dir);
	if (!cv_os_same(&st, &r->st))
		return replaced(r, err);
	sweep(t);
	rc = hide(r, name, err);
	if (rc < 0)
		return rc;
	if (r->only) {
		int refused = r->only->check(r->only->data, err);

		if (refused < 0 && rc > 0)
			(void)cv_rename_new(&late, r->home, name, r->home, t->name);
		if (refused < 0)
			return refused;
	}
	return rc > 0 ? discard(r, name, err) : empty(r, err);
}

int cv_remove_environment(const struct cv_ctx *ctx, struct cv_target *t,
	const struct cv_remove_only *only, uint64_t *ret_freed, struct cvenv_error *err)
{
	struct removal r = { .ctx = ctx, .target = t, .ret_freed = ret_freed, .only = only };
	int rc = cv_target_lock(ctx, t, err);

	if (ret_freed)
		*ret_freed = 0;
	if (rc == 0)
		rc = cv_remove_check(ctx, t, err);
	if (rc == 0)
		rc = remove_it(&r, err);
	cv_os_close_dir(&r.home);
	return rc;
}
