/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "fs/bytecode.h"
#include "fs/copied.h"
#include "fs/file.h"
#include "fs/tree.h"

/* The second half of copied.c: writes a copied tree into a staging directory. */

enum { DIR_BITS = 0700 }; /* what its owner needs to use and to delete a directory */

struct writing {
	struct cv_stage *stage;
	const struct cv_copied *copied;
	uint64_t owner;
	struct cv_os_dir from, to;         /* the current directory, in SRC and in the stage */
	const struct cv_copied_file *file; /* the current entry */
	const char *name;                  /* its last component */
};

static int changed(const struct writing *w, struct cvenv_error *err)
{
	return cv_copied_changed(w->copied, w->file->path, err);
}

static int cannot(const struct writing *w, const char *doing, int rc, struct cvenv_error *err)
{
	return cv_fail(err, -rc, "cannot %s '%s'", doing, w->file->path);
}

/* The error for a file of SRC that cannot be used: it may be another one now. */
static int cannot_read(const struct writing *w, int rc, struct cvenv_error *err)
{
	if (cv_err_missing(-rc))
		return changed(w, err);
	return cannot(w, "open", rc, err);
}

static unsigned dir_mode(const struct cv_copied_file *f)
{
	return (f->mode & CV_OS_PERMISSIONS) | DIR_BITS;
}

/* A new directory has mode 0777 less umask, and perhaps set-group-ID. */
static int set_dir_mode(const struct writing *w, struct cvenv_error *err)
{
	unsigned made = w->stage->dir_mode, mode = dir_mode(w->file);
	int rc;

	if (CV_WINDOWS || (made & CV_OS_PERMISSIONS) == mode)
		return 0;
	rc = cv_os_chmod_dir(w->to, mode | (made & CV_OS_MODE & ~CV_OS_PERMISSIONS));
	return rc < 0 && !cv_refuses_attribute(-rc) ? cannot(w, "set the mode of", rc, err) : 0;
}

/*
 * The mode of the top is set when it is published. Until a directory has been made, the mode of new
 * ones is unknown, so make one.
 */
static int learn_mode(struct writing *w, struct cvenv_error *err)
{
	static const char probe[] = "probe";
	int rc;

	if (w->stage->dir_mode)
		return 0;
	rc = cv_stage_dir(w->stage, w->stage->dir, probe, err);
	if (rc < 0)
		return rc;
	rc = cv_os_remove_dir(w->stage->dir, probe);
	return rc < 0 ? cv_fail(err, -rc, "cannot remove '%s'", probe) : 0;
}

/* Open the current directory in SRC, which must be the listed one, and in the stage. */
static int enter(struct writing *w, struct cvenv_error *err)
{
	const char *path = *w->file->path ? w->file->path : ".";
	struct cv_os_stat st = { 0 };
	int rc;

	cv_os_close_dir(&w->from);
	cv_os_close_dir(&w->to);
	rc = cv_os_open_dir(w->copied->dir, path, CV_OS_ANCHOR | CV_OS_NOFOLLOW, &w->from);
	if (rc == 0)
		rc = cv_os_stat_dir(w->from, &st);
	if (rc < 0)
		return cannot_read(w, rc, err);
	if (!cv_os_same_id(&st.id, &w->file->id))
		return changed(w, err);
	if (*w->file->path) {
		rc = cv_stage_dir(w->stage, w->stage->dir, path, err);
		if (rc < 0)
			return rc;
	}
	rc = cv_os_open_dir(w->stage->dir, path, CV_OS_NOFOLLOW, &w->to);
	if (rc < 0)
		return cannot(w, "open", rc, err);
	return *w->file->path ? set_dir_mode(w, err) : 0;
}

/* Some file systems accept a time but do not keep it: check this on the first file. */
static void check_mtime(struct writing *w)
{
	struct cv_os_stat st;

	if (w->stage->checked_mtime)
		return;
	w->stage->checked_mtime = true;
	if (cv_os_stat(w->to, w->name, CV_OS_NOFOLLOW, &st) == 0 && st.mtime.s != w->file->mtime.s)
		w->stage->lost_mtime = true;
}

/* The file system has not kept the time of the source, which bytecode contains. */
static int redate(struct writing *w, struct cvenv_error *err)
{
	size_t len = strlen(w->file->path);
	char source[CV_PATH_MAX];
	struct cv_os_stat st;

	if (len >= sizeof(source))
		return 0;
	memcpy(source, w->file->path, len + 1);
	if (!cv_bytecode_source(source) ||
		cv_os_stat(w->stage->dir, source, CV_OS_NOFOLLOW, &st) < 0)
		return 0;
	return cv_bytecode_redate(w->to, w->name, &st, err);
}

static int copy_file(struct writing *w, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE;
	const struct cv_copied_file *f = w->file;
	struct cv_stage *s = w->stage;
	struct cv_new_file how = { .mode = f->mode & CV_OS_PERMISSIONS,
		.exact = true,
		.set_mtime = true,
		.mtime = f->mtime.s,
		.lost_mtime = &s->lost_mtime };
	struct cv_os_stat st = { 0 };
	int rc = cv_os_open(w->from, w->name, CV_OS_NOFOLLOW, &from);

	if (rc == 0)
		rc = cv_os_stat_file(from, &st);
	if (rc < 0)
		return cannot_read(w, rc, err);
	if (!cv_copied_is_same(f, &st))
		return changed(w, err);
	rc = cv_copy_new(w->to, w->name, &how, from, f->size, &s->reflink, err);
	if (rc < 0)
		return rc;
	*(s->reflink ? &s->cloned : &s->copied) += 1;
	check_mtime(w);
	return s->lost_mtime && cv_is_bytecode(f->path) ? redate(w, err) : 0;
}

static int write_file(struct writing *w, struct cvenv_error *err)
{
	struct cv_stage *s = w->stage;

	if (cv_copied_links(w->copied, s->mode, w->file, w->owner) &&
		!(s->lost_mtime && cv_is_bytecode(w->file->path)) &&
		cv_os_link(w->from, w->name, w->to, w->name) == 0) {
		s->linked++;
		return 0;
	}
	return copy_file(w, err); /* EXDEV, EPERM, EMLINK, ...: a copy reports other errors */
}

static int write_link(const struct writing *w, struct cvenv_error *err)
{
	int rc = cv_os_symlink(w->file->target, w->to, w->name);

	return rc < 0 ? cannot(w, "create link", rc, err) : 0;
}

static int write_current(struct writing *w, struct cvenv_error *err)
{
	switch (w->file->type) {
	case CV_OS_DIR:
		return enter(w, err);
	case CV_OS_LINK:
		return write_link(w, err);
	default:
		return write_file(w, err);
	}
}

int cv_stage_copied(struct cv_stage *s, const struct cv_entry *entry, struct cvenv_error *err)
{
	const struct cv_copied *c = entry->copied;
	struct writing w = { .stage = s, .copied = c, .owner = cv_os_user() };
	int rc = learn_mode(&w, err);

	for (size_t i = 0; i < c->count && rc == 0; i++) {
		w.file = &c->files[i];
		w.name = strrchr(w.file->path, '/');
		w.name = w.name ? w.name + 1 : w.file->path;
		if (w.file->omit)
			continue;
		if (cv_stopped(s->ctx))
			rc = cv_fail_msg(err, EINTR, "interrupted");
		else
			rc = write_current(&w, err);
	}
	cv_os_close_dir(&w.from);
	cv_os_close_dir(&w.to);
	if (rc == 0 && c->count) /* the mode of the whole environment */
		s->dir_mode = dir_mode(&c->files[0]) | (s->dir_mode & ~CV_OS_PERMISSIONS);
	return rc == 0 ? cv_copied_check(s->ctx, c, err) : rc;
}
