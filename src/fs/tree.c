/* SPDX-License-Identifier: MIT */
#include "fs/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "fs/bytecode.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/pack.h"

enum { WORTH_A_DESCRIPTOR = 4 }; /* files in one directory */

struct tree {
	struct cv_stage *stage;
	const struct cv_entry *entry;
	int tree_fd, loose_fd, pack_fd; /* of the cached wheel; -1: not open */
	uid_t owner;
	int base_fd;         /* where the entry's path leads in the stage, or -1 */
	char path[PATH_MAX]; /* of the file that is next, from there */
	char dir[PATH_MAX];  /* of the last one, its directory */
	size_t dir_len;
	int dir_fd; /* it, or -1 */
};

/* A file on its way. */
struct item {
	const struct cv_tree_file *file;
	char number[CV_U64_ROOM];
	bool packed, shared;
	uint64_t at; /* in the pack */
};

/* Where the next file is made: a directory, and *RET_NAME in it. */
static int place(const struct tree *t, const char **ret_name)
{
	*ret_name = t->dir_fd < 0 ? t->path : t->path + t->dir_len + 1;
	return t->dir_fd < 0 ? t->base_fd : t->dir_fd;
}

static int corrupt(const char *path, struct cvenv_error *err)
{
	return cv_fail(err, CVENV_ECORRUPT, "'%s'", path);
}

static void count(struct cv_stage *s)
{
	*(s->reflink ? &s->cloned : &s->copied) += 1;
}

static int open_pack(struct tree *t, struct cvenv_error *err)
{
	int rc = cv_pack_open(t->entry->tree, t->owner, &t->pack_fd, err);

	if (rc == 0 && t->stage->mode == CVENV_LINK_AUTO && !cv_clones_parts(t->pack_fd))
		t->stage->reflink = false;
	return rc;
}

static int unpack(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_tree *tree = t->entry->tree;
	struct cv_new_file how =
		cv_tree_new_file(item->file, t->stage->mask, &t->stage->lost_mtime);
	const char *name;
	int dir_fd = place(t, &name);
	int rc = t->pack_fd >= 0 ? 0 : open_pack(t, err);

	if (rc == 0)
		rc = cv_copy_part(dir_fd, name, &how, t->pack_fd, item->at, item->file->size,
			&t->stage->reflink, err);
	if (rc == -ENODATA) /* somebody cuts it at this moment */
		return corrupt(tree->pack, err);
	if (rc == 0)
		count(t->stage);
	return rc;
}

/* 1 when it was linked, 0 when a copy must do. */
static int try_link(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	struct cv_stage *s = t->stage;
	const struct cv_tree_file *f = item->file;
	int from_fd = item->packed ? t->loose_fd : t->tree_fd;
	const char *name;
	int dir_fd = place(t, &name);
	struct stat st;

	if (from_fd < 0)
		return 0;
	if (fstatat(from_fd, item->number, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!cv_tree_has(t->entry->tree, f, t->owner, &st))
		return corrupt(f->path, err);
	/* A link brings its own mode: it must be the one that a new file would get. */
	if ((st.st_mode & 0777) != ((0666 & s->mask) | (f->exec ? 0111 : 0)) ||
		linkat(from_fd, item->number, dir_fd, name, 0) < 0)
		return 0; /* EXDEV, EPERM, EMLINK, ...: a copy says it if more is wrong */
	s->linked++;
	return 1;
}

static int copy(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_tree_file *f = item->file;
	struct cv_new_file how = cv_tree_new_file(f, t->stage->mask, &t->stage->lost_mtime);
	OWN_FD int from = openat(item->packed ? t->loose_fd : t->tree_fd, item->number,
		O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	const char *name;
	int dir_fd = place(t, &name);
	struct stat st;
	int rc;

	if (from < 0)
		return cv_pack_cannot_open(f->path, errno, err);
	if (fstat(from, &st) < 0 || !cv_tree_has(t->entry->tree, f, t->owner, &st))
		return corrupt(f->path, err);
	rc = cv_copy_new(dir_fd, name, &how, from, f->size, &t->stage->reflink, err);
	if (rc == 0)
		count(t->stage);
	return rc;
}

/* Some file systems accept a time but do not keep it: check this on the first file. */
static void check_mtime(struct tree *t, const struct item *item)
{
	const char *name;
	int dir_fd = place(t, &name);
	struct stat st;

	if (t->stage->checked_mtime)
		return;
	t->stage->checked_mtime = true;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		st.st_mtim.tv_sec != item->file->mtime)
		t->stage->lost_mtime = true;
}

/*
 * For a source whose time could not be set: write a copy of its bytecode that contains the time
 * which the source has. The source is in the stage, or was kept in the target.
 */
static int write_redated(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_stage *s = t->stage;
	char source[PATH_MAX];
	const char *name;
	int dir_fd = place(t, &name);
	int rc = copy(t, item, err);
	int n = snprintf(source, sizeof(source), "%s/%s", t->entry->path, t->path);
	struct stat st;

	if (rc < 0 || n < 0 || (size_t)n >= sizeof(source) || !cv_bytecode_source(source))
		return rc;
	if (fstatat(s->fd, source, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		(s->target_fd >= 0 && fstatat(s->target_fd, source, &st, AT_SYMLINK_NOFOLLOW) == 0))
		return cv_bytecode_redate(dir_fd, name, &st, err);
	return 0;
}

/* By a reflink or a copy. */
static int write_copy(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	int rc;

	if (!item->packed || (t->loose_fd >= 0 && t->stage->reflink))
		rc = copy(t, item, err);
	else
		rc = unpack(t, item, err);
	if (rc == 0)
		check_mtime(t, item);
	return rc;
}

static int write_file(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	enum cvenv_link_mode mode = t->stage->mode;
	int rc = 0;

	if (t->stage->lost_mtime && cv_is_bytecode(item->file->path))
		return write_redated(t, item, err);
	if (mode == CVENV_LINK_HARDLINK || (mode == CVENV_LINK_AUTO && item->shared))
		rc = try_link(t, item, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return write_copy(t, item, err);
}

/* PATH less its last component. */
static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

/* Make the directory PATH below FD, and what is missing above it. */
static int make_dir(struct cv_stage *s, int fd, char *path, struct cvenv_error *err)
{
	int rc = cv_stage_dir(s, fd, path, err);
	size_t len = dir_len(path);

	if (rc != -ENOENT || len == 0)
		return rc;
	path[len] = '\0';
	rc = make_dir(s, fd, path, err);
	path[len] = '/';
	return rc < 0 ? rc : cv_stage_dir(s, fd, path, err);
}

static int open_dir(int dir_fd, const char *path, int *ret_fd, struct cvenv_error *err)
{
	*ret_fd = openat(dir_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? cv_fail(err, errno, "cannot open '%s'", path) : 0;
}

/* Where all of the tree is, which may be more than the plan named. */
static int enter_base(struct tree *t, struct cvenv_error *err)
{
	char path[PATH_MAX];
	int rc;

	if (t->base_fd >= 0)
		return 0;
	if (strlen(t->entry->path) >= sizeof(path))
		return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", t->entry->path);
	memcpy(path, t->entry->path, strlen(t->entry->path) + 1);
	rc = make_dir(t->stage, t->stage->fd, path, err);
	return rc < 0 ? rc : open_dir(t->stage->fd, path, &t->base_fd, err);
}

/* How many of the files from FILES on lie in one directory, but not more than MAX. */
static size_t run_length(const struct cv_tree_file *files, size_t count, size_t max)
{
	size_t len = dir_len(files[0].path);
	size_t n = 1;

	while (n < count && n < max && dir_len(files[n].path) == len &&
		memcmp(files[n].path, files[0].path, len) == 0)
		n++;
	return n;
}

/*
 * The directory that file I goes to is made when it is first met: the list is sorted. For several
 * files it is opened, too, so that their paths are not walked again and again.
 */
static int enter(struct tree *t, size_t i, struct cvenv_error *err)
{
	const struct cv_tree *tree = t->entry->tree;
	size_t len = dir_len(t->path);
	int rc = enter_base(t, err);
	bool stands;

	if (rc < 0 || (len == t->dir_len && memcmp(t->path, t->dir, len) == 0))
		return rc;
	cv_own_fd(&t->dir_fd);
	t->dir_fd = -1;
	/* What is above the last one does. */
	stands = len < t->dir_len && t->dir[len] == '/' && memcmp(t->path, t->dir, len) == 0;
	memcpy(t->dir, t->path, len);
	t->dir[len] = '\0';
	t->dir_len = len;
	if (len && !stands)
		rc = make_dir(t->stage, t->base_fd, t->dir, err);
	if (rc < 0 || len == 0 ||
		run_length(tree->files + i, tree->count - i, WORTH_A_DESCRIPTOR) <
			WORTH_A_DESCRIPTOR)
		return rc;
	return open_dir(t->base_fd, t->dir, &t->dir_fd, err);
}

/* 1 when it stays as it stands in the target, which is named from the top. */
static int keeps(const struct tree *t, struct cvenv_error *err)
{
	char path[PATH_MAX];
	int n;

	if (!(t->entry->flags & CV_KEEP) || t->stage->target_fd < 0)
		return 0;
	n = snprintf(path, sizeof(path), "%s/%s", t->entry->path, t->path);
	if (n < 0 || (size_t)n >= sizeof(path))
		return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", t->path);
	return cv_stage_keeps(t->stage, t->entry, path, err);
}

static int write_files(struct tree *t, struct cvenv_error *err)
{
	const struct cv_tree *tree = t->entry->tree;
	uint64_t pack_at = 0;
	int rc = 0;

	for (size_t i = 0; i < tree->count && rc == 0; i++) {
		const struct cv_tree_file *f = &tree->files[i];
		struct item item = { .file = f, .shared = cv_tree_file_shared(f), .at = pack_at };
		size_t len = strlen(f->path);

		item.packed = tree->pack && !item.shared;
		if (item.packed)
			pack_at = cv_pack_next(pack_at, f);
		if (len >= sizeof(t->path))
			return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", f->path);
		if (cv_stopped(t->stage->ctx))
			return cv_fail(err, EINTR, "stopped");
		memcpy(t->path, f->path, len + 1);
		rc = keeps(t, err);
		if (rc > 0) {
			rc = 0;
			continue;
		}
		(void)cv_u64_text(i, item.number);
		if (rc == 0)
			rc = enter(t, i, err);
		if (rc == 0)
			rc = write_file(t, &item, err);
	}
	return rc;
}

static int open_tree(const char *path, int *ret_fd, struct cvenv_error *err)
{
	*ret_fd = cv_open_dir(AT_FDCWD, path);
	return *ret_fd < 0 ? cv_pack_cannot_open(path, -*ret_fd, err) : 0;
}

int cv_stage_tree(struct cv_stage *stage, const struct cv_entry *entry, struct cvenv_error *err)
{
	const struct cv_tree *tree = entry->tree;
	OWN_MEM struct tree *t = calloc(1, sizeof(*t)); /* too large for a stack */
	int rc;

	if (!t)
		return cv_fail_nomem(err);
	t->stage = stage;
	t->entry = entry;
	t->tree_fd = t->loose_fd = t->pack_fd = t->base_fd = t->dir_fd = -1;
	t->owner = geteuid();
	rc = open_tree(tree->dir, &t->tree_fd, err);

	if (rc == 0 && tree->loose)
		rc = open_tree(tree->loose, &t->loose_fd, err);
	if (rc == 0)
		rc = write_files(t, err);

	cv_own_fd(&t->dir_fd);
	cv_own_fd(&t->base_fd);
	cv_own_fd(&t->pack_fd);
	cv_own_fd(&t->loose_fd);
	cv_own_fd(&t->tree_fd);
	return rc;
}
