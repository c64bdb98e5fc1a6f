/* SPDX-License-Identifier: MIT */
#include "fs/stage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/system.h"
#include "fs/file.h"
#include "fs/tree.h"

enum { SCRIPT_BITS = 0555 };

static bool is_same(const struct cv_stage *s, const struct cv_entry *e)
{
	unsigned bits = e->flags & CV_ADD_EXEC ? SCRIPT_BITS : e->mode & 0100, mode;
	bool same = e->kind == CVENV_ENTRY_COPY
			    ? cv_file_is_copy(s->target, e->path, e->source, &mode)
			    : cv_file_is(s->target, e->path, e->data, &mode);

	/* On Windows, the name of a file tells whether it is a program. */
	return same && (CV_WINDOWS || (mode & bits) == bits);
}

int cv_stage_keeps(const struct cv_stage *s, const struct cv_entry *e, const char *path,
	struct cvenv_error *err)
{
	unsigned how = e->kind == CVENV_ENTRY_LINK ? CV_OS_FOLLOW : CV_OS_NOFOLLOW;
	struct cv_os_stat st = { 0 };
	int rc;

	if (!cv_os_dir_ok(s->target))
		return 0;
	if (e->flags & CV_KEEP_SAME)
		return is_same(s, e);
	if (!(e->flags & CV_KEEP))
		return 0;
	rc = cv_os_stat(s->target, path, how, &st);
	if (rc == 0)
		return 1;
	/* A broken link, or a file in the place of a directory, which cv_stage_check() reports. */
	if (cv_err_missing(-rc))
		return 0;
	/* The link exists. That its target cannot be read does not matter. */
	if (rc == -EACCES && how == CV_OS_FOLLOW &&
		cv_os_stat(s->target, path, CV_OS_NOFOLLOW, &st) == 0)
		return 1;
	return cv_fail(err, -rc, "cannot stat '%s'", path);
}

int cv_stage_dir(struct cv_stage *s, struct cv_os_dir at, const char *path, struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };
	int rc = cv_os_make_dir(at, path, 0777);

	if (rc < 0 && rc != -EEXIST)
		return cv_fail(err, -rc, "cannot create directory '%s'", path);
	if (!s->dir_mode) {
		rc = cv_os_stat(at, path, CV_OS_NOFOLLOW, &st);
		if (rc < 0)
			return cv_fail(err, -rc, "cannot stat '%s'", path);
		s->dir_mode = st.mode;
	}
	return 0;
}

static struct cv_new_file new_file(const struct cv_entry *e)
{
	if (e->flags & CV_EXACT_MODE)
		return (struct cv_new_file){ .mode = e->mode, .exact = true };
	return (struct cv_new_file){ .mode = 0666,
		.add_mode = e->flags & CV_ADD_EXEC ? SCRIPT_BITS : 0 };
}

static int write_copy(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE;
	struct cv_new_file how = new_file(e);
	/* a local flag: the source may be on another file system than the cache */
	bool reflink = s->mode != CVENV_LINK_COPY, lost_mtime = false;
	struct cv_os_stat st = { 0 };
	int rc = cv_os_open(CV_OS_ABSOLUTE, e->source, CV_OS_FOLLOW, &from);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", e->source);
	rc = cv_os_stat_file(from, &st);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", e->source);
	if (st.type != CV_OS_FILE)
		return cv_fail_msg(err, EINVAL, "cannot copy '%s': not a regular file", e->source);
	how.set_mtime = e->flags & CV_SOURCE_MTIME;
	how.mtime = st.mtime.s;
	how.lost_mtime = &lost_mtime; /* it matters to nobody */
	return cv_copy_new(s->dir, e->path, &how, from, st.size, &reflink, err);
}

/*
 * Copy a file instead of creating a link. By default that is the target of the link. A relative
 * target is relative to the link's directory.
 */
static int copy_instead(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	struct cv_entry copy = *e;
	char source[CV_PATH_MAX];
	const char *slash = strrchr(e->path, '/');

	copy.flags = CV_EXACT_MODE | (e->flags & CV_SOURCE_MTIME);
	copy.mode = 0755;
	if (e->instead)
		copy.source = e->instead;
	if (!cv_path_is_abs(e->source)) {
		OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE;
		struct cv_new_file how = new_file(&copy);
		bool reflink = true;
		struct cv_os_stat st = { 0 };
		int rc;

		(void)snprintf(source, sizeof(source), "%.*s%s",
			slash ? (int)(slash + 1 - e->path) : 0, e->path, e->source);
		/*
		 * Following a link is safe: it is the environment's link to the base, and no other
		 * user can write to the stage.
		 */
		rc = cv_os_open(s->dir, source, CV_OS_FOLLOW, &from);
		if (rc == 0)
			rc = cv_os_stat_file(from, &st);
		if (rc < 0)
			return cv_fail(err, -rc, "cannot open '%s'", source);
		return cv_copy_new(s->dir, e->path, &how, from, st.size, &reflink, err);
	}
	return write_copy(s, &copy, err);
}

/*
 * The errors of file systems without symbolic links. VirtualBox shared folders return EROFS, or
 * EPROTO on a Windows host. If the disk is really read-only, the copy fails as well.
 */
static bool has_no_links(int code)
{
	return cv_err_unsupported(code) || code == EPROTO || code == EROFS;
}

static int write_link(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	int rc = cv_os_symlink(e->source, s->dir, e->path), code = -rc;

	if (rc == 0)
		return 0;
	if (has_no_links(code)) {
		if (e->flags & CV_OPTIONAL) {
			cv_log(s->ctx, CVENV_LOG_INFO, "omitted '%s': %s", e->path,
				cv_err_text(code));
			return 0;
		}
		if (e->flags & CV_OR_COPY) {
			s->no_links = code;
			cv_log(s->ctx, CVENV_LOG_INFO, "cannot link '%s' to '%s': %s; copying it",
				e->path, e->source, cv_err_text(code));
			return copy_instead(s, e, err);
		}
	}
	return cv_fail(err, code, "cannot create link '%s'", e->path);
}

static int write_entry(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	struct cv_new_file how = new_file(e);
	int rc = e->kind == CVENV_ENTRY_TREE ? 0 : cv_stage_keeps(s, e, e->path, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	switch (e->kind) {
	case CVENV_ENTRY_DIR:
		return cv_stage_dir(s, s->dir, e->path, err);
	case CVENV_ENTRY_LINK:
		return write_link(s, e, err);
	case CVENV_ENTRY_FILE:
		return cv_write_new(s->dir, e->path, &how, e->data, err);
	case CVENV_ENTRY_COPY:
		return write_copy(s, e, err);
	case CVENV_ENTRY_TREE:
		return e->copied ? cv_stage_copied(s, e, err) : cv_stage_tree(s, e, err);
	case CVENV_ENTRY_REMOVE: /* carried out by cv_stage_merge() */
	case CVENV_ENTRY_RENAME: /* carried out by its caller */
		break;
	}
	return 0;
}

bool cv_stage_links(enum cvenv_link_mode mode, const struct cv_tree_file *file)
{
	return mode == CVENV_LINK_HARDLINK ||
	       (mode == CVENV_LINK_AUTO && cv_tree_file_shared(file) &&
		       cv_os_user() != CV_OS_ADMINISTRATOR);
}

enum cvenv_link_mode cv_stage_used(const struct cv_stage *s)
{
	if (s->mode == CVENV_LINK_AUTO && s->linked)
		return CVENV_LINK_AUTO;
	if (s->cloned > s->copied + s->linked)
		return CVENV_LINK_REFLINK;
	return s->linked > s->copied + s->cloned ? CVENV_LINK_HARDLINK : CVENV_LINK_COPY;
}

int cv_stage_write(struct cv_stage *stage, const struct cv_plan *plan, struct cvenv_error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		int rc;

		if (cv_stopped(stage->ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		rc = write_entry(stage, &plan->entries[i], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
