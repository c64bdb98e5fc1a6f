/* SPDX-License-Identifier: MIT */
#include "finished/clone_places.h"

#include <errno.h>

#include "base/path.h"
#include "create/env_dir.h"
#include "create/redirect.h"
#include "finished/finished.h"
#include "fs/remove.h"

static int empty_name(const char *what, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_EUSAGE, "%s: an empty name", what);
}

/* A user who names a link or a redirect file may not know where it leads. */
static int refuse_other_name(
	const char *name, const char *what, const char *place, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to move '%s': it is a %s", name, what);
	return cv_hint(err, -CVENV_EREFUSED, "name the directory '%s'", place);
}

/*
 * The directory *PATH, or what it names if it is a redirect file. Links are followed, but not to be
 * moved.
 */
static int find_place(struct cv_session *s, bool move, const char **path, struct cvenv_error *err)
{
	struct cv_arena *a = &s->once;
	const char *file = *path;
	struct cv_os_stat st;
	char *real;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, *path, CV_OS_NOFOLLOW, &st);

	if (rc == 0 && st.type == CV_OS_FILE) {
		rc = cv_redirect_read(a, file, path, &st, err);
		if (rc == -ENOTDIR)
			return cv_finished_no_dir(file, err);
		if (rc < 0)
			return rc;
		/* As in env_dir.c: a line of text is not meant as a redirect by itself. */
		rc = cv_os_stat(CV_OS_ABSOLUTE, *path, CV_OS_FOLLOW, &st);
		if (rc == -ENOENT)
			return cv_finished_no_dir(file, err);
		if (rc == 0 && move)
			return refuse_other_name(file, "redirect file", *path, err);
	}
	if (rc == 0 && st.type == CV_OS_LINK) {
		rc = cv_os_realpath(a, *path, &real);
		if (rc == 0 && move)
			return refuse_other_name(*path, "symbolic link", real, err);
		if (rc == 0)
			rc = cv_os_stat(CV_OS_ABSOLUTE, real, CV_OS_FOLLOW, &st);
	}
	if (rc < 0 && rc != -ENOENT && rc != -ENOTDIR)
		return cv_fail(err, -rc, "cannot open '%s'", *path);
	return rc == 0 && st.type == CV_OS_DIR ? 0 : cv_finished_no_dir(*path, err);
}

static int find_source(struct cv_session *s, const char *name, bool move, struct cv_target *ret,
	struct cvenv_error *err)
{
	const char *path =
		cv_path_has_abs(s->ctx, name) ? cv_path_abs(&s->once, s->ctx, name) : NULL;
	int rc;

	if (!name[0])
		return empty_name("SRC", err);
	if (!path)
		return cv_fail(err, ENOENT, "cannot find '%s'", name);
	rc = find_place(s, move, &path, err);
	return rc < 0 ? rc
		      : cv_target_find(s->ctx, &s->once, path,
				move ? CV_CLEAR_AWAY : CV_CLEAR_NOTHING, ret, err);
}

static int refuse_mounts(const struct cv_target *t, struct cvenv_error *err)
{
	char mounted[CV_PATH_MAX];
	int rc = cv_os_mount_below(t->dir, mounted, sizeof(mounted));

	if (rc < 0 && cv_err_passes(-rc))
		return cv_fail(err, -rc, "cannot read the list of mount points");
	if (rc <= 0)
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to clone '%s': '%s' is a mount point",
		t->env_dir, mounted);
	return cv_hint(err, -CVENV_EREFUSED, "unmount it first");
}

int cv_clone_source(struct cv_session *s, const char *name, bool move, struct cv_target *ret,
	struct cvenv_error *err)
{
	int rc = find_source(s, name, move, ret, err);
	struct cv_os_stat st;

	if (rc < 0)
		return rc;
	if (!ret->exists)
		return cv_fail_missing(err, CVENV_ENOTENV, ret->env_dir);
	if (ret->anchor)
		return cv_fail(err, EACCES, "cannot read '%s'", ret->env_dir);
	rc = cv_os_stat(ret->dir, "pyvenv.cfg", CV_OS_NOFOLLOW, &st);
	if (rc < 0 && !cv_err_missing(-rc))
		return cv_fail(err, -rc, "cannot stat '%s' in '%s'", "pyvenv.cfg", ret->env_dir);
	if (rc < 0 || st.type != CV_OS_FILE)
		return cv_finished_none(ret->env_dir, "it has no pyvenv.cfg", err);
	if (!move)
		return refuse_mounts(ret, err);
	rc = cv_remove_check(s->ctx, ret, err);
	if (rc < 0 && err && !*err->hint)
		return cv_hint(err, rc, "--move removes SRC; --clone keeps it");
	return rc;
}

static int check_empty(const struct cv_target *t, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = t->anchor ? -EACCES : cv_os_list_open(t->dir, ".", CV_OS_NOFOLLOW, &list);

	if (rc == 0)
		rc = cv_os_list_next(&list);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", t->env_dir);
	if (rc == 0)
		return 0;
	cv_fail_msg(err, EEXIST, "'%s' exists and is not empty", t->env_dir);
	return cv_hint(err, -EEXIST, "name a directory that does not exist");
}

int cv_clone_dest(struct cv_session *s, const char *name, const struct cv_target *src,
	struct cv_target *ret, struct cvenv_error *err)
{
	const char *path;
	int rc = name[0] ? cv_env_dir_find(s->ctx, &s->once, s->request, name, CV_CLEAR_ENVIRONMENT,
				   &path, ret, err)
			 : empty_name("DEST", err);

	if (rc < 0)
		return rc;
	if (ret->redirect)
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to write to '%s': it is a redirect file", ret->redirect);
	rc = ret->exists ? check_empty(ret, err) : 0;
	if (rc < 0)
		return rc;
	if (cv_target_is_below(src, ret->place))
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to create '%s': it is inside '%s'", ret->env_dir, src->env_dir);
	return ret->exists ? cv_target_check(s->ctx, ret, err) : 0;
}
