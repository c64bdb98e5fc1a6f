/* SPDX-License-Identifier: MIT */
#include "fs/target.h"

#include <errno.h>
#include <stdint.h>

#include "base/path.h"
#include "base/str.h"
#include "fs/dir.h"
#include "fs/guard.h"
#include "fs/sweep.h"
#include "os/process.h"

enum { TICK_MS = 5, TIMEOUT_MAX_S = 1000000 };

/*
 * An exchange would delete the caller's current directory, or lose properties of the directory
 * itself: its owner, group, ACL, or a mount.
 */
static bool must_clear_in_place(
	const struct cv_ctx *ctx, const struct cv_target *t, const struct cv_os_stat *st)
{
	OWN_OS_DIR struct cv_os_dir up = CV_OS_NO_DIR;

	if (t->anchor || cv_os_open_dir(CV_OS_ABSOLUTE, t->parent, CV_OS_ANCHOR, &up) < 0)
		return true;
	return cv_os_renames(t->dir, up) == 0 || !cv_os_made_alike(up, t->dir) ||
	       cv_os_access(CV_OS_ABSOLUTE, t->parent, CV_OS_MAY_WRITE) < 0 ||
	       (ctx->cwd && cv_dir_at_or_above(ctx->cwd, st));
}

/* Fill *err: what was asked for is impossible, because of CODE. */
static int cannot(const struct cv_target *t, int code, struct cvenv_error *err)
{
	return t->asked == CV_CLEAR_AWAY
		       ? cv_fail(err, code, "cannot remove '%s'", t->env_dir)
		       : cv_fail(err, code, "cannot create an environment in '%s'", t->env_dir);
}

static int cannot_msg(
	const struct cv_target *t, int code, const char *reason, struct cvenv_error *err)
{
	return cv_fail_msg(err, code, "cannot %s '%s': %s",
		t->asked == CV_CLEAR_AWAY ? "remove" : "create an environment in", t->env_dir,
		reason);
}

/* Resolve the link ENV_DIR to a directory path without links. */
static int follow_link(
	struct cv_arena *a, struct cv_target *t, struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	char *place;
	int rc = cv_os_realpath(a, t->env_dir, &place);

	if (rc == -ENOENT || rc == -ELOOP) {
		cannot_msg(t, CVENV_EREFUSED, "it is a broken symbolic link", err);
		return cv_hint(err, -CVENV_EREFUSED, "create its target, or remove the link");
	}
	if (rc == 0)
		rc = cv_os_stat(CV_OS_ABSOLUTE, place, CV_OS_NOFOLLOW, ret_st);
	if (rc < 0)
		return cannot(t, -rc, err);
	t->place = place;
	if (t->asked != CV_CLEAR_AWAY)
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to remove '%s': it is a link to '%s'",
		t->env_dir, place);
	return cv_hint(err, -CVENV_EREFUSED, "name that directory, or remove the link yourself");
}

/* Open `place`, and check the directory that was opened. */
static int open_place(const struct cv_ctx *ctx, struct cv_target *t, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, t->place, CV_OS_NOFOLLOW, &t->dir);

	t->anchor = rc == -EACCES;
	if (t->anchor) /* an exchange does not need to read it */
		rc = cv_os_open_dir(
			CV_OS_ABSOLUTE, t->place, CV_OS_ANCHOR | CV_OS_NOFOLLOW, &t->dir);
	if (rc == 0)
		rc = cv_os_stat_dir(t->dir, &st);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", t->env_dir);
	t->exists = true;
	t->clear = t->asked != CV_CLEAR_NOTHING;
	if (!t->clear)
		return 0;
	t->in_place = must_clear_in_place(ctx, t, &st);
	return cv_guard_places(ctx, t, &st, err);
}

/*
 * Without exchange, a killed --clear can leave nothing in this place, but the old environment
 * beside it. Put it back, so that all that follows sees it. (With exchange, that is so rare that
 * cv_publish() does it.)
 */
static bool put_back(struct cv_arena *a, const char *env_dir)
{
	const char *parent = cv_path_dir(a, env_dir);
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

	return !cv_os_exchanges() && parent &&
	       cv_os_open_dir(CV_OS_ABSOLUTE, parent, CV_OS_FOLLOW, &dir) == 0 &&
	       cv_stage_put_back(dir);
}

/* Is the drive or the share of ENV_DIR there? */
static int check_root(struct cv_arena *a, const struct cv_target *t, struct cvenv_error *err)
{
	const char *root = cv_strdup(a, (struct cv_str){ t->env_dir, cv_path_root(t->env_dir) });
	struct cv_os_stat st;
	int rc = root ? cv_os_stat(CV_OS_ABSOLUTE, root, CV_OS_FOLLOW, &st) : -ENOMEM;

	if (rc == 0 || rc == -EACCES)
		return 0;
	cv_fail(err, -rc, "cannot create an environment in '%s': cannot open '%s'", t->env_dir,
		root ? root : "");
	return cv_hint(err, rc, "connect the drive or the network share first");
}

/*
 * On Windows, the user may have typed another case, or a short name ("PROGRA~1"). The directory
 * that replaces this one gets its name.
 */
static void find_own_name(struct cv_arena *a, struct cv_target *t)
{
	char *real;

	if (CV_WINDOWS && t->clear && cv_os_realpath(a, t->place, &real) == 0)
		t->name = cv_path_base(real);
}

static int find(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_target *t, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, t->env_dir, CV_OS_NOFOLLOW, &st), root_rc;
	bool none;

	if (rc == -ENOENT && put_back(a, t->env_dir))
		rc = cv_os_stat(CV_OS_ABSOLUTE, t->env_dir, CV_OS_NOFOLLOW, &st);
	none = rc == -ENOENT;
	root_rc = rc < 0 && CV_WINDOWS ? check_root(a, t, err) : 0;
	if (root_rc < 0)
		return root_rc;
	if (rc < 0 && !none)
		return cannot(t, -rc, err);
	t->force = t->asked == CV_CLEAR_ANYTHING;
	if (!none && st.type == CV_OS_LINK) {
		t->force = false; /* the user may not know its target */
		rc = follow_link(a, t, &st, err);
		if (rc < 0)
			return rc;
	}
	if (!none && st.type != CV_OS_DIR) {
		cannot_msg(t, ENOTDIR, "a file has that name", err);
		return cv_hint(err, -ENOTDIR, "remove it or choose another name");
	}
	t->parent = cv_path_dir(a, t->place);
	t->name = cv_path_base(t->place);
	if (!t->parent)
		return cv_fail_nomem(err);
	rc = none ? 0 : open_place(ctx, t, err);
	if (rc == 0)
		find_own_name(a, t);
	return rc;
}

int cv_target_find(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	enum cv_clear clear, struct cv_target *ret, struct cvenv_error *err)
{
	struct cv_target t = { .env_dir = env_dir, .place = env_dir, .asked = clear };
	int rc = find(ctx, a, &t, err);

	if (rc < 0)
		cv_target_close(&t);
	*ret = t;
	return rc;
}

int cv_lock_timeout(const struct cv_ctx *ctx, int64_t *ret_ms, struct cvenv_error *err)
{
	const char *asked = cv_getenv_nonempty(ctx, "CVENV_LOCK_TIMEOUT");
	uint64_t seconds = CV_LOCK_TIMEOUT_S;

	if (asked && !cv_str_u64(cv_str(asked), TIMEOUT_MAX_S, &seconds)) {
		cv_fail_msg(err, CVENV_EUSAGE,
			"CVENV_LOCK_TIMEOUT: invalid number of seconds: '%s'", asked);
		return cv_hint(err, -CVENV_EUSAGE, "use a whole number up to %d", TIMEOUT_MAX_S);
	}
	*ret_ms = (int64_t)seconds * 1000;
	return 0;
}

/* 1: locked; 0: locks are not supported here; negative: error, timeout or signal. */
static int wait_for_lock(const struct cv_ctx *ctx, const char *env_dir, struct cv_os_dir dir,
	struct cvenv_error *err)
{
	int64_t left = 0;
	int rc = cv_lock_timeout(ctx, &left, err);

	if (rc < 0)
		return rc;
	for (;; left -= TICK_MS) {
		rc = cv_os_lock_dir(dir);
		if (rc == 0)
			return 1;
		if (rc != -EWOULDBLOCK && rc != -EINTR)
			return 0;
		if (cv_stopped_waiting(ctx, env_dir))
			return cv_fail(err, EINTR, "waiting for '%s'", env_dir);
		if (left <= 0) {
			cv_fail_msg(err, EBUSY, "another process has locked '%s'", env_dir);
			return cv_hint(err, -EBUSY,
				"wait for it, or set CVENV_LOCK_TIMEOUT to more seconds");
		}
		cv_os_sleep_ms(TICK_MS);
	}
}

/* Is DIR still the directory at PATH? */
static bool is_still(const char *path, struct cv_os_dir dir)
{
	struct cv_os_stat here, there;

	return cv_os_stat_dir(dir, &here) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &there) == 0 &&
	       cv_os_same(&here, &there);
}

int cv_target_lock(const struct cv_ctx *ctx, struct cv_target *t, struct cvenv_error *err)
{
	while (t->exists && !t->anchor) {
		int rc = wait_for_lock(ctx, t->env_dir, t->dir, err);

		if (rc <= 0 || is_still(t->place, t->dir))
			return rc < 0 ? rc : 0;
		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", t->env_dir);
		cv_target_close(t);
		rc = open_place(ctx, t, err); /* follows no link: that would be another place */
		if (rc < 0)
			return rc;
	}
	return 0;
}

void cv_target_close(struct cv_target *t)
{
	cv_os_close_dir(&t->dir);
}

bool cv_target_is_below(const struct cv_target *t, const char *path)
{
	struct cv_os_stat st;

	return t->exists && cv_os_stat_dir(t->dir, &st) == 0 && cv_path_leads_through(path, &st);
}

bool cv_target_is_active(const struct cv_ctx *ctx, const struct cv_target *t)
{
	const char *active = cv_getenv_nonempty(ctx, "VIRTUAL_ENV");
	struct cv_os_stat here, there;

	return active && cv_path_is_abs(active) && cv_os_stat_dir(t->dir, &here) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, active, CV_OS_FOLLOW, &there) == 0 &&
	       cv_os_same(&here, &there);
}

int cv_target_check(const struct cv_ctx *ctx, const struct cv_target *t, struct cvenv_error *err)
{
	return t->exists ? cv_guard(ctx, t, t->dir, err) : 0;
}
