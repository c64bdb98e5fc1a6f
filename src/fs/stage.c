/* SPDX-License-Identifier: MIT */
#include "fs/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/tree.h"

enum { SCRIPT_BITS = 0555 };

static bool is_same(const struct cv_stage *s, const struct cv_entry *e)
{
	mode_t bits = e->flags & CV_ADD_EXEC ? SCRIPT_BITS : 0, mode;

	return cv_file_is(s->target_fd, e->path, e->data, &mode) && (mode & bits) == bits;
}

int cv_stage_keeps(const struct cv_stage *s, const struct cv_entry *e, const char *path,
	struct cvenv_error *err)
{
	int follow = e->kind == CVENV_ENTRY_LINK ? 0 : AT_SYMLINK_NOFOLLOW;
	struct stat st;

	if (s->target_fd < 0)
		return 0;
	if (e->flags & CV_KEEP_SAME)
		return is_same(s, e);
	if (!(e->flags & CV_KEEP))
		return 0;
	if (fstatat(s->target_fd, path, &st, follow) == 0)
		return 1;
	/* A link that leads nowhere, or round in a circle; below a file, which the check meets. */
	if (cv_err_missing(errno))
		return 0;
	/* Of a link to where we may not look, that it stands is enough. */
	if (errno == EACCES && !follow &&
		fstatat(s->target_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return cv_fail(err, errno, "cannot look at '%s'", path);
}

int cv_stage_dir(struct cv_stage *s, int dir_fd, const char *path, struct cvenv_error *err)
{
	struct stat st;

	if (mkdirat(dir_fd, path, 0777) < 0 && errno != EEXIST)
		return cv_fail(err, errno, "cannot create directory '%s'", path);
	if (!s->mask) {
		if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return cv_fail(err, errno, "cannot look at '%s'", path);
		s->dir_mode = st.st_mode & 07777;
		s->mask = st.st_mode & 0777;
	}
	return 0;
}

static struct cv_new_file new_file(const struct cv_stage *s, const struct cv_entry *e)
{
	if (e->flags & CV_EXACT_MODE)
		return (struct cv_new_file){ .mode = e->mode, .exact = true, .mask = s->mask };
	return (struct cv_new_file){
		.mode = 0666, .add_mode = e->flags & CV_ADD_EXEC ? SCRIPT_BITS : 0, .mask = s->mask
	};
}

static int write_copy(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	OWN_FD int from = open(e->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct cv_new_file how = new_file(s, e);
	bool reflink = s->mode !=
		       CVENV_LINK_COPY; /* it may lie on another file system than cached wheels */
	struct stat st;

	if (from < 0)
		return cv_fail(err, errno, "cannot open '%s'", e->source);
	if (fstat(from, &st) < 0)
		return cv_fail(err, errno, "cannot look at '%s'", e->source);
	if (!S_ISREG(st.st_mode))
		return cv_fail_msg(err, EINVAL, "cannot copy '%s': not a regular file", e->source);
	return cv_copy_new(s->fd, e->path, &how, from, (uint64_t)st.st_size, &reflink, err);
}

/* A link's target as a file that can be copied: relative ones count from the link's directory. */
static int copy_instead(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	struct cv_entry copy = *e;
	char source[PATH_MAX];
	const char *slash = strrchr(e->path, '/');

	copy.flags = CV_EXACT_MODE;
	copy.mode = 0755;
	if (e->source[0] != '/') {
		OWN_FD int from = -1;
		struct cv_new_file how = new_file(s, &copy);
		bool reflink = true;
		struct stat st;

		(void)snprintf(source, sizeof(source), "%.*s%s",
			slash ? (int)(slash + 1 - e->path) : 0, e->path, e->source);
		/* It may be our own link to the base: nobody else can write to the stage. */
		from = openat(s->fd, source, O_RDONLY | O_CLOEXEC);
		if (from < 0 || fstat(from, &st) < 0)
			return cv_fail(err, errno, "cannot open '%s'", source);
		return cv_copy_new(s->fd, e->path, &how, from, (uint64_t)st.st_size, &reflink, err);
	}
	return write_copy(s, &copy, err);
}

/*
 * The errors of file systems without symbolic links. VirtualBox shared folders return EROFS, or
 * EPROTO on a Windows host. On a read-only disk the copy fails as well.
 */
static bool has_no_links(int code)
{
	return cv_err_unsupported(code) || code == EPROTO || code == EROFS;
}

static int write_link(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	int code;

	if (symlinkat(e->source, s->fd, e->path) == 0)
		return 0;
	code = errno;
	if (has_no_links(code)) {
		if (e->flags & CV_OPTIONAL) {
			cv_log(s->ctx, CVENV_LOG_INFO, "left out '%s': %s", e->path,
				cv_err_text(code));
			return 0;
		}
		if (e->flags & CV_OR_COPY) {
			cv_log(s->ctx, CVENV_LOG_WARNING,
				"cannot link '%s' to '%s': %s; copying it", e->path, e->source,
				cv_err_text(code));
			return copy_instead(s, e, err);
		}
	}
	return cv_fail(err, code, "cannot create link '%s'", e->path);
}

static int write_entry(struct cv_stage *s, const struct cv_entry *e, struct cvenv_error *err)
{
	struct cv_new_file how = new_file(s, e);
	int rc = e->kind == CVENV_ENTRY_TREE ? 0 : cv_stage_keeps(s, e, e->path, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	switch (e->kind) {
	case CVENV_ENTRY_DIR:
		return cv_stage_dir(s, s->fd, e->path, err);
	case CVENV_ENTRY_LINK:
		return write_link(s, e, err);
	case CVENV_ENTRY_FILE:
		return cv_write_new(s->fd, e->path, &how, e->data, err);
	case CVENV_ENTRY_COPY:
		return write_copy(s, e, err);
	case CVENV_ENTRY_TREE:
		return cv_stage_tree(s, e, err);
	case CVENV_ENTRY_REMOVE:
		return 0; /* of what stands; the merge does it */
	}
	return 0;
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
			return cv_fail(err, EINTR, "stopped");
		rc = write_entry(stage, &plan->entries[i], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
