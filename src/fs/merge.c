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
	int copy = fcntl(from_fd, F_DUPFD_CLOEXEC, 0);
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
	rewinddir(dir); /* the copy shares its place with an earlier walk's */
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
	return rc;
}

/* Remove the file PATH; then the directories it leaves empty, but not KEEP nor those above it. */
static void remove_path(int dir_fd, const char *path, const char *keep)
{
	OWN_FD int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	struct cv_str rest = cv_str(path), part;
	char name[256];
	const char *slash = strrchr(path, '/');

	/* Down to its directory, by hand: no component may be a link that leads outside. */
	while (fd >= 0 && cv_str_cut(&rest, '/', &part) && rest.p) {
		int next;

		if (part.n >= sizeof(name))
			return;
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		next = cv_open_dir(fd, name);
		(void)close(fd);
		fd = next;
	}
	if (fd < 0)
		return;
	(void)unlinkat(fd, slash ? slash + 1 : path, 0);
	if (slash && keep && (size_t)(slash - path) > strlen(keep)) {
		char dir[PATH_MAX];

		if ((size_t)(slash - path) >= sizeof(dir))
			return;
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
		/* Every component was seen to be a directory just above. */
		while (strlen(dir) > strlen(keep) && unlinkat(dir_fd, dir, AT_REMOVEDIR) == 0) {
			char *up = strrchr(dir, '/');

			if (!up)
				return;
			*up = '\0';
		}
	}
}

int cv_stage_check(int stage_fd, int dir_fd, struct cv_err *err)
{
	return walk_dir(stage_fd, dir_fd, (struct walk){ .check = true, .top = true, .err = err });
}

int cv_stage_merge(int stage_fd, int dir_fd, const struct cv_plan *plan, struct cv_err *err)
{
	int rc = walk_dir(stage_fd, dir_fd, (struct walk){ .top = true, .err = err });

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].kind == CV_ENTRY_REMOVE)
			remove_path(dir_fd, plan->entries[i].path, plan->entries[i].source);
	if (renameat(stage_fd, CONFIG, dir_fd, CONFIG) < 0 && errno != ENOENT)
		return cv_fail(err, errno, "cannot replace '" CONFIG "'");
	return 0;
}
