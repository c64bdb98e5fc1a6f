/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/stage.h"

/* The second half of stage.h: from a stage into a directory that stands. */

#define CONFIG "pyvenv.cfg"

/* What is done with each entry of a stage. */
struct walk {
	bool check; /* only look whether it could be moved */
	bool top;   /* in the stage's own directory, where pyvenv.cfg waits */
	int depth;
	struct cv_err *err;
};

static int walk_dir(int from_fd, int to_fd, struct walk w);

static int open_both(int from_fd, int to_fd, const char *name, struct walk w)
{
	OWN_FD int from = cv_open_dir(from_fd, name);
	OWN_FD int to = -1;

	if (from < 0)
		return cv_fail(w.err, -from, "cannot open '%s'", name);
	if (!w.check && mkdirat(to_fd, name, 0777) < 0 && errno != EEXIST)
		return cv_fail(w.err, errno, "cannot create directory '%s'", name);
	to = cv_open_dir(to_fd, name);
	if (w.check && to == -ENOENT)
		return 0;
	if (to == -ELOOP || to == -ENOTDIR)
		return cv_fail_msg(w.err, ENOTDIR,
			"cannot use directory '%s': a file or symbolic link has that name", name);
	if (to < 0)
		return cv_fail(w.err, -to, "cannot open '%s'", name);
	if (w.check && !cv_same_mount(to_fd, to))
		return cv_fail(w.err, EXDEV, "cannot write to directory '%s'", name);
	if (w.check && faccessat(to, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return cv_fail(w.err, errno, "cannot write to directory '%s'", name);
	w.top = false;
	w.depth++;
	return walk_dir(from, to, w);
}

static int move_file(int from_fd, int to_fd, const char *name, struct walk w)
{
	struct stat st;

	if (w.check) {
		if (fstatat(to_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			return cv_fail(w.err, EISDIR, "cannot replace '%s'", name);
		return 0;
	}
	if (renameat(from_fd, name, to_fd, name) < 0)
		return cv_fail(w.err, errno, "cannot replace '%s'", name);
	return 0;
}

static int walk_dir(int from_fd, int to_fd, struct walk w)
{
	/* Not a duplicate: that would share its place with an earlier walk's. */
	int copy = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e;
	int rc = 0;

	if (!dir) {
		rc = cv_fail(w.err, errno, "cannot read a directory");
		if (copy >= 0)
			(void)close(copy);
		return rc;
	}
	if (w.depth > CV_DEPTH_MAX)
		return cv_fail_msg(w.err, CV_ELIMIT, "directories are nested too deeply");
	while (rc == 0 && (errno = 0, e = readdir(dir))) {
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			(w.top && !w.check && strcmp(e->d_name, CONFIG) == 0))
			continue;
		if (fstatat(from_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			rc = cv_fail(w.err, errno, "cannot look at '%s'", e->d_name);
		else if (S_ISDIR(st.st_mode))
			rc = open_both(from_fd, to_fd, e->d_name, w);
		else
			rc = move_file(from_fd, to_fd, e->d_name, w);
	}
	return rc == 0 && errno ? cv_fail(w.err, errno, "cannot read a directory") : rc;
}

/* The file is gone when its directory is, or is none: then it is not ours. */
static bool nothing_there(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

/*
 * Remove the file PATH below DIR_FD, then the directories of PATH that it leaves empty, as far as
 * they are more than KEEP bytes deep. Component by component: none may be a link that leads
 * outside.
 */
static int remove_path(int dir_fd, const char *path, size_t keep, int depth, struct cv_err *err)
{
	const char *slash = strchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char name[NAME_MAX + 1];
	OWN_FD int fd = -1;
	int rc;

	if (!slash) {
		if (unlinkat(dir_fd, path, 0) == 0 || nothing_there(errno) || errno == EISDIR)
			return 0;
		return cv_fail(err, errno, "cannot remove '%s'", path);
	}
	if (len >= sizeof(name) || depth > CV_DEPTH_MAX)
		return 0; /* nobody can have made that */
	memcpy(name, path, len);
	name[len] = '\0';
	fd = cv_open_dir(dir_fd, name);
	if (fd < 0)
		return nothing_there(-fd) ? 0 : cv_fail(err, -fd, "cannot open '%s'", name);
	rc = remove_path(fd, slash + 1, keep > len + 1 ? keep - len - 1 : 0, depth + 1, err);
	if (rc < 0 || keep >= len)
		return rc;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || nothing_there(errno) ||
		errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY)
		return 0;
	return cv_fail(err, errno, "cannot remove directory '%s'", name);
}

int cv_stage_check(int stage_fd, int dir_fd, struct cv_err *err)
{
	return walk_dir(stage_fd, dir_fd, (struct walk){ .check = true, .top = true, .err = err });
}

int cv_stage_merge(int stage_fd, int dir_fd, const struct cv_plan *plan, struct cv_err *err)
{
	int rc = walk_dir(stage_fd, dir_fd, (struct walk){ .top = true, .err = err });

	for (size_t i = 0; i < plan->count && rc == 0; i++) {
		const struct cv_entry *e = &plan->entries[i];

		if (e->kind == CV_ENTRY_REMOVE)
			rc = remove_path(
				dir_fd, e->path, e->source ? strlen(e->source) : PATH_MAX, 0, err);
	}
	if (rc < 0)
		return rc;
	if (renameat(stage_fd, CONFIG, dir_fd, CONFIG) < 0 && errno != ENOENT)
		return cv_fail(err, errno, "cannot replace '" CONFIG "'");
	return 0;
}
