/* SPDX-License-Identifier: MIT */
#include "fs/publish.h"

#include <errno.h>

#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/guard.h"
#include "fs/job.h"
#include "fs/remains.h"
#include "fs/sweep.h"

/*
 * What is open when the stage, or ENV_DIR, is renamed. NTFS refuses to rename a directory while a
 * file or directory below it is open, by us or by others. An open handle of the directory itself is
 * no obstacle if it shares deletion, as all handles of src/os/ do. In this order:
 *
 * 1. begin(): `target->dir`, a handle of ENV_DIR itself, has the lock of ENV_DIR. `stage.dir`, a
 *    handle of the stage itself, has its lock. `home` is their parent: it is never renamed.
 * 2. cv_stage_write() and cv_guard() open files and directories below these two, and close them
 *    before they return. Nothing else in this process has any open: create/ reads ENV_DIR before.
 * 3. The mode is set by `stage.dir`, which also takes the mark CV_OS_HIDDEN away.
 * 4. The renames. The locks stay with the directories, whose names they do not depend on: another
 *    process sees neither an unlocked stage, nor an old environment without lock.
 * 5. The old environment is deleted while `target->dir` is open. Where Windows keeps its name until
 *    the last handle is closed, it goes with cv_target_close().
 *
 * In place, and for an existing environment, only single files and the entries of ENV_DIR are
 * renamed, while just ENV_DIR and directories of the stage are open.
 */

static int open_place(const char *path, struct cv_os_dir *ret, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, ret);

	return rc < 0 ? cv_fail(err, -rc, "cannot open '%s'", path) : 0;
}

/* Open the directory that contains ENV_DIR; create it if it is missing. */
static int open_parent(struct cv_job *j, struct cvenv_error *err)
{
	int rc = open_place(j->target->parent, &j->home, err);

	if (rc != -ENOENT || j->target->exists)
		return rc;
	rc = cv_make_dirs(j->arena, j->target->parent, &j->made_dirs, err);
	return rc < 0 ? rc : open_place(j->target->parent, &j->home, err);
}

/* A killed --clear leaves its stage, or the old environment, in the parent. */
static void sweep_parent(struct cv_job *j)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

	if (cv_os_open_dir(CV_OS_ABSOLUTE, j->target->parent, CV_OS_FOLLOW, &dir) == 0)
		cv_stage_sweep(dir);
}

/* Another process that failed may have deleted the parents that it had created. */
static int lost_parent(struct cv_job *j, int rc)
{
	j->target->lost = rc == -ENOENT && !j->target->exists;
	return rc;
}

static int begin(struct cv_job *j, struct cvenv_error *err)
{
	struct cv_target *t = j->target;
	int rc;

	if (t->exists && (!t->clear || t->in_place)) {
		rc = cv_os_open_dir(t->dir, ".", CV_OS_NOFOLLOW, &j->env);
		if (rc < 0)
			return cv_fail(err, -rc, "cannot open '%s'", t->env_dir);
		j->home = j->env;
		rc = cv_guard(j->ctx, t, j->env, err); /* again, for the directory just opened */
		if (rc < 0)
			return rc;
		sweep_parent(j);
	} else {
		rc = open_parent(j, err);
		if (rc < 0)
			return lost_parent(j, rc);
	}
	cv_stage_sweep(j->home);
	if (t->exists && !t->clear)
		j->stage.target = j->env;
	rc = cv_stage_make_stat(j->home, j->name, &j->stage.dir, &j->named, err);
	if (rc < 0) {
		j->name[0] = '\0';
		return cv_wrap(err, lost_parent(j, rc), "cannot write to '%s'",
			cv_os_dir_ok(j->env) ? t->env_dir : j->target->parent);
	}
	return 0;
}

void cv_job_delete(
	struct cv_job *j, struct cv_os_dir at, const char *name, const struct cv_os_stat *which)
{
	struct cv_retry retry = { .ctx = j->ctx, .left_ms = CV_RETRY_SOON_MS };
	struct cvenv_error ignored;
	int rc;

	do
		rc = cv_remove_dir(at, name, which, &ignored);
	while (cv_retry(&retry, rc));
	if (rc < 0)
		cv_log(j->ctx, CVENV_LOG_WARNING, "could not remove '%s' in '%s': %s", name,
			cv_os_dir_ok(j->env) ? j->target->env_dir : j->target->parent,
			ignored.message);
}

static void end(struct cv_job *j, bool done)
{
	cv_os_close_dir(&j->stage.dir);
	if (j->name[0])
		cv_job_delete(j, j->home, j->name, &j->named);
	if (cv_os_dir_ok(j->env) && j->plan->dated && done) /* the stage was in it */
		(void)cv_os_set_mtime_dir(j->env, j->plan->mtime);
	cv_os_close_dir(&j->home);
	if (j->made_dirs)
		cv_undo_dirs(j->arena, j->target->parent, j->made_dirs);
}

int cv_job_open_mode(struct cv_job *j, const struct cv_os_stat *old, struct cvenv_error *err)
{
	unsigned mode = old ? old->mode : j->stage.dir_mode;
	struct cv_os_stat st = { 0 };
	int rc = cv_os_chmod_dir(j->stage.dir, mode);

	if (rc == 0)
		return 0;
	if (!cv_refuses_attribute(-rc))
		return cv_fail(err, -rc, "cannot set the mode of '%s'", j->name);
	/* It may already have that mode, if the file system has one mode for all directories. */
	return cv_os_stat_dir(j->stage.dir, &st) < 0 || st.mode != mode;
}

int cv_job_check(struct cv_job *j, const char *name, struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };

	if (cv_os_stat(j->home, name, CV_OS_NOFOLLOW, &st) == 0 && !cv_os_same(&st, &j->named))
		return cv_fail_msg(err, CVENV_EREFUSED, "'%s' was replaced by another process",
			j->target->env_dir);
	return 0;
}

static int cannot_appear(struct cv_job *j, int code, struct cvenv_error *err)
{
	j->target->lost = code == EEXIST || code == ENOTEMPTY || code == ENOTDIR;
	cv_fail(err, code, "cannot create '%s'", j->target->env_dir);
	return j->target->lost
		       ? cv_hint(err, -code, "another process created it: run the command again")
		       : -code;
}

/*
 * If the stage cannot be renamed to ENV_DIR, create ENV_DIR and move the files into it one by one,
 * pyvenv.cfg last.
 */
static int appear_by_hand(struct cv_job *j, const char *base, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_os_stat st = { 0 };
	int rc = cv_os_make_dir(j->home, base, 0777);

	if (rc < 0)
		return cannot_appear(j, -rc, err);
	rc = cv_os_open_dir(j->home, base, CV_OS_NOFOLLOW, &dir);
	if (rc == 0)
		rc = cv_os_stat_dir(dir, &st);
	if (rc < 0) {
		cv_fail(err, -rc, "cannot open '%s'", j->target->env_dir);
		(void)cv_os_remove_dir(j->home, base);
		return rc;
	}
	/*
	 * Other processes may wait for this lock. If one of them has it already, it continues
	 * instead.
	 */
	if (cv_os_lock_dir(dir) == -EWOULDBLOCK)
		return cannot_appear(j, EEXIST, err);
	j->retry.left_ms = CV_RETRY_MS;
	rc = cv_stage_merge(j->stage.dir, dir, j->plan, &j->retry, err);
	if (rc < 0)
		(void)cv_remove_dir(j->home, base, &st, NULL);
	else
		j->made_dirs = NULL;
	return rc;
}

static int appear(struct cv_job *j, struct cvenv_error *err)
{
	const char *base = j->target->name;
	int rc = cv_job_open_mode(j, NULL, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		rc = cv_rename_new(&j->retry, j->home, j->name, j->home, base);
	if (rc > 0 || (rc < 0 && (cv_err_unsupported(-rc) || cv_os_in_use(rc))))
		return appear_by_hand(j, base, err);
	if (rc < 0)
		return cannot_appear(j, -rc, err);
	j->name[0] = '\0';
	j->made_dirs = NULL;
	return cv_job_check(j, base, err);
}

int cv_job_in_part(struct cvenv_error *err, int rc)
{
	if (rc >= 0)
		return 0;
	(void)cv_wrap(err, rc, "changed in part");
	if (err)
		err->code = CVENV_ECHANGED;
	return -CVENV_ECHANGED;
}

static int hand_over(struct cv_job *j, struct cvenv_error *err)
{
	int rc;

	if (!j->target->exists)
		return appear(j, err);
	if (j->target->clear)
		return cv_job_clear(j, err);
	rc = cv_stage_check(j->stage.dir, j->env, err);
	if (rc < 0)
		return cv_wrap(err, rc, "nothing was changed");
	rc = cv_stage_merge(j->stage.dir, j->env, j->plan, &j->retry, err);
	if (rc == 0) /* the marker of an interrupted --clear */
		(void)cv_os_unlink(j->env, CV_CLEARING);
	return cv_job_in_part(err, rc);
}

int cv_publish(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_plan *plan,
	struct cv_target *target, enum cvenv_link_mode mode, enum cvenv_link_mode *ret_used,
	struct cvenv_error *err)
{
	struct cv_job j = { .ctx = ctx,
		.arena = a,
		.plan = plan,
		.target = target,
		.retry = { .ctx = ctx, .left_ms = CV_RETRY_MS },
		.stage = { .ctx = ctx,
			.mode = mode,
			.reflink = mode != CVENV_LINK_COPY,
			.dated = plan->dated,
			.mtime = plan->mtime } };
	int rc = begin(&j, err);

	if (rc == 0)
		rc = cv_stage_write(&j.stage, plan, err);
	if (rc == 0)
		rc = cv_stage_date(&j.stage, err);
	if (rc == 0)
		rc = hand_over(&j, err);
	end(&j, rc == 0);
	if (rc < 0)
		return cv_wrap(err, rc, "%s '%s'", target->noun ? target->noun : "environment",
			target->env_dir);
	*ret_used = cv_stage_used(&j.stage);
	target->no_links = j.stage.no_links;
	return 0;
}
