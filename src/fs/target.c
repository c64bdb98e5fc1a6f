/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/path.h"
#include "fs/dir.h"
#include "fs/guard.h"
#include "fs/publish.h"

/* The target of publish.h, without its lock. */

/*
 * An exchange would remove the caller's current directory, or lose properties of the directory
 * itself: its owner, group, ACL, or a mount.
 */
static bool must_clear_in_place(const struct cv_ctx *ctx, struct cv_arena *a, const char *place,
	const struct cv_os_stat *st)
{
	const char *parent = cv_path_dir(a, place);
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR, up = CV_OS_NO_DIR;

	if (!parent || cv_os_open_dir(CV_OS_ABSOLUTE, place, CV_OS_NOFOLLOW, &dir) < 0 ||
		cv_os_open_dir(CV_OS_ABSOLUTE, parent, CV_OS_ANCHOR, &up) < 0)
		return true;
	return cv_os_renames(dir, up) == 0 || !cv_os_made_alike(up, dir) ||
	       cv_os_access(CV_OS_ABSOLUTE, parent, CV_OS_MAY_WRITE) < 0 ||
	       (ctx->cwd && cv_dir_at_or_above(ctx->cwd, st));
}

/* The directory that a link leads to, by a name without links. */
static int follow_link(
	struct cv_arena *a, struct cv_target *t, struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	char *place;
	int rc = cv_os_realpath(a, t->env_dir, &place);

	if (rc == -ENOENT || rc == -ELOOP) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"cannot create an environment in '%s': it is a broken symbolic link",
			t->env_dir);
		return cv_hint(err, -CVENV_EREFUSED, "create its target, or remove the link");
	}
	if (rc == 0)
		rc = cv_os_stat(CV_OS_ABSOLUTE, place, CV_OS_NOFOLLOW, ret_st);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot create an environment in '%s'", t->env_dir);
	t->place = place;
	return 0;
}

int cv_target_find(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	enum cv_clear clear, struct cv_target *ret, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, env_dir, CV_OS_NOFOLLOW, &st);

	*ret = (struct cv_target){ .env_dir = env_dir, .place = env_dir };
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot create an environment in '%s'", env_dir);
	ret->force = clear == CV_CLEAR_ANYTHING;
	if (st.type == CV_OS_LINK) {
		ret->force = false; /* the user may not know where it leads */
		rc = follow_link(a, ret, &st, err);
		if (rc < 0)
			return rc;
	}
	if (st.type != CV_OS_DIR) {
		cv_fail_msg(err, ENOTDIR,
			"cannot create an environment in '%s': a file has that name", env_dir);
		return cv_hint(err, -ENOTDIR, "remove it or choose another name");
	}
	ret->exists = true;
	ret->clear = clear != CV_CLEAR_NOTHING;
	if (!ret->clear)
		return 0;
	ret->in_place = must_clear_in_place(ctx, a, ret->place, &st);
	return cv_guard_places(ctx, ret, &st, err);
}

bool cv_target_is_below(const struct cv_target *t, const char *path)
{
	struct cv_os_stat st;

	return t->exists && cv_os_stat(CV_OS_ABSOLUTE, t->place, CV_OS_FOLLOW, &st) == 0 &&
	       cv_path_leads_through(path, &st);
}

int cv_target_check(const struct cv_ctx *ctx, const struct cv_target *t, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc;

	if (!t->exists)
		return 0;
	if (cv_os_dir_ok(t->held))
		return cv_guard(ctx, t, t->held, err);
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, t->place, CV_OS_ANCHOR | CV_OS_NOFOLLOW, &dir);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", t->env_dir);
	return cv_guard(ctx, t, dir, err);
}
