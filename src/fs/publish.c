/* SPDX-License-Identifier: MIT */
#include "fs/publish.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/guard.h"
#include "fs/remains.h"
#include "fs/stage.h"

/* The state of a publication; done() releases what was not transferred. */
struct job {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_plan *plan;
	struct cv_target *target;
	const char *made_dirs;       /* the topmost parent that was created, or NULL */
	struct cv_os_dir home;       /* the directory that contains the stage */
	struct cv_os_dir env;        /* the same directory if it is ENV_DIR; or none */
	char name[CV_TEMP_NAME_MAX]; /* the stage's name; "" once it has been moved */
	struct cv_os_stat named;     /* its stat, in case another process renames it */
	struct cv_stage stage;
};

static int open_place(const char *path, struct cv_os_dir *ret, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, ret);

	return rc < 0 ? cv_fail(err, -rc, "cannot open '%s'", path) : 0;
}

/* Open the directory that contains ENV_DIR; create it if it is missing. */
static int open_parent(struct job *j, struct cvenv_error *err)
{
	int rc = open_place(j->target->parent, &j->home, err);

	if (rc != -ENOENT || j->target->exists)
		return rc;
	rc = cv_make_dirs(j->arena, j->target->parent, &j->made_dirs, err);
	return rc < 0 ? rc : open_place(j->target->parent, &j->home, err);
}

/* A killed --clear leaves its stage, or the old environment, in the parent. */
static void sweep_parent(struct job *j)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

	if (cv_os_open_dir(CV_OS_ABSOLUTE, j->target->parent, CV_OS_FOLLOW, &dir) == 0)
		cv_stage_sweep(dir);
}

/* Another process that failed may have deleted the parents that it had created. */
static int lost_parent(struct job *j, int rc)
{
	j->target->lost = rc == -ENOENT && !j->target->exists;
	return rc;
}

static int begin(struct job *j, struct cvenv_error *err)
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

static void end(struct job *j)
{
	struct cvenv_error ignored;

	cv_os_close_dir(&j->stage.dir);
	if (j->name[0] && cv_remove_dir(j->home, j->name, &j->named, &ignored) < 0)
		cv_log(j->ctx, CVENV_LOG_WARNING, "could not remove '%s' in '%s': %s", j->name,
			cv_os_dir_ok(j->env) ? j->target->env_dir : j->target->parent,
			ignored.message);
	cv_os_close_dir(&j->home);
	if (j->made_dirs)
		cv_undo_dirs(j->arena, j->target->parent, j->made_dirs);
}

/*
 * Make the stage accessible, with the mode of a new directory in this place (umask, or the parent's
 * default ACL), or with that of OLD. 1: the system refuses that, and the stage is still private.
 */
static int open_mode(struct job *j, const struct cv_os_stat *old, struct cvenv_error *err)
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

/*
 * The stage was renamed by its name, and a user who may write to the parent could have replaced it.
 */
static int is_ours(struct job *j, const char *base, struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };

	if (cv_os_stat(j->home, base, CV_OS_NOFOLLOW, &st) == 0 && !cv_os_same(&st, &j->named))
		return cv_fail_msg(err, CVENV_EREFUSED, "'%s' was replaced by another process",
			j->target->env_dir);
	return 0;
}

static int cannot_appear(struct job *j, int code, struct cvenv_error *err)
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
static int appear_by_hand(struct job *j, const char *base, struct cvenv_error *err)
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
	rc = cv_stage_merge(j->stage.dir, dir, j->plan, err);
	if (rc < 0)
		(void)cv_remove_dir(j->home, base, &st, NULL);
	else
		j->made_dirs = NULL;
	return rc;
}

/* 0 or -errno. */
static int rename_new(struct job *j, const char *base)
{
	int rc = cv_os_rename(j->home, j->name, j->home, base, CV_OS_NEW);

	/* A plain rename replaces at most an empty directory. */
	if (rc < 0 && cv_err_unsupported(-rc))
		rc = cv_os_rename(j->home, j->name, j->home, base, CV_OS_REPLACE);
	return rc;
}

static int appear(struct job *j, struct cvenv_error *err)
{
	const char *base = j->target->name;
	int rc = open_mode(j, NULL, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		rc = rename_new(j, base);
	if (rc > 0 || (rc < 0 && cv_err_unsupported(-rc)))
		return appear_by_hand(j, base, err);
	if (rc < 0)
		return cannot_appear(j, -rc, err);
	j->name[0] = '\0';
	j->made_dirs = NULL;
	return is_ours(j, base, err);
}

static int in_part(struct cvenv_error *err, int rc)
{
	if (rc >= 0)
		return 0;
	(void)cv_wrap(err, rc, "changed in part");
	if (err)
		err->code = CVENV_ECHANGED;
	return -CVENV_ECHANGED;
}

/*
 * While ENV_DIR is cleared it must not have a pyvenv.cfg. The marker tells a later --clear that the
 * directory was an environment, or was given to --clear.
 */
static int begin_clearing(struct job *j, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file marker = CV_OS_NO_FILE;
	int rc = 0;

	for (int tries = 0; tries < 2; tries++) {
		int removed;

		rc = cv_os_rename(j->env, "pyvenv.cfg", j->env, CV_CLEARING, CV_OS_REPLACE);
		if (rc == 0)
			return 0;
		if (rc != -EISDIR && rc != -ENOTDIR && rc != -ENOTEMPTY)
			break;
		/* One of the two is a directory. Its content is to be deleted anyway. */
		removed = cv_remove_tree(j->env, CV_CLEARING, err);
		if (removed < 0)
			return removed;
	}
	if (rc != -ENOENT)
		return cv_fail(err, -rc, "cannot rename 'pyvenv.cfg'");
	rc = cv_os_create(j->env, CV_CLEARING, 0666, &marker);
	/* Any existing entry of that name serves as the marker. */
	return rc < 0 && rc != -EEXIST ? cv_fail(err, -rc, "cannot create '" CV_CLEARING "'") : 0;
}

static int empty_and_fill(struct job *j, struct cvenv_error *err)
{
	const char *const keep[] = { CV_CLEARING, j->name, NULL };
	int rc = begin_clearing(j, err);

	if (rc < 0)
		return rc;
	rc = cv_remove_entries(j->env, keep, err);
	if (rc == 0)
		rc = cv_stage_merge(j->stage.dir, j->env, j->plan, err);
	if (rc == 0)
		rc = cv_remove_tree(j->env, CV_CLEARING, err);
	return in_part(err, rc);
}

/*
 * For file systems without exchange. On overlayfs, a directory of a lower layer (from a container's
 * image) cannot be renamed either, as if it were on another disk.
 */
static int clear_by_hand(struct job *j, struct cv_os_dir old, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(old, ".", CV_OS_NOFOLLOW, &j->env);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", j->target->env_dir);
	rc = empty_and_fill(j, err);
	cv_os_close_dir(&j->env);
	return rc;
}

static int replaced(struct job *j, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "cannot clear '%s': another process replaced it",
		j->target->env_dir);
}

/* 1: exchanged; 0: not supported here; negative: error. */
static int exchange_names(struct job *j, const char *base, struct cvenv_error *err)
{
	int rc = cv_os_rename(j->home, j->name, j->home, base, CV_OS_EXCHANGE);

	if (rc == 0)
		return 1;
	if (cv_err_unsupported(-rc) || rc == -EBUSY) /* a mount point */
		return 0;
	return cv_fail(err, -rc, "cannot replace '%s'", j->target->env_dir);
}

static int exchange(struct job *j, struct cvenv_error *err)
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
		rc = open_mode(j, &old, err);
	if (rc < 0)
		return rc;
	rc = rc > 0 ? 0 : exchange_names(j, base, err);
	if (rc <= 0)
		return rc < 0 ? rc : clear_by_hand(j, dir, err);
	if (cv_os_stat(j->home, j->name, CV_OS_NOFOLLOW, &out) == 0 && !cv_os_same(&out, &old)) {
		/* Another process replaced ENV_DIR just before: put its directory back. */
		(void)cv_os_rename(j->home, j->name, j->home, base, CV_OS_EXCHANGE);
		return replaced(j, err);
	}
	rc = is_ours(j, base, err);
	j->named = old; /* end() deletes the old directory, which now has the stage's name */
	return rc;
}

static int hand_over(struct job *j, struct cvenv_error *err)
{
	int rc;

	if (!j->target->exists)
		return appear(j, err);
	if (j->target->clear)
		return j->target->in_place ? empty_and_fill(j, err) : exchange(j, err);
	rc = cv_stage_check(j->stage.dir, j->env, err);
	if (rc < 0)
		return cv_wrap(err, rc, "nothing was changed");
	rc = cv_stage_merge(j->stage.dir, j->env, j->plan, err);
	if (rc == 0) /* the marker of an interrupted --clear */
		(void)cv_os_unlink(j->env, CV_CLEARING);
	return in_part(err, rc);
}

int cv_publish(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_plan *plan,
	struct cv_target *target, enum cvenv_link_mode mode, enum cvenv_link_mode *ret_used,
	struct cvenv_error *err)
{
	struct job j = { .ctx = ctx,
		.arena = a,
		.plan = plan,
		.target = target,
		.stage = { .ctx = ctx, .mode = mode, .reflink = mode != CVENV_LINK_COPY } };
	int rc = begin(&j, err);

	if (rc == 0)
		rc = cv_stage_write(&j.stage, plan, err);
	if (rc == 0)
		rc = hand_over(&j, err);
	end(&j);
	if (rc < 0)
		return cv_wrap(err, rc, "environment '%s'", target->env_dir);
	*ret_used = cv_stage_used(&j.stage);
	return 0;
}
