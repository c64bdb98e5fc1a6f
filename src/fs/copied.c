/* SPDX-License-Identifier: MIT */
#include "fs/copied.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/stage.h"

enum { RECENT_S = 10 }; /* a file that changed so shortly before may still be written */

struct lister {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	struct cv_copied *copied;
	size_t room;
};

int cv_copied_changed(const struct cv_copied *copied, const char *path, struct cvenv_error *err)
{
	cv_fail_msg(err, EAGAIN, "'%s' was changed while it was copied: '%s'", copied->src,
		*path ? path : ".");
	return cv_hint(err, -EAGAIN, "run the command again when no other program changes it");
}

/* Something that was just listed is missing, or has another type: it was replaced. */
static int cannot(const struct lister *l, const char *doing, const char *path, int rc,
	struct cvenv_error *err)
{
	if (cv_err_missing(-rc) || rc == -ELOOP)
		return cv_copied_changed(l->copied, path, err);
	return cv_fail(
		err, -rc, "cannot %s '%s' in '%s'", doing, *path ? path : ".", l->copied->src);
}

static struct cv_copied_file *add(struct lister *l, struct cvenv_error *err)
{
	struct cv_copied *c = l->copied;

	if (!cv_grow(l->arena, &c->files, c->count, &l->room)) {
		cv_fail_nomem(err);
		return NULL;
	}
	if (c->count == CV_COPIED_MAX) {
		cv_fail(err, CVENV_ELIMIT, "'%s' has too many files", c->src);
		return NULL;
	}
	return &c->files[c->count++];
}

static struct cv_copied_file describe(const char *path, const struct cv_os_stat *st)
{
	return (struct cv_copied_file){ .path = path,
		.type = st->type,
		.mode = st->mode,
		.owner = st->owner,
		.size = st->size,
		.mtime = st->mtime,
		.ctime = st->ctime,
		.id = st->id };
}

static int read_target(struct lister *l, struct cv_os_dir at, const char *name, const char **ret)
{
	char target[CV_PATH_MAX];
	int rc = cv_os_readlink(at, name, target, sizeof(target));

	if (rc < 0)
		return rc;
	*ret = cv_strdup(l->arena, (struct cv_str){ target, (size_t)rc });
	return *ret ? 0 : -ENOMEM;
}

/* Add the entry NAME of the directory AT. PATH is its path in SRC. */
static int add_entry(struct lister *l, struct cv_os_dir at, const char *name, const char *path,
	struct cvenv_error *err)
{
	struct cv_copied *c = l->copied;
	struct cv_os_stat st;
	struct cv_copied_file *f;
	const char *target = NULL;
	int rc = cv_os_stat(at, name, CV_OS_NOFOLLOW, &st);

	if (rc == 0 && st.type == CV_OS_LINK)
		rc = read_target(l, at, name, &target);
	if (rc < 0)
		return cannot(l, "read", path, rc, err);
	if (st.type == CV_OS_OTHER) {
		if (!c->others++)
			c->other = path;
		return 0;
	}
	f = add(l, err);
	if (!f)
		return -err->code;
	*f = describe(path, &st);
	f->target = target;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Staging directories of killed runs are at the top of an environment. */
static bool is_leftover(const char *dir, const char *name)
{
	return !*dir && (cv_is_temp_name(name) || cv_aside_target(name));
}

/* *RET_NAMES are the names in LIST, sorted, in memory of their own. */
static int read_names(struct cv_arena *a, struct cv_os_list *list, const char *dir,
	const char ***ret_names, size_t *ret_count)
{
	size_t count = 0, room = 0;
	const char **names = NULL;
	int rc;

	while ((rc = cv_os_list_next(list)) > 0) {
		if (is_leftover(dir, list->name))
			continue;
		if (count == room) {
			size_t more = room ? room * 2 : 32;
			const char **grown = realloc(names, more * sizeof(*names));

			if (!grown) {
				rc = -ENOMEM;
				break;
			}
			names = grown;
			room = more;
		}
		names[count] =
			*dir ? cv_path_join(a, dir, list->name) : cv_strdup(a, cv_str(list->name));
		if (!names[count++]) {
			rc = -ENOMEM;
			break;
		}
	}
	if (rc == 0 && count)
		qsort(names, count, sizeof(*names), by_name);
	*ret_names = names;
	*ret_count = count;
	return rc;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Add all entries of the directory, but not what is in its subdirectories. */
static int add_entries(struct lister *l, struct cv_os_dir at, const char *dir,
	struct cv_os_dir *ret_dir, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	OWN_MEM const char **names = NULL;
	size_t count = 0;
	int rc = cv_os_list_open(at, *dir ? name_of(dir) : ".", CV_OS_NOFOLLOW, &list);

	if (rc == 0)
		rc = cv_os_open_dir(list.dir, ".", CV_OS_NOFOLLOW, ret_dir);
	if (rc == 0)
		rc = read_names(l->arena, &list, dir, &names, &count);
	if (rc < 0)
		return cannot(l, "read", dir, rc, err);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = add_entry(l, list.dir, name_of(names[i]), names[i], err);
	return rc;
}

/* Directories follow after all other entries, as each is followed by what is in it. */
static int list_dir(struct lister *l, struct cv_os_dir at, struct cv_copied_file dir, int depth,
	struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir here = CV_OS_NO_DIR;
	struct cv_copied *c = l->copied;
	struct cv_copied_file *self = add(l, err);
	size_t first = c->count, files;
	OWN_MEM struct cv_copied_file *dirs = NULL;
	int rc;

	if (!self)
		return -err->code;
	*self = dir;
	if (depth > CV_DEPTH_MAX)
		return cv_fail_msg(
			err, CVENV_ELIMIT, "directories in '%s' are nested too deeply", c->src);
	if (dir.id.device != c->files[0].id.device)
		return cv_fail_msg(err, CVENV_EREFUSED,
			"cannot copy '%s': '%s' is on another file system", c->src, dir.path);
	if (cv_stopped(l->ctx))
		return cv_fail_msg(err, EINTR, "interrupted");
	rc = add_entries(l, at, dir.path, &here, err);
	if (rc < 0)
		return rc;
	/* Keep the files, take the directories out, and list each of them. */
	dirs = malloc((c->count - first + 1) * sizeof(*dirs));
	if (!dirs)
		return cv_fail_nomem(err);
	files = first;
	first = 0;
	for (size_t i = files; i < c->count; i++) {
		if (c->files[i].type == CV_OS_DIR)
			dirs[first++] = c->files[i];
		else
			c->files[files++] = c->files[i];
	}
	c->count = files;
	for (size_t i = 0; i < first && rc == 0; i++)
		rc = list_dir(l, here, dirs[i], depth + 1, err);
	return rc;
}

int cv_copied_list(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir dir,
	const char *src, struct cv_copied *ret, struct cvenv_error *err)
{
	struct cvenv_error own = { 0 };
	struct lister l = { .ctx = ctx, .arena = a, .copied = ret };
	struct cv_os_stat st;
	int rc = cv_os_stat_dir(dir, &st);

	*ret = (struct cv_copied){ .dir = dir, .src = src };
	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", src);
	return list_dir(&l, dir, describe("", &st), 0, err ? err : &own);
}

static bool has_path(const struct cv_entry *entry)
{
	return entry->kind != CVENV_ENTRY_TREE && entry->kind != CVENV_ENTRY_DIR;
}

int cv_copied_omit(struct cv_copied *copied, struct cv_plan *plan, struct cvenv_error *err)
{
	OWN_MEM const char **paths = malloc((plan->count + 1) * sizeof(*paths));
	size_t count = 0, kept = 0;

	if (!paths)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < plan->count; i++) {
		if (has_path(&plan->entries[i]))
			paths[count++] = plan->entries[i].path;
		if (plan->entries[i].kind != CVENV_ENTRY_REMOVE)
			plan->entries[kept++] = plan->entries[i];
	}
	plan->count = kept;
	if (count)
		qsort(paths, count, sizeof(*paths), by_name);
	for (size_t i = 0; i < copied->count && count; i++) {
		struct cv_copied_file *f = &copied->files[i];

		if (f->type != CV_OS_DIR)
			f->omit |= bsearch(&f->path, paths, count, sizeof(*paths), by_name) != NULL;
	}
	return 0;
}

/* The file as cv_tree_file_shared() knows it: relative to site-packages. */
static struct cv_tree_file tree_file(const struct cv_copied_file *f)
{
	struct cv_str sites = CV_LIT("/site-packages/");
	const char *at = cv_str_find(cv_str(f->path), sites);

	return (struct cv_tree_file){ .path = at ? at + sites.n : f->path,
		.size = f->size,
		.mtime = f->mtime.s,
		.exec = f->mode & 0111 };
}

bool cv_copied_links(const struct cv_copied *copied, enum cvenv_link_mode mode,
	const struct cv_copied_file *f, uint64_t owner)
{
	struct cv_tree_file file = tree_file(f);

	if (copied->flags & CV_COPIED_LINK)
		return true;
	/*
	 * The owner of a file, and users who may write to it, can change it in both places. A link
	 * also keeps the bits of the mode that copies do not have.
	 */
	return cv_stage_links(mode, &file) && f->owner == owner &&
	       !(f->mode & (CV_OS_OTHERS_WRITE | (CV_OS_MODE & ~CV_OS_PERMISSIONS)));
}

static bool same_time(const struct cv_os_time *a, const struct cv_os_time *b)
{
	return a->s == b->s && a->ns == b->ns;
}

bool cv_copied_is_same(const struct cv_copied_file *f, const struct cv_os_stat *st)
{
	return st->type == f->type && cv_os_same_id(&st->id, &f->id) &&
	       same_time(&st->mtime, &f->mtime) && (f->type == CV_OS_DIR || st->size == f->size);
}

int cv_copied_check(
	const struct cv_ctx *ctx, const struct cv_copied *copied, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

	for (size_t i = 0; i < copied->count; i++) {
		const struct cv_copied_file *f = &copied->files[i];
		bool recent = f->ctime.s + RECENT_S >= ctx->now;
		struct cv_os_stat st = { 0 };
		int rc;

		if (f->type == CV_OS_DIR) {
			cv_os_close_dir(&dir);
			rc = cv_os_open_dir(copied->dir, *f->path ? f->path : ".",
				CV_OS_ANCHOR | CV_OS_NOFOLLOW, &dir);
			if (rc == 0)
				rc = cv_os_stat_dir(dir, &st);
		} else {
			if (!(copied->flags & CV_COPIED_LINK) && !recent && !f->omit)
				continue; /* compared when it was copied */
			rc = cv_os_stat(dir, name_of(f->path), CV_OS_NOFOLLOW, &st);
		}
		if (rc < 0 && !cv_err_missing(-rc) && rc != -ELOOP)
			return cv_fail(err, -rc, "cannot stat '%s' in '%s'",
				*f->path ? f->path : ".", copied->src);
		if (rc < 0 || !cv_copied_is_same(f, &st))
			return cv_copied_changed(copied, f->path, err);
	}
	return 0;
}
