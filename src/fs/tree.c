/* SPDX-License-Identifier: MIT */
#include "fs/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/file.h"

enum {
	PACK_ROOM = 256 * 1024,
	WORTH_A_DESCRIPTOR = 4, /* files in one directory */
};

#define NOT_PACKED UINT64_MAX

/* The pack is read from front to back, a piece at a time, whatever of it is used. */
struct pack {
	int fd;
	uint64_t size;
	char *room;
	uint64_t at; /* of what is in the room */
	size_t have;
};

struct tree {
	struct cv_stage *stage;
	const struct cv_entry *entry;
	int image_fd;
	uid_t owner;
	struct pack pack;
	char dir[PATH_MAX]; /* in the stage, where the last file went */
	size_t dir_len;
	int dir_fd; /* it, or -1 */
};

/* Where a file of PATH in the stage is made: a directory, and *NAME in it. */
static int place(const struct tree *t, const char **name)
{
	if (t->dir_fd < 0)
		return t->stage->fd;
	*name += t->dir_len + 1;
	return t->dir_fd;
}

static int corrupt(const char *path, struct cv_err *err)
{
	return cv_fail(err, CV_ECORRUPT, "'%s'", path);
}

/* What was ours to open cannot be opened: but for a lack that may pass, it is damaged. */
static int cannot_open(const char *path, int code, struct cv_err *err)
{
	if (cv_err_passes(code))
		return cv_fail(err, code, "cannot open '%s'", path);
	return corrupt(path, err);
}

static int open_pack(struct pack *p, const struct cv_image *image, uid_t owner, struct cv_err *err)
{
	const struct cv_image_file whole = { .size = cv_image_pack_size(image),
		.mtime = CV_PACK_MTIME };
	struct stat st;

	p->fd = open(image->pack, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (p->fd < 0)
		return cannot_open(image->pack, errno, err);
	if (fstat(p->fd, &st) < 0 || !cv_image_file_is(&whole, owner, &st))
		return corrupt(image->pack, err);
	p->size = whole.size;
	p->room = malloc(PACK_ROOM);
	return p->room ? 0 : cv_fail_nomem(err);
}

/* Have SIZE bytes of the pack from AT on in the room; false when it ends before its size. */
static bool have(struct pack *p, uint64_t at, uint64_t size)
{
	uint64_t rest = p->size - at;
	size_t want = rest < PACK_ROOM ? (size_t)rest : PACK_ROOM;

	if (at >= p->at && at + size <= p->at + p->have)
		return true;
	p->at = at;
	p->have = 0;
	while (p->have < want) {
		ssize_t n = pread(p->fd, p->room + p->have, want - p->have, (off_t)(at + p->have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p->have += (size_t)n;
	}
	return true;
}

static struct cv_new_file new_file(const struct cv_stage *s, const struct cv_image_file *f)
{
	return (struct cv_new_file){ .mode = f->exec ? 0777 : 0666,
		.add_mode = f->exec ? 0111 : 0,
		.mask = s->mask,
		.set_mtime = true,
		.mtime = f->mtime };
}

static int unpack(struct tree *t, const struct cv_image_file *f, uint64_t at, const char *path,
	struct cv_err *err)
{
	struct cv_new_file how = new_file(t->stage, f);
	struct pack *p = &t->pack;
	int dir_fd = place(t, &path);
	int rc = p->fd >= 0 ? 0 : open_pack(p, t->entry->image, t->owner, err);

	if (rc == 0 && !have(p, at, f->size))
		rc = corrupt(t->entry->image->pack, err);
	if (rc == 0)
		rc = cv_write_new(dir_fd, path, &how,
			(struct cv_str){ p->room + (at - p->at), (size_t)f->size }, err);
	t->stage->copied += rc == 0;
	return rc;
}

/* 1 when it was linked, 0 when a copy must do. */
static int try_link(
	struct tree *t, const struct cv_image_file *f, const char *path, struct cv_err *err)
{
	struct cv_stage *s = t->stage;
	int dir_fd = place(t, &path);
	struct stat st;

	if (fstatat(t->image_fd, f->path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!cv_image_file_is(f, t->owner, &st))
		return corrupt(f->path, err);
	/* A link brings its own mode: it must be the one that a new file would get. */
	if ((st.st_mode & 0777) != ((0666 & s->mask) | (f->exec ? 0111 : 0)) ||
		linkat(t->image_fd, f->path, dir_fd, path, 0) < 0)
		return 0; /* EXDEV, EPERM, EMLINK, ...: a copy says it if more is wrong */
	s->linked++;
	return 1;
}

static int copy(struct tree *t, const struct cv_image_file *f, const char *path, struct cv_err *err)
{
	struct cv_new_file how = new_file(t->stage, f);
	OWN_FD int from =
		openat(t->image_fd, f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct cv_stage *s = t->stage;
	int dir_fd = place(t, &path);
	struct stat st;
	int rc;

	if (from < 0)
		return cannot_open(f->path, errno, err);
	if (fstat(from, &st) < 0 || !cv_image_file_is(f, t->owner, &st))
		return corrupt(f->path, err);
	rc = cv_copy_new(dir_fd, path, &how, from, f->size, &s->reflink, err);
	if (rc == 0)
		*(s->reflink ? &s->cloned : &s->copied) += 1;
	return rc;
}

/* PACK_AT: where it stands in the pack; NOT_PACKED: by itself. */
static int write_file(struct tree *t, const struct cv_image_file *f, uint64_t pack_at,
	const char *path, struct cv_err *err)
{
	const struct cv_stage *s = t->stage;
	int rc = 0;

	if (s->mode == CV_LINK_HARDLINK || (s->mode == CV_LINK_AUTO && cv_image_file_shared(f)))
		rc = try_link(t, f, path, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (pack_at != NOT_PACKED && !s->reflink)
		return unpack(t, f, pack_at, path, err);
	return copy(t, f, path, err);
}

/* PATH less its last component. */
static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

/* Make the directory of PATH and what is missing above it, below BASE_LEN bytes that stand. */
static int make_dir(struct cv_stage *s, char *path, size_t base_len, struct cv_err *err)
{
	size_t len = dir_len(path);
	int rc;

	if (len <= base_len)
		return 0;
	path[len] = '\0';
	rc = cv_stage_dir(s, path, err);
	if (rc == -ENOENT) {
		rc = make_dir(s, path, base_len, err);
		if (rc == 0)
			rc = cv_stage_dir(s, path, err);
	}
	path[len] = '/';
	return rc;
}

/* How many of the files from FILES on lie in one directory, but not more than MAX. */
static size_t run_length(const struct cv_image_file *files, size_t count, size_t max)
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
static int enter(struct tree *t, size_t i, char *path, struct cv_err *err)
{
	const struct cv_image *image = t->entry->image;
	size_t len = dir_len(path);
	int rc = 0;

	if (len == t->dir_len && memcmp(path, t->dir, len) == 0)
		return 0;
	cv_own_fd(&t->dir_fd);
	t->dir_fd = -1;
	rc = make_dir(t->stage, path, strlen(t->entry->path), err);
	if (rc < 0)
		return rc;
	memcpy(t->dir, path, len);
	t->dir[len] = '\0';
	t->dir_len = len;
	if (run_length(image->files + i, image->count - i, WORTH_A_DESCRIPTOR) < WORTH_A_DESCRIPTOR)
		return 0;
	t->dir_fd = openat(t->stage->fd, t->dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return t->dir_fd < 0 ? cv_fail(err, errno, "cannot open '%s'", t->dir) : 0;
}

static int write_files(struct tree *t, struct cv_err *err)
{
	const struct cv_image *image = t->entry->image;
	char path[PATH_MAX];
	uint64_t pack_at = 0;
	int rc = 0;

	for (size_t i = 0; i < image->count && rc == 0; i++) {
		const struct cv_image_file *f = &image->files[i];
		int n = snprintf(path, sizeof(path), "%s/%s", t->entry->path, f->path);
		uint64_t at = image->pack && cv_image_file_packed(f) ? pack_at : NOT_PACKED;

		pack_at += at == NOT_PACKED ? 0 : f->size;
		if (n < 0 || (size_t)n >= sizeof(path))
			return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", f->path);
		if (cv_stopped(t->stage->ctx))
			return cv_fail(err, EINTR, "stopped");
		rc = cv_stage_keeps(t->stage, t->entry, path, err);
		if (rc > 0) {
			rc = 0;
			continue;
		}
		if (rc == 0)
			rc = enter(t, i, path, err);
		if (rc == 0)
			rc = write_file(t, f, at, path, err);
	}
	return rc;
}

int cv_stage_tree(struct cv_stage *stage, const struct cv_entry *entry, struct cv_err *err)
{
	struct tree t = { .stage = stage,
		.entry = entry,
		.image_fd = cv_open_dir(AT_FDCWD, entry->image->dir),
		.owner = geteuid(),
		.pack = { .fd = -1 },
		.dir_fd = -1 };
	int rc;

	if (t.image_fd >= 0)
		rc = write_files(&t, err);
	else if (t.image_fd == -ENOENT || t.image_fd == -ELOOP || t.image_fd == -ENOTDIR)
		rc = corrupt(entry->image->dir, err);
	else
		rc = cv_fail(err, -t.image_fd, "cannot open '%s'", entry->image->dir);

	cv_own_fd(&t.dir_fd);
	cv_own_fd(&t.image_fd);
	cv_own_fd(&t.pack.fd);
	free(t.pack.room);
	return rc;
}
