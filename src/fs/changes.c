/* SPDX-License-Identifier: MIT */
#include "fs/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/stage.h"
#include "fs/tree.h"

enum { COPY_MAX = 1 << 30 };

static bool wants_exec(const struct cv_entry *e)
{
	return e->flags & CV_EXACT_MODE ? e->mode & S_IXUSR : e->flags & CV_ADD_EXEC;
}

static bool same_file(int dir_fd, const struct cv_entry *e, struct cv_str wanted)
{
	mode_t mode;

	return cv_file_is(dir_fd, e->path, wanted, &mode) && wants_exec(e) == !!(mode & S_IXUSR);
}

static bool same_copy(int dir_fd, const struct cv_entry *e)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str wanted;

	return cv_read_file(AT_FDCWD, e->source, 0, COPY_MAX, &a, &wanted, NULL) == 0 &&
	       same_file(dir_fd, e, wanted);
}

static bool same_link(int dir_fd, const struct cv_entry *e)
{
	size_t len = strlen(e->source);
	OWN_MEM char *target = malloc(len + 2); /* one byte more, to detect a longer target */

	return target && readlinkat(dir_fd, e->path, target, len + 1) == (ssize_t)len &&
	       memcmp(target, e->source, len) == 0;
}

/* Of the file itself, no link followed; 0: there is none. */
static mode_t mode_of(int dir_fd, const char *path)
{
	struct stat st;

	return fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

/* 1: the file F of the tree E stays as it is; 0: it would be written. */
static int keeps_file(const struct cv_stage *s, const struct cv_entry *e,
	const struct cv_tree_file *f, struct cv_arena *a, struct cvenv_error *err)
{
	const char *path = cv_path_join(a, e->path, f->path);
	struct stat st;
	int rc;

	if (!path)
		return cv_fail_nomem(err);
	rc = cv_stage_keeps(s, e, path, err);
	if (rc != 0)
		return rc;
	return fstatat(s->target_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       cv_tree_has(e->tree, f, st.st_uid, &st);
}

/* Reduce the tree to the files that would be written. 1: none. */
static int reduce_tree(
	const struct cv_stage *s, struct cv_entry *e, struct cv_arena *a, struct cvenv_error *err)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_tree *tree = cv_new(a, struct cv_tree, 1);
	struct cv_tree_file *files = cv_new(a, struct cv_tree_file, e->tree->count + 1);

	if (!tree || !files)
		return cv_fail_nomem(err);
	*tree = *e->tree;
	tree->files = files;
	tree->count = 0;
	for (size_t i = 0; i < e->tree->count; i++) {
		int rc = keeps_file(s, e, &e->tree->files[i], &scratch, err);

		if (rc < 0)
			return rc;
		if (rc == 0)
			files[tree->count++] = e->tree->files[i];
	}
	e->tree = tree;
	return tree->count == 0;
}

/* 1: E changes nothing; 0: it does. */
static int is_so(
	const struct cv_stage *s, struct cv_entry *e, struct cv_arena *a, struct cvenv_error *err)
{
	int rc = e->kind == CVENV_ENTRY_TREE ? 0 : cv_stage_keeps(s, e, e->path, err);

	if (rc != 0 || (e->flags & CV_KEEP_SAME)) /* that is all that publishing asks */
		return rc;
	switch (e->kind) {
	case CVENV_ENTRY_DIR:
		return S_ISDIR(mode_of(s->target_fd, e->path));
	case CVENV_ENTRY_LINK:
		return same_link(s->target_fd, e);
	case CVENV_ENTRY_FILE:
		return same_file(s->target_fd, e, e->data);
	case CVENV_ENTRY_COPY:
		return same_copy(s->target_fd, e);
	case CVENV_ENTRY_TREE:
		return reduce_tree(s, e, a, err);
	case CVENV_ENTRY_REMOVE:
		return !mode_of(s->target_fd, e->path);
	}
	return 0;
}

int cv_changes(struct cv_plan *plan, const char *env_dir, struct cvenv_error *err)
{
	OWN_FD int fd = cv_open_dir(AT_FDCWD, env_dir);
	const struct cv_stage target = { .fd = -1, .target_fd = fd };
	size_t n = 0;

	if (fd < 0)
		return cv_fail(err, -fd, "cannot open '%s'", env_dir);
	for (size_t i = 0; i < plan->count; i++) {
		struct cv_entry *e = &plan->entries[i];
		int rc = is_so(&target, e, plan->arena, err);

		if (rc < 0)
			return rc;
		if (rc == 0)
			plan->entries[n++] = *e;
	}
	plan->count = n;
	return 0;
}

/* PATH, or the nearest directory above it that exists; negative: none. */
static int open_nearest(struct cv_arena *a, const char *path)
{
	for (;;) {
		const char *up = cv_path_dir(a, path);
		int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0 || !up || strcmp(up, path) == 0)
			return fd;
		path = up;
	}
}

enum cvenv_link_mode cv_foresee_mode(const struct cv_plan *plan, const char *env_dir,
	const char *place, enum cvenv_link_mode mode)
{
	struct cv_arena a OWN_ARENA = { 0 };
	OWN_FD int from = open_nearest(&a, place);
	OWN_FD int to = open_nearest(&a, env_dir);
	bool links = from >= 0 && to >= 0 && cv_same_mount(from, to);
	bool clones = mode != CVENV_LINK_COPY && from >= 0 && to >= 0 &&
		      (mode != CVENV_LINK_AUTO || cv_clones_parts(from)) && cv_clones(from, to);
	struct cv_stage s = { .fd = -1, .target_fd = -1, .mode = mode };

	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		for (size_t k = 0; e->kind == CVENV_ENTRY_TREE && k < e->tree->count; k++) {
			bool shared = cv_tree_file_shared(&e->tree->files[k]);

			if (links && (mode == CVENV_LINK_HARDLINK ||
					     (mode == CVENV_LINK_AUTO && shared)))
				s.linked++;
			else if (clones)
				s.cloned++;
			else
				s.copied++;
		}
	}
	return cv_stage_used(&s);
}
