/* SPDX-License-Identifier: MIT */
#include "fs/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/guard.h"
#include "fs/stage.h"

/* What is under way; done() puts everything back that was not handed over. */
struct job {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_plan *plan;
	struct cv_target *target;
	const char *made_dirs;       /* topmost parent that we made, or NULL */
	const char *parent;          /* of target->place */
	int home_fd;                 /* where the stage lies */
	int env_fd;                  /* ENV_DIR, when the stage lies in it */
	char name[CV_TEMP_NAME_MAX]; /* the stage's; "" once it has been moved away */
	struct stat named;           /* which directory that is, should others rename, too */
	struct cv_stage stage;
};

static int open_place(const char *path, int *ret_fd, struct cvenv_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return cv_fail(err, errno, "cannot open '%s'", path);
	*ret_fd = fd;
	return 0;
}

/* The directory that ENV_DIR shall appear in, made when it is missing. */
static int open_parent(struct job *j, struct cvenv_error *err)
{
	int rc = open_place(j->parent, &j->home_fd, err);

	if (rc != -ENOENT || j->target->exists)
		return rc;
	rc = cv_make_dirs(j->arena, j->parent, &j->made_dirs, err);
	return rc < 0 ? rc : open_place(j->parent, &j->home_fd, err);
}

/* A --clear that was killed has left its stage there, or the old environment. */
static void sweep_parent(struct job *j)
{
	OWN_FD int fd = open(j->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		cv_stage_sweep_once(fd);
}

/* Another process that failed may have removed the parents that it had created. */
static int lost_parent(struct job *j, int rc)
{
	j->target->lost = rc == -ENOENT && !j->target->exists;
	return rc;
}

static int begin(struct job *j, struct cvenv_error *err)
{
	struct cv_target *t = j->target;
	int rc;

	j->parent = cv_path_dir(j->arena, t->place);
	if (!j->parent)
		return cv_fail_nomem(err);
	if (t->exists && (!t->clear || t->in_place)) {
		int fd = t->held >= 0 ? cv_open_dir(t->held, ".") : cv_open_dir(AT_FDCWD, t->place);

		if (fd < 0)
			return cv_fail(err, -fd, "cannot open '%s'", t->env_dir);
		j->env_fd = fd;
		j->home_fd = fd;
		rc = cv_guard(j->ctx, t, fd, err); /* again, for the directory that is opened now */
		if (rc < 0)
			return rc;
		sweep_parent(j);
	} else {
		rc = open_parent(j, err);
		if (rc < 0)
			return lost_parent(j, rc);
	}
	cv_stage_sweep_once(j->home_fd);
	j->stage.target_fd = t->exists && !t->clear ? j->env_fd : -1;
	rc = cv_stage_make_stat(j->home_fd, j->name, &j->stage.fd, &j->named, err);
	if (rc < 0) {
		j->name[0] = '\0';
		return cv_wrap(err, lost_parent(j, rc), "cannot write to '%s'",
			j->env_fd >= 0 ? t->env_dir : j->parent);
	}
	return 0;
}

static void end(struct job *j)
{
	struct cvenv_error ignored;

	if (j->stage.fd >= 0)
		(void)close(j->stage.fd);
	if (j->name[0] && cv_remove_dir(j->home_fd, j->name, &j->named, &ignored) < 0)
		cv_log(j->ctx, CVENV_LOG_WARNING, "could not remove '%s' in '%s': %s", j->name,
			j->env_fd >= 0 ? j->target->env_dir : j->parent, ignored.message);
	if (j->home_fd >= 0)
		(void)close(j->home_fd);
	if (j->made_dirs)
		cv_undo_dirs(j->arena, j->parent, j->made_dirs);
}

/*
 * Open the stage to the world with the mode that a directory made there gets (umask, or the
 * parent's default ACL); OLD keeps its own. 1: the system refuses that, and the stage is still
 * private.
 */
static int open_mode(struct job *j, const struct stat *old, struct cvenv_error *err)
{
	mode_t mode = old ? old->st_mode & 07777 : j->stage.dir_mode;
	struct stat st;
	int code;

	if (fchmod(j->stage.fd, mode) == 0)
		return 0;
	code = errno;
	if (!cv_refuses_attribute(code))
		return cv_fail(err, code, "cannot set the mode of '%s'", j->name);
	/* On a file system with one mode for all directories, it already has that mode. */
	return fstat(j->stage.fd, &st) < 0 || (st.st_mode & 07777) != mode;
}

/* The stage was moved by its name: whoever may write to its parent may have changed what that is.
 */
static int is_ours(struct job *j, const char *base, struct cvenv_error *err)
{
	struct stat st;

	if (fstatat(j->home_fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		!cv_same_file(&st, &j->named))
		return cv_fail_msg(err, CVENV_EREFUSED,
			"'%s' is not what was made: another process put it there",
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
	OWN_FD int fd = -1;
	struct stat st;
	int rc;

	if (mkdirat(j->home_fd, base, 0777) < 0)
		return cannot_appear(j, errno, err);
	fd = cv_open_dir(j->home_fd, base);
	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = cv_fail(err, fd < 0 ? -fd : errno, "cannot open '%s'", j->target->env_dir);
		(void)unlinkat(j->home_fd, base, AT_REMOVEDIR);
		return rc;
	}
	/* Other processes wait for this lock. If another one has it already, that one goes on. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return cannot_appear(j, EEXIST, err);
	rc = cv_stage_merge(j->stage.fd, fd, j->plan, err);
	if (rc < 0)
		(void)cv_remove_dir(j->home_fd, base, &st, NULL);
	else
		j->made_dirs = NULL;
	return rc;
}

/* 0 or -errno. */
static int rename_new(struct job *j, const char *base)
{
	if (renameat2(j->home_fd, j->name, j->home_fd, base, RENAME_NOREPLACE) == 0)
		return 0;
	/* A plain rename can only replace an empty directory. */
	if (cv_err_unsupported(errno) && renameat(j->home_fd, j->name, j->home_fd, base) == 0)
		return 0;
	return -errno;
}

static int appear(struct job *j, struct cvenv_error *err)
{
	const char *base = cv_path_base(j->target->place);
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
	struct stat st;
	int fd, code = 0;

	for (int tries = 0; tries < 2; tries++) {
		int rc;

		if (renameat(j->env_fd, "pyvenv.cfg", j->env_fd, CV_CLEARING) == 0)
			return 0;
		code = errno;
		if (code != EISDIR && code != ENOTDIR && code != ENOTEMPTY)
			break;
		/* One of the two is a directory; its content is to be deleted anyway. */
		rc = cv_remove_tree(j->env_fd, CV_CLEARING, err);
		if (rc < 0)
			return rc;
	}
	if (code != ENOENT)
		return cv_fail(err, code, "cannot rename 'pyvenv.cfg'");
	fd = openat(j->env_fd, CV_CLEARING,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	if (fd >= 0)
		(void)close(fd);
	/* Any existing entry of that name serves as the marker. */
	return fd < 0 && fstatat(j->env_fd, CV_CLEARING, &st, AT_SYMLINK_NOFOLLOW) < 0
		       ? cv_fail(err, errno, "cannot create '" CV_CLEARING "'")
		       : 0;
}

static int empty_and_fill(struct job *j, struct cvenv_error *err)
{
	const char *const keep[] = { CV_CLEARING, j->name, NULL };
	int rc = begin_clearing(j, err);

	if (rc < 0)
		return rc;
	rc = cv_remove_entries(j->env_fd, keep, err);
	if (rc == 0)
		rc = cv_stage_merge(j->stage.fd, j->env_fd, j->plan, err);
	if (rc == 0)
		rc = cv_remove_tree(j->env_fd, CV_CLEARING, err);
	return in_part(err, rc);
}

/*
 * A file system that cannot exchange, or not this: on overlayfs a directory that lies in a lower
 * layer (of a container's cached wheel, that is) can be renamed on the same terms as one on another
 * disk.
 */
static int clear_by_hand(struct job *j, int old_fd, struct cvenv_error *err)
{
	int rc;

	j->env_fd = cv_open_dir(old_fd, ".");
	if (j->env_fd < 0)
		return cv_fail(err, -j->env_fd, "cannot open '%s'", j->target->env_dir);
	rc = empty_and_fill(j, err);
	cv_own_fd(&j->env_fd);
	j->env_fd = -1;
	return rc;
}

static int replaced(struct job *j, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EREFUSED, "cannot clear '%s': another process replaced it",
		j->target->env_dir);
}

static int exchange(struct job *j, struct cvenv_error *err)
{
	const char *base = cv_path_base(j->target->place);
	OWN_FD int fd = openat(j->home_fd, base, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat old, out;
	int rc;

	if (fd < 0 || fstat(fd, &old) < 0)
		return cv_fail(err, errno, "cannot clear '%s'", j->target->env_dir);
	if (j->target->held >= 0 && fstat(j->target->held, &out) == 0 && !cv_same_file(&out, &old))
		return replaced(j, err);
	rc = cv_guard(j->ctx, j->target, fd, err);
	if (rc == 0)
		rc = open_mode(j, &old, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return clear_by_hand(j, fd, err);
	if (renameat2(j->home_fd, j->name, j->home_fd, base, RENAME_EXCHANGE) < 0)
		return cv_err_unsupported(errno) || errno == EBUSY /* a mount point */
			       ? clear_by_hand(j, fd, err)
			       : cv_fail(err, errno, "cannot replace '%s'", j->target->env_dir);
	if (fstatat(j->home_fd, j->name, &out, AT_SYMLINK_NOFOLLOW) == 0 &&
		!cv_same_file(&out, &old)) {
		/* Another process was faster, and what it made is not for us to remove. */
		(void)renameat2(j->home_fd, j->name, j->home_fd, base, RENAME_EXCHANGE);
		return replaced(j, err);
	}
	rc = is_ours(j, base, err);
	j->named = old; /* end() removes the old one, which has the stage's name now */
	return rc;
}

static int hand_over(struct job *j, struct cvenv_error *err)
{
	int rc;

	if (!j->target->exists)
		return appear(j, err);
	if (j->target->clear)
		return j->target->in_place ? empty_and_fill(j, err) : exchange(j, err);
	rc = cv_stage_check(j->stage.fd, j->env_fd, err);
	if (rc < 0)
		return cv_wrap(err, rc, "nothing was changed");
	rc = cv_stage_merge(j->stage.fd, j->env_fd, j->plan, err);
	if (rc == 0) /* the marker of an interrupted --clear */
		(void)unlinkat(j->env_fd, CV_CLEARING, 0);
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
		.home_fd = -1,
		.env_fd = -1,
		.stage = { .ctx = ctx,
			.fd = -1,
			.target_fd = -1,
			.mode = mode,
			.reflink = mode != CVENV_LINK_COPY } };
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
