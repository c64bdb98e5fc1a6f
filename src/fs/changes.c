/* SPDX-License-Identifier: MIT */
#include "fs/changes.h"

#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/system.h"
#include "fs/copied.h"
#include "fs/file.h"
#include "fs/stage.h"
#include "fs/tree.h"

/* On Windows, the name of a file tells whether it is a program. */
static bool same_mode(const struct cv_entry *e, unsigned mode)
{
	bool exec = e->flags & CV_EXACT_MODE ? e->mode & 0100 : e->flags & CV_ADD_EXEC;

	return CV_WINDOWS || exec == !!(mode & 0100);
}

static bool same_file(struct cv_os_dir env, const struct cv_entry *e, struct cv_str wanted)
{
	unsigned mode;

	return cv_file_is(env, e->path, wanted, &mode) && same_mode(e, mode);
}

static bool same_copy(struct cv_os_dir env, const struct cv_entry *e)
{
	unsigned mode;

	return cv_file_is_copy(env, e->path, e->source, &mode) && same_mode(e, mode);
}

static bool same_link(struct cv_os_dir env, const struct cv_entry *e)
{
	size_t len = strlen(e->source);
	OWN_MEM char *target = malloc(len + 1); /* longer: the target differs */

	return target && cv_os_readlink(env, e->path, target, len + 1) == (int)len &&
	       memcmp(target, e->source, len) == 0;
}

/* The type of the file itself; CV_OS_UNKNOWN if it is missing. */
static enum cv_os_type type_of(struct cv_os_dir env, const char *path)
{
	struct cv_os_stat st;

	return cv_os_stat(env, path, CV_OS_NOFOLLOW, &st) == 0 ? st.type : CV_OS_UNKNOWN;
}

/* 1: file F of the tree E is kept; 0: it would be written. */
static int keeps_file(const struct cv_stage *s, const struct cv_entry *e,
	const struct cv_tree_file *f, struct cv_arena *a, struct cvenv_error *err)
{
	const char *path = cv_path_join(a, e->path, f->path);
	struct cv_os_stat st;
	int rc;

	if (!path)
		return cv_fail_nomem(err);
	rc = cv_stage_keeps(s, e, path, err);
	if (rc != 0)
		return rc;
	return cv_os_stat(s->target, path, CV_OS_NOFOLLOW, &st) == 0 &&
	       cv_tree_has(e->tree, f, st.owner, &st);
}

/* Reduce the tree to the files that would be written. 1: there are none. */
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

/* 1: entry E would change nothing; 0: it would. */
static int is_so(
	const struct cv_stage *s, struct cv_entry *e, struct cv_arena *a, struct cvenv_error *err)
{
	int rc = e->kind == CVENV_ENTRY_TREE ? 0 : cv_stage_keeps(s, e, e->path, err);

	if (rc != 0 || (e->flags & CV_KEEP_SAME)) /* publishing checks no more than that */
		return rc;
	switch (e->kind) {
	case CVENV_ENTRY_DIR:
		return type_of(s->target, e->path) == CV_OS_DIR;
	case CVENV_ENTRY_LINK:
		return same_link(s->target, e);
	case CVENV_ENTRY_FILE:
		return same_file(s->target, e, e->data);
	case CVENV_ENTRY_COPY:
		return same_copy(s->target, e);
	case CVENV_ENTRY_TREE: /* a copied tree only goes to a new directory */
		return e->copied ? 0 : reduce_tree(s, e, a, err);
	case CVENV_ENTRY_REMOVE:
		return type_of(s->target, e->path) == CV_OS_UNKNOWN;
	case CVENV_ENTRY_RENAME: /* of the whole environment */
		break;
	}
	return 0;
}

int cv_changes(struct cv_plan *plan, struct cv_os_dir env, struct cvenv_error *err)
{
	struct cv_stage target = { .target = env };
	size_t n = 0;

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

/* Open PATH, or the nearest existing directory above it; none if that fails. */
static struct cv_os_dir open_nearest(struct cv_arena *a, const char *path)
{
	for (;;) {
		const char *up = cv_path_dir(a, path);
		struct cv_os_dir dir;

		if (cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_ANCHOR, &dir) == 0 || !up ||
			strcmp(up, path) == 0)
			return dir;
		path = up;
	}
}

static void foresee(struct cv_stage *s, bool link, bool clone)
{
	if (link)
		s->linked++;
	else if (clone)
		s->cloned++;
	else
		s->copied++;
}

static void foresee_copied(
	struct cv_stage *s, const struct cv_copied *copied, bool links, bool clones)
{
	for (size_t i = 0; i < copied->count; i++) {
		const struct cv_copied_file *f = &copied->files[i];

		if (f->type == CV_OS_FILE && !f->omit)
			foresee(s, links && cv_copied_links(copied, s->mode, f, cv_os_user()),
				clones);
	}
}

enum cvenv_link_mode cv_foresee_mode(const struct cv_plan *plan, const char *env_dir,
	const char *place, enum cvenv_link_mode mode)
{
	struct cv_arena a OWN_ARENA = { 0 };
	OWN_OS_DIR struct cv_os_dir from = open_nearest(&a, place), to = open_nearest(&a, env_dir);
	bool open = cv_os_dir_ok(from) && cv_os_dir_ok(to);
	bool links = open && !plan->dated && cv_os_renames(from, to) != 0;
	bool clones = mode != CVENV_LINK_COPY && open &&
		      (mode != CVENV_LINK_AUTO || cv_os_clones_parts(from)) &&
		      cv_os_clones(from, to);
	struct cv_stage s = { .mode = mode };

	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		for (size_t k = 0; e->tree && k < e->tree->count; k++)
			foresee(&s, links && cv_stage_links(mode, &e->tree->files[k]), clones);
		if (e->copied)
			foresee_copied(&s, e->copied, links, clones);
	}
	return cv_stage_used(&s);
}
