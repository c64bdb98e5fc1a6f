/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/guard.h"
#include "fs/job.h"
#include "fs/remains.h"
#include "fs/users.h"

/* The second half of publish.c, for --clear: how the stage takes the place of ENV_DIR's content. */

#define CONFIG "pyvenv.cfg"

/* What programs of ENV_DIR keep open prevents that it is renamed. Nothing was changed. */
static int refuse_in_use(struct cv_job *j, const char *users, struct cvenv_error *err)
{
	const char *dir = j->target->env_dir;

	if (users)
		cv_fail_msg(err, EBUSY, "cannot clear '%s': in use by %s", dir, users);
	else
		cv_fail_msg(err, EBUSY, "cannot clear '%s': another program uses it", dir);
	return cv_hint(err, -EBUSY,
		"end programs of this environment, and shells that are in it, then run the command "
		"again; nothing was changed");
}

/* --- in place ---------------------------------------------------------------- */

enum marker { KEPT, CREATED, RENAMED };

/*
 * While ENV_DIR is cleared it must not have a pyvenv.cfg. The marker tells a later --clear that the
 * directory was an environment, or was given to --clear. Returns enum marker.
 */
static int begin_clearing(struct cv_job *j, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file marker = CV_OS_NO_FILE;
	int rc = 0;

	for (int tries = 0; tries < 2; tries++) {
		int removed;

		rc = cv_rename(&j->retry, j->env, CONFIG, j->env, CV_CLEARING, CV_OS_REPLACE);
		if (rc == 0)
			return RENAMED;
		if (rc != -EISDIR && rc != -ENOTDIR && rc != -ENOTEMPTY)
			break;
		/* One of the two is a directory. Its content is to be deleted anyway. */
		removed = cv_remove_tree(j->env, CV_CLEARING, err);
		if (removed < 0)
			return removed;
	}
	if (cv_os_in_use(rc))
		return refuse_in_use(j, cv_users_below(j->arena, j->target->place), err);
	if (rc != -ENOENT)
		return cv_fail(err, -rc, "cannot rename '" CONFIG "'");
	rc = cv_os_create(j->env, CV_CLEARING, 0666, &marker);
	if (rc == -EEXIST) /* any existing entry of that name serves as the marker */
		return KEPT;
	return rc < 0 ? cv_fail(err, -rc, "cannot create '" CV_CLEARING "'") : CREATED;
}

/* Nothing was deleted: without the marker, ENV_DIR is as before. Returns RC, or another error. */
static int undo_clearing(struct cv_job *j, int marker, int rc, struct cvenv_error *err)
{
	struct cv_retry retry = { .left_ms = CV_RETRY_MS };
	int undone = 0;

	if (marker == RENAMED)
		undone = cv_rename_new(&retry, j->env, CV_CLEARING, j->env, CONFIG);
	if (marker == CREATED)
		(void)cv_os_unlink(j->env, CV_CLEARING);
	if (undone == 0)
		return rc;
	return cv_job_in_part(err, cv_fail(err, -undone, "cannot rename '" CV_CLEARING "' back"));
}

/* Move the entries of FROM, except KEEP, to TO. 0 or -errno. */
static int move_entries(
	struct cv_os_dir from, struct cv_os_dir to, const char *const *keep, struct cv_retry *retry)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(from, ".", CV_OS_NOFOLLOW, &list);

	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0)
		rc = cv_is_among(list.name, keep)
			     ? 0
			     : cv_rename_new(retry, from, list.name, to, list.name);
	return rc;
}

/*
 * Where open files cannot be deleted: move the old entries into a second staging directory. If that
 * is impossible for one of them, move all back. NAME and ST are those of the new directory.
 */
static int move_away(struct cv_job *j, char name[CV_TEMP_NAME_MAX], struct cv_os_stat *st,
	struct cvenv_error *err)
{
	const char *const keep[] = { CV_CLEARING, j->name, name, NULL }, *const none[] = { NULL };
	struct cv_retry back = { .left_ms = CV_RETRY_MS };
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_stage_make_stat(j->env, name, &dir, st, err);

	if (rc < 0) {
		name[0] = '\0';
		return rc;
	}
	rc = move_entries(j->env, dir, keep, &j->retry);
	if (rc == 0)
		return 0;
	if (move_entries(dir, j->env, none, &back) < 0) /* keep it, with what is in it */
		return cv_fail(err, -rc, "cannot move the content of '%s'", j->target->env_dir);
	cv_os_close_dir(&dir);
	(void)cv_os_remove_dir(j->env, name);
	name[0] = '\0';
	return cv_os_in_use(rc) ? refuse_in_use(j, cv_users_below(j->arena, j->target->place), err)
				: cv_fail(err, -rc, "cannot clear '%s'", j->target->env_dir);
}

static int empty_and_fill(struct cv_job *j, struct cvenv_error *err)
{
	char away[CV_TEMP_NAME_MAX] = "";
	const char *const keep[] = { CV_CLEARING, j->name, away, NULL };
	struct cv_os_stat st;
	int marker = begin_clearing(j, err), rc;

	if (marker < 0)
		return marker;
	rc = cv_os_in_use(-EBUSY) ? move_away(j, away, &st, err) : 0;
	if (rc < 0 && !away[0])
		return undo_clearing(j, marker, rc, err);
	if (rc == 0)
		rc = cv_remove_entries(j->env, keep, err);
	if (rc == 0)
		rc = cv_stage_merge(j->stage.dir, j->env, j->plan, &j->retry, err);
	if (rc == 0)
		rc = cv_remove_tree(j->env, CV_CLEARING, err);
	if (rc == 0 && away[0])
		cv_job_delete(j, j->env, away, &st);
	return cv_job_in_part(err, rc);
}

/*
 * For file systems that cannot rename the directory. On overlayfs, a directory of a lower layer
 * (from a container's image) cannot be renamed, as if it were on another disk.
 */
static int clear_by_hand(struct cv_job *j, struct cv_os_dir old, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(old, ".", CV_OS_NOFOLLOW, &j->env);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", j->target->env_dir);
	rc = empty_and_fill(j, err);
	cv_os_close_dir(&j->env);
	return rc;
}

/* --- by renames --------------------------------------------------------------- */

static int replaced(struct cv_job *j, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "cannot clear '%s': another process replaced it",
		j->target->env_dir);
}

/* Exchange the names of ENV_DIR and the stage. 1: done; 0: not supported here; negative: error. */
static int exchange_names(struct cv_job *j, const struct cv_os_stat *old, struct cvenv_error *err)
{
	const char *base = j->target->name;
	struct cv_os_stat out = { 0 };
	int rc = cv_os_rename(j->home, j->name, j->home, base, CV_OS_EXCHANGE);

	if (rc < 0 && (cv_err_unsupported(-rc) || rc == -EBUSY)) /* EBUSY: a mount point */
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot replace '%s'", j->target->env_dir);
	if (cv_os_stat(j->home, j->name, CV_OS_NOFOLLOW, &out) == 0 && !cv_os_same(&out, old)) {
		/* Another process replaced ENV_DIR just before: put its directory back. */
		(void)cv_os_rename(j->home, j->name, j->home, base, CV_OS_EXCHANGE);
		return replaced(j, err);
	}
	return 1;
}

/*
 * Rename ENV_DIR to ASIDE. 1: done; 0: this directory cannot be renamed; negative: error. A virus
 * scanner ends soon, so ask for other users after a second, and if there are any, do not wait.
 */
static int set_aside(struct cv_job *j, const char *aside, struct cvenv_error *err)
{
	const char *base = j->target->name, *users = NULL;
	struct cv_retry soon = { .ctx = j->ctx, .left_ms = CV_RETRY_SOON_MS };
	int rc = cv_rename_new(&soon, j->home, base, j->home, aside);

	if (cv_os_in_use(rc))
		users = cv_users_below(j->arena, j->target->place);
	j->retry.left_ms -= CV_RETRY_SOON_MS;
	if (cv_os_in_use(rc) && !users)
		rc = cv_rename_new(&j->retry, j->home, base, j->home, aside);
	if (rc == 0)
		return 1;
	if (cv_os_in_use(rc))
		return refuse_in_use(j, users, err);
	if (cv_err_unsupported(-rc) || rc == -EBUSY) /* a mount point */
		return 0;
	return cv_fail(err, -rc, "cannot replace '%s'", j->target->env_dir);
}

/* Rename the old ENV_DIR back. Waits even if the user wants to end. Returns RC, or an error. */
static int put_back(struct cv_job *j, const char *aside, int rc, struct cvenv_error *err)
{
	struct cv_retry retry = { .left_ms = CV_RETRY_MS };
	int back = cv_rename_new(&retry, j->home, aside, j->home, j->target->name);

	if (back == 0)
		return rc;
	cv_fail(err, -back, "cannot rename '%s' back, which is now '%s' in '%s'",
		j->target->env_dir, aside, j->target->parent);
	return cv_hint(err, cv_job_in_part(err, back),
		"run the command again: it completes or undoes the change");
}

/*
 * The old environment, which is ASIDE, is of no use any more. Give it the name and the mode of a
 * staging directory: so a sweep never puts it back, and deletes it even where other users may
 * rename entries of the parent. If that fails, ASIDE is deleted as long as ENV_DIR exists.
 */
static void discard(struct cv_job *j, const char *aside)
{
	struct cv_retry retry = { .ctx = j->ctx, .left_ms = CV_RETRY_SOON_MS };
	char name[CV_TEMP_NAME_MAX];

	cv_temp_name(name);
	if (cv_rename_new(&retry, j->home, aside, j->home, name) < 0)
		(void)snprintf(j->name, sizeof(j->name), "%s", aside);
	else
		(void)snprintf(j->name, sizeof(j->name), "%s", name);
	(void)cv_os_chmod_dir(j->target->dir, CV_STAGE_MODE);
}

/*
 * Rename ENV_DIR aside and the stage to its name. 1: done; 0: not possible here; negative: error,
 * and nothing was changed. If the process is killed in between, ENV_DIR is missing until the next
 * run puts it back, which finds it by the name ASIDE.
 */
static int swap(struct cv_job *j, const struct cv_os_stat *old, struct cvenv_error *err)
{
	char aside[CV_ASIDE_NAME_MAX];
	const char *base = j->target->name;
	struct cv_os_stat st = { 0 };
	int rc = cv_aside_name(base, aside) ? set_aside(j, aside, err) : 0;

	if (rc <= 0)
		return rc;
	if (cv_os_stat(j->home, aside, CV_OS_NOFOLLOW, &st) == 0 && !cv_os_same(&st, old))
		return put_back(j, aside, replaced(j, err), err);
	rc = cv_rename_new(&j->retry, j->home, j->name, j->home, base);
	if (rc < 0 && cv_err_unsupported(-rc))
		return put_back(j, aside, 0, err);
	if (rc < 0)
		return put_back(j, aside,
			cv_fail(err, -rc, "cannot replace '%s'", j->target->env_dir), err);
	discard(j, aside);
	return 1;
}

static int exchange(struct cv_job *j, struct cvenv_error *err)
{
	const char *base = j->target->name;
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_os_stat old = { 0 }, out = { 0 };
	int rc = cv_os_open_dir(j->home, base, CV_OS_ANCHOR | CV_OS_NOFOLLOW, &dir);

	if (rc == 0)
		rc = cv_os_stat_dir(dir, &old);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot clear '%s'", j->target->env_dir);
	if (cv_os_stat_dir(j->target->dir, &out) == 0 && !cv_os_same(&out, &old))
		return replaced(j, err);
	rc = cv_guard(j->ctx, j->target, dir, err);
	if (rc == 0)
		rc = cv_job_open_mode(j, &old, err);
	if (rc > 0)
		return clear_by_hand(j, dir, err);
	if (rc == 0)
		rc = exchange_names(j, &old, err);
	if (rc == 0)
		rc = swap(j, &old, err);
	if (rc <= 0)
		return rc < 0 ? rc : clear_by_hand(j, dir, err);
	rc = cv_job_check(j, base, err);
	j->named = old; /* end() deletes the old directory, which now has the name j->name */
	return rc;
}

int cv_job_clear(struct cv_job *j, struct cvenv_error *err)
{
	return j->target->in_place ? empty_and_fill(j, err) : exchange(j, err);
}
