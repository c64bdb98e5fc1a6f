/* SPDX-License-Identifier: MIT */
#include "fs/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "fs/bytecode.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/pack.h"
#include "fs/sweep.h"

struct tree {
	struct cv_stage *stage;
	const struct cv_entry *entry;
	struct cv_os_dir tree_dir, loose_dir; /* of the cached wheel; or none */
	struct cv_os_file pack;               /* the same */
	uint64_t owner;
	struct cv_os_dir base;  /* the entry's path in the stage, or none */
	char path[CV_PATH_MAX]; /* the current file, relative to `base` */
	char dir[CV_PATH_MAX];  /* the directory of the previous file */
	size_t dir_len;
};

/* One file to be written. */
struct item {
	const struct cv_tree_file *file;
	char number[CV_U64_ROOM];
	bool packed;
	uint64_t at; /* offset in the pack */
};

static int corrupt(const char *path, struct cvenv_error *err)
{
	return cv_fail(err, CVENV_ECORRUPT, "'%s'", path);
}

static void count(struct cv_stage *s)
{
	*(s->reflink ? &s->cloned : &s->copied) += 1;
}

static struct cv_new_file new_file(const struct tree *t, const struct cv_tree_file *f)
{
	struct cv_new_file how = cv_tree_new_file(f, &t->stage->lost_mtime);

	if (t->stage->dated)
		how.mtime = t->stage->mtime;
	return how;
}

static int open_pack(struct tree *t, struct cvenv_error *err)
{
	int rc = cv_pack_open(t->entry->tree, t->owner, &t->pack, err);

	if (rc == 0 && t->stage->mode == CVENV_LINK_AUTO && !cv_os_clones_parts(t->tree_dir))
		t->stage->reflink = false;
	return rc;
}

static int unpack(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_tree *tree = t->entry->tree;
	struct cv_new_file how = new_file(t, item->file);
	int rc = cv_os_file_ok(t->pack) ? 0 : open_pack(t, err);

	if (rc == 0)
		rc = cv_copy_part(t->base, t->path, &how, t->pack, item->at, item->file->size,
			&t->stage->reflink, err);
	if (rc == -CVENV_ECORRUPT) /* another process truncates it now */
		return corrupt(tree->pack, err);
	if (rc == 0)
		count(t->stage);
	return rc;
}

/* The directory of the cache that has ITEM as a file of its own; may be none. */
static struct cv_os_dir folder_of(const struct tree *t, const struct item *item)
{
	return item->packed ? t->loose_dir : t->tree_dir;
}

/* 1: linked; 0: a copy is needed; *ret_full: the file cannot get another name. */
static int try_link(
	struct tree *t, const struct item *item, bool *ret_full, struct cvenv_error *err)
{
	struct cv_stage *s = t->stage;
	const struct cv_tree_file *f = item->file;
	struct cv_os_dir from = folder_of(t, item);
	struct cv_os_stat st;
	int rc;

	if (!cv_os_dir_ok(from))
		return 0;
	if (cv_os_stat(from, item->number, CV_OS_NOFOLLOW, &st) < 0 ||
		!cv_tree_has(t->entry->tree, f, t->owner, &st))
		return corrupt(f->path, err);
	/* A link shares the mode of the file, so that must be the mode of a new file. */
	if ((st.mode & CV_OS_PERMISSIONS) != ((0666 & s->dir_mode) | (f->exec ? 0111 : 0)))
		return 0;
	rc = cv_os_link(from, item->number, t->base, t->path);
	*ret_full = rc == -EMLINK;
	if (rc < 0)
		return 0; /* EXDEV, EPERM, EMLINK, ...: a copy reports other errors */
	s->linked++;
	return 1;
}

/*
 * A file of NTFS has at most 1024 names, of ext4 65000. When the cache's file has so many, the copy
 * that was made instead takes its place in the cache, and gets the next links. Errors are ignored:
 * then the next environment gets a copy, too.
 */
static void replace_full(const struct tree *t, const struct item *item)
{
	struct cv_os_dir folder = folder_of(t, item);
	char name[CV_TEMP_NAME_MAX];
	struct cv_os_stat st;

	if (cv_os_stat(t->base, t->path, CV_OS_NOFOLLOW, &st) < 0 ||
		!cv_tree_has(t->entry->tree, item->file, t->owner, &st))
		return;
	cv_stage_sweep(folder);
	cv_temp_name(name);
	if (cv_os_link(t->base, t->path, folder, name) == 0 &&
		cv_os_rename(folder, name, folder, item->number, CV_OS_REPLACE) < 0)
		(void)cv_os_unlink(folder, name);
}

static int copy(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_tree_file *f = item->file;
	struct cv_new_file how = new_file(t, f);
	OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE;
	struct cv_os_stat st;
	int rc = cv_os_open(folder_of(t, item), item->number, CV_OS_NOFOLLOW, &from);

	if (rc < 0)
		return cv_pack_cannot_open(f->path, -rc, err);
	if (cv_os_stat_file(from, &st) < 0 || !cv_tree_has(t->entry->tree, f, t->owner, &st))
		return corrupt(f->path, err);
	rc = cv_copy_new(t->base, t->path, &how, from, f->size, &t->stage->reflink, err);
	if (rc == 0)
		count(t->stage);
	return rc;
}

/* Some file systems accept a time but do not keep it: check this on the first file. */
static void check_mtime(struct tree *t, const struct item *item)
{
	struct cv_os_stat st;

	if (t->stage->checked_mtime)
		return;
	t->stage->checked_mtime = true;
	if (cv_os_stat(t->base, t->path, CV_OS_NOFOLLOW, &st) == 0 &&
		st.mtime.s != new_file(t, item->file).mtime)
		t->stage->lost_mtime = true;
}

/*
 * If a source's time is not that of its wheel: write a copy of its bytecode with the source's
 * actual time. The source is in the stage, or is kept in the target.
 */
static int write_redated(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	const struct cv_stage *s = t->stage;
	char source[CV_PATH_MAX];
	int rc = copy(t, item, err);
	int n = snprintf(source, sizeof(source), "%s/%s", t->entry->path, t->path);
	struct cv_os_stat st;

	if (rc < 0 || n < 0 || (size_t)n >= sizeof(source) || !cv_bytecode_source(source))
		return rc;
	if (cv_os_stat(s->dir, source, CV_OS_NOFOLLOW, &st) == 0 ||
		(cv_os_dir_ok(s->target) &&
			cv_os_stat(s->target, source, CV_OS_NOFOLLOW, &st) == 0))
		return cv_bytecode_redate(t->base, t->path, &st, err);
	return 0;
}

/* Write a reflink or a copy. */
static int write_copy(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	int rc;

	if (!item->packed || (cv_os_dir_ok(t->loose_dir) && t->stage->reflink))
		rc = copy(t, item, err);
	else
		rc = unpack(t, item, err);
	if (rc == 0)
		check_mtime(t, item);
	return rc;
}

static int write_file(struct tree *t, const struct item *item, struct cvenv_error *err)
{
	bool full = false;
	int rc = 0;

	if ((t->stage->lost_mtime || t->stage->dated) && cv_is_bytecode(item->file->path))
		return write_redated(t, item, err);
	if (!t->stage->dated && cv_stage_links(t->stage->mode, item->file))
		rc = try_link(t, item, &full, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = write_copy(t, item, err);
	if (rc == 0 && full)
		replace_full(t, item);
	return rc;
}

/* The length of PATH without its last component. */
static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

/* Make the directory PATH below AT, and its missing parents. */
static int make_dir(struct cv_stage *s, struct cv_os_dir at, char *path, struct cvenv_error *err)
{
	int rc = cv_stage_dir(s, at, path, err);
	size_t len = dir_len(path);

	if (rc != -ENOENT || len == 0)
		return rc;
	path[len] = '\0';
	rc = make_dir(s, at, path, err);
	path[len] = '/';
	return rc < 0 ? rc : cv_stage_dir(s, at, path, err);
}

static int open_dir(
	struct cv_os_dir at, const char *path, struct cv_os_dir *ret, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(at, path, CV_OS_ANCHOR | CV_OS_NOFOLLOW, ret);

	return rc < 0 ? cv_fail(err, -rc, "cannot open '%s'", path) : 0;
}

/* Make and open the entry's own directory: the plan may not have it. */
static int enter_base(struct tree *t, struct cvenv_error *err)
{
	char path[CV_PATH_MAX];
	int rc;

	if (cv_os_dir_ok(t->base))
		return 0;
	if (strlen(t->entry->path) >= sizeof(path))
		return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", t->entry->path);
	memcpy(path, t->entry->path, strlen(t->entry->path) + 1);
	rc = make_dir(t->stage, t->stage->dir, path, err);
	return rc < 0 ? rc : open_dir(t->stage->dir, path, &t->base, err);
}

/* Make the directory of the current file, unless the previous file is in it. */
static int enter(struct tree *t, struct cvenv_error *err)
{
	size_t len = dir_len(t->path);
	int rc = enter_base(t, err);

	if (rc < 0 || (len == t->dir_len && memcmp(t->path, t->dir, len) == 0))
		return rc;
	memcpy(t->dir, t->path, len);
	t->dir[len] = '\0';
	t->dir_len = len;
	return len ? make_dir(t->stage, t->base, t->dir, err) : 0;
}

/* 1 if the target has the current file and it is kept. */
static int keeps(const struct tree *t, struct cvenv_error *err)
{
	char path[CV_PATH_MAX];
	int n;

	if (!(t->entry->flags & CV_KEEP) || !cv_os_dir_ok(t->stage->target))
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
		struct item item = { .file = f, .at = pack_at };
		size_t len = strlen(f->path);

		item.packed = cv_pack_has(tree, f);
		if (item.packed)
			pack_at = cv_pack_next(pack_at, f);
		if (len >= sizeof(t->path))
			return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", f->path);
		if (cv_stopped(t->stage->ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		memcpy(t->path, f->path, len + 1);
		rc = keeps(t, err);
		if (rc > 0) {
			rc = 0;
			continue;
		}
		(void)cv_u64_text(i, item.number);
		if (rc == 0)
			rc = enter(t, err);
		if (rc == 0)
			rc = write_file(t, &item, err);
	}
	return rc;
}

static int open_tree(const char *path, struct cv_os_dir *ret, struct cvenv_error *err)
{
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, ret);

	return rc < 0 ? cv_pack_cannot_open(path, -rc, err) : 0;
}

int cv_stage_tree(struct cv_stage *stage, const struct cv_entry *entry, struct cvenv_error *err)
{
	const struct cv_tree *tree = entry->tree;
	OWN_MEM struct tree *t = calloc(1, sizeof(*t)); /* too large for the stack */
	int rc;

	if (!t)
		return cv_fail_nomem(err);
	t->stage = stage;
	t->entry = entry;
	t->owner = cv_os_user();
	rc = open_tree(tree->dir, &t->tree_dir, err);

	if (rc == 0 && tree->loose)
		rc = open_tree(tree->loose, &t->loose_dir, err);
	if (rc == 0)
		rc = write_files(t, err);

	cv_os_close_dir(&t->base);
	cv_os_drop_file(&t->pack);
	cv_os_close_dir(&t->loose_dir);
	cv_os_close_dir(&t->tree_dir);
	return rc;
}
