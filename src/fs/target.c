/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/guard.h"
#include "fs/publish.h"

/* The target of publish.h, without its lock. */

static bool has_acl(const char *path)
{
	return lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0 ||
	       lgetxattr(path, "system.posix_acl_default", NULL, 0) > 0;
}

/*
 * An exchange would remove the caller's current directory, or lose properties of the directory
 * itself: its owner, group, ACL, or a mount.
 */
static bool must_clear_in_place(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *place, const struct stat *st)
{
	const char *parent = cv_path_dir(a, place);
	OWN_FD int fd = cv_open_dir(AT_FDCWD, place);
	OWN_FD int up_fd = parent ? open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct stat up;

	if (fd < 0 || up_fd < 0 || fstat(up_fd, &up) < 0 || !cv_same_mount(fd, up_fd))
		return true;
	return st->st_uid != geteuid() ||
	       st->st_gid != (up.st_mode & S_ISGID ? up.st_gid : getegid()) || has_acl(place) ||
	       cv_may(AT_FDCWD, parent, W_OK) < 0 || (ctx->cwd && cv_dir_at_or_above(ctx->cwd, st));
}

/* The directory that a link leads to, by a name without links. */
static int follow_link(
	struct cv_arena *a, struct cv_target *t, struct stat *ret_st, struct cvenv_error *err)
{
	OWN_MEM char *place = realpath(t->env_dir, NULL);

	if (!place && (errno == ENOENT || errno == ELOOP)) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"cannot create an environment in '%s': it is a broken symbolic link",
			t->env_dir);
		return cv_hint(err, -CVENV_EREFUSED, "create its target, or remove the link");
	}
	if (!place || lstat(place, ret_st) < 0)
		return cv_fail(err, errno, "cannot create an environment in '%s'", t->env_dir);
	t->place = cv_strdup(a, cv_str(place));
	return t->place ? 0 : cv_fail_nomem(err);
}

int cv_target_find(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	enum cv_clear clear, struct cv_target *ret, struct cvenv_error *err)
{
	struct stat st;
	int rc;

	*ret = (struct cv_target){ .env_dir = env_dir, .place = env_dir, .held = -1 };
	if (lstat(env_dir, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		return cv_fail(err, errno, "cannot create an environment in '%s'", env_dir);
	}
	ret->force = clear == CV_CLEAR_ANYTHING;
	if (S_ISLNK(st.st_mode)) {
		ret->force = false; /* the user may not know where it leads */
		rc = follow_link(a, ret, &st, err);
		if (rc < 0)
			return rc;
	}
	if (!S_ISDIR(st.st_mode)) {
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
	struct stat st;

	return t->exists && stat(t->place, &st) == 0 && cv_path_leads_through(path, &st);
}

int cv_target_check(const struct cv_ctx *ctx, const struct cv_target *t, struct cvenv_error *err)
{
	OWN_FD int fd = -1;

	if (!t->exists)
		return 0;
	if (t->held >= 0)
		return cv_guard(ctx, t, t->held, err);
	fd = open(t->place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return cv_fail(err, errno, "cannot open '%s'", t->env_dir);
	return cv_guard(ctx, t, fd, err);
}
