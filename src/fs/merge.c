/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/stage.h"

/* The second half of stage.h: from a stage into a directory that stands. */

#define CONFIG "pyvenv.cfg"

/* The way from ENV_DIR to where a walk is, for messages. */
struct way {
	const struct way *up; /* NULL: directly below ENV_DIR */
	const char *name;
};

/* What is done with each entry of a stage. */
struct walk {
	const struct way *way; /* NULL: at ENV_DIR itself */
	bool check;            /* only look whether it could be moved */
	bool top;              /* in the stage's own directory, where pyvenv.cfg waits */
	int depth;
	struct cvenv_error *err;
};

static int walk_dir(int from_fd, int to_fd, struct walk w);

static void add_way(const struct way *way, struct cv_buf *b)
{
	if (!way)
		return;
	add_way(way->up, b);
	cv_buf_addf(b, "%s/", way->name);
}

/* "WHAT 'path/of/NAME': reason", or with a REASON of our own. */
static int fail(
	const struct walk *w, int code, const char *what, const char *name, const char *reason)
{
	OWN_BUF struct cv_buf way = { 0 };
	const char *before;

	add_way(w->way, &way);
	before = way.n && !way.bad ? way.p : "";
	if (reason)
		return cv_fail_msg(w->err, code, "%s '%s%s': %s", what, before, name, reason);
	return cv_fail(w->err, code, "%s '%s%s'", what, before, name);
}

static int open_both(int from_fd, int to_fd, const char *name, struct walk w)
{
	OWN_FD int from = cv_open_dir(from_fd, name);
	OWN_FD int to = -1;
	int rc;

	if (from < 0)
		return fail(&w, -from, "cannot open", name, NULL);
	if (!w.check && mkdirat(to_fd, name, 0777) < 0 && errno != EEXIST)
		return fail(&w, errno, "cannot create directory", name, NULL);
	to = cv_open_dir(to_fd, name);
	if (w.check && to == -ENOENT)
		return 0;
	if (to == -ELOOP || to == -ENOTDIR)
		return fail(&w, ENOTDIR, "cannot use directory", name,
			"a file or symbolic link has that name");
	if (to < 0)
		return fail(&w, -to, "cannot open", name, NULL);
	if (w.check && !cv_same_mount(to_fd, to))
		return fail(&w, EXDEV, "cannot write to directory", name, NULL);
	rc = w.check ? cv_may(to, ".", W_OK | X_OK) : 0;
	if (rc < 0)
		return fail(&w, -rc, "cannot write to directory", name, NULL);
	w.way = &(struct way){ w.way, name };
	w.top = false;
	w.depth++;
	return walk_dir(from, to, w);
}

static int move_file(int from_fd, int to_fd, const char *name, struct walk w)
{
	struct stat st;

	if (w.check) {
		if (fstatat(to_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			return fail(&w, EISDIR, "cannot replace", name, NULL);
		return 0;
	}
	if (renameat(from_fd, name, to_fd, name) < 0)
		return fail(&w, errno, "cannot replace", name, NULL);
	return 0;
}

static int walk_dir(int from_fd, int to_fd, struct walk w)
{
	/* Not a duplicate: that would share its place with an earlier walk's. */
	OWN_DIR DIR *dir = cv_list_dir(from_fd, ".");
	struct dirent *e;
	int rc = 0;

	if (!dir)
		return fail(&w, errno, "cannot read directory", ".", NULL);
	if (w.depth > CV_DEPTH_MAX)
		return fail(&w, CVENV_ELIMIT, "cannot go into", ".", "nested too deeply");
	while (rc == 0 && (errno = 0, e = readdir(dir))) {
		struct stat st;

		if (cv_is_dots(e->d_name) || (w.top && !w.check && strcmp(e->d_name, CONFIG) == 0))
			continue;
		if (fstatat(from_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			rc = fail(&w, errno, "cannot look at", e->d_name, NULL);
		else if (S_ISDIR(st.st_mode))
			rc = open_both(from_fd, to_fd, e->d_name, w);
		else
			rc = move_file(from_fd, to_fd, e->d_name, w);
	}
	return rc == 0 && errno ? fail(&w, errno, "cannot read directory", ".", NULL) : rc;
}

/*
 * Remove the file PATH, the end of WHOLE, below DIR_FD, then the directories of PATH that it leaves
 * empty, as far as they are more than KEEP bytes deep. Component by component: none may be a link
 * that leads outside. Removes nothing if a directory of PATH is missing or is another kind of file.
 */
static int remove_path(int dir_fd, const char *whole, const char *path, size_t keep, int depth,
	struct cvenv_error *err)
{
	const char *slash = strchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char name[NAME_MAX + 1];
	OWN_FD int fd = -1;
	int rc;

	if (!slash) {
		if (unlinkat(dir_fd, path, 0) == 0 || cv_err_missing(errno) || errno == EISDIR)
			return 0;
		return cv_fail(err, errno, "cannot remove '%s'", whole);
	}
	if (len >= sizeof(name) || depth > CV_DEPTH_MAX)
		return 0; /* nobody can have made that */
	memcpy(name, path, len);
	name[len] = '\0';
	fd = cv_open_dir(dir_fd, name);
	if (fd < 0 && cv_err_missing(-fd))
		return 0;
	if (fd < 0)
		return cv_fail(err, -fd, "cannot open '%.*s'", (int)(slash - whole), whole);
	rc = remove_path(fd, whole, slash + 1, keep > len + 1 ? keep - len - 1 : 0, depth + 1, err);
	if (rc < 0 || keep >= len)
		return rc;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || cv_err_missing(errno) ||
		errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY)
		return 0;
	return cv_fail(err, errno, "cannot remove directory '%.*s'", (int)(slash - whole), whole);
}

int cv_stage_check(int stage_fd, int dir_fd, struct cvenv_error *err)
{
	return walk_dir(stage_fd, dir_fd, (struct walk){ .check = true, .top = true, .err = err });
}

static bool configures(const struct cv_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].kind == CVENV_ENTRY_FILE &&
			strcmp(plan->entries[i].path, CONFIG) == 0)
			return true;
	return false;
}

int cv_stage_merge(int stage_fd, int dir_fd, const struct cv_plan *plan, struct cvenv_error *err)
{
	int rc = walk_dir(stage_fd, dir_fd, (struct walk){ .top = true, .err = err });

	for (size_t i = 0; i < plan->count && rc == 0; i++) {
		const struct cv_entry *e = &plan->entries[i];

		if (e->kind == CVENV_ENTRY_REMOVE)
			rc = remove_path(dir_fd, e->path, e->path,
				e->source ? strlen(e->source) : PATH_MAX, 0, err);
	}
	if (rc < 0)
		return rc;
	/* Its absence is right in a plan without it only: else the stage was taken from us. */
	if (renameat(stage_fd, CONFIG, dir_fd, CONFIG) < 0 && (errno != ENOENT || configures(plan)))
		return cv_fail(err, errno, "cannot replace '" CONFIG "'");
	return 0;
}
