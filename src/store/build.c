/* SPDX-License-Identifier: MIT */
#include "store/build.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "python/spawn.h"
#include "store/manifest.h"
#include "wheel/wheel.h"

enum {
	COMPILE_TIMEOUT_MS = 10 * 60 * 1000,
	EXIT_WRITING = 74, /* compile.py's, when it is the disk that fails */
};

/* An image under construction. */
struct build {
	const struct cv_ctx *ctx;
	const struct cv_store *store;
	char name[CV_TEMP_NAME_MAX]; /* in the store; "" once it is in place */
	int fd, files_fd;
	struct cv_buf pack; /* see fs/plan.h */
};

static int begin(struct build *b, struct cv_err *err)
{
	int rc;

	cv_stage_sweep(b->store->fd);
	rc = cv_stage_make(b->store->fd, b->name, &b->fd, err);

	if (rc < 0) {
		b->name[0] = '\0';
		return rc;
	}
	if (mkdirat(b->fd, "files", 0700) < 0)
		return cv_fail(err, errno, "cannot create directory 'files'");
	b->files_fd = cv_open_dir(b->fd, "files");
	return b->files_fd < 0 ? cv_fail(err, -b->files_fd, "cannot open 'files'") : 0;
}

static void end(struct build *b)
{
	struct cv_err ignored;

	cv_own_fd(&b->fd);
	cv_own_fd(&b->files_fd);
	cv_buf_done(&b->pack);
	if (b->name[0])
		(void)cv_remove_tree(b->store->fd, b->name, &ignored);
}

static int settle(
	struct build *b, const char *name, const struct cv_wheel_image *image, struct cv_err *err)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	OWN_BUF struct cv_buf text = { 0 };
	char *folder;
	int rc;

	cv_manifest_encode(&text, image);
	if (text.bad)
		return cv_fail_nomem(err);
	rc = cv_write_new(
		b->fd, "manifest", &(struct cv_new_file){ .mode = 0600 }, cv_buf_slice(&text), err);
	if (rc < 0)
		return rc;
	folder = cv_strdup(&arena, (struct cv_str){ name, strcspn(name, "/") });
	if (!folder)
		return cv_fail_nomem(err);
	(void)mkdirat(b->store->fd, folder, 0700);
	if (renameat(b->store->fd, b->name, b->store->fd, name) < 0) {
		if (errno == EEXIST || errno == ENOTEMPTY)
			return 0; /* another process was first */
		return cv_fail(err, errno, "cannot create '%s'", name);
	}
	b->name[0] = '\0';
	return 0;
}

/* Make what is missing of the directories above PATH. */
static int make_above(int fd, const char *path, struct cv_err *err)
{
	char dir[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(dir))
		return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", path);
	memcpy(dir, path, len + 1);
	for (char *p = strchr(dir, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdirat(fd, dir, 0700) < 0 && errno != EEXIST)
			return cv_fail(err, errno, "cannot create directory '%s'", dir);
		*p = '/';
	}
	return 0;
}

static int unpack_one(struct build *b, struct cv_wheel *wheel, size_t i,
	const struct cv_image_file *image_file, char *room, struct cv_err *err)
{
	const char *path = image_file->path;
	const struct cv_wheel_file *f = &wheel->files[i];
	struct cv_new_file how = { .mode = f->exec ? 0777 : 0666,
		.add_mode = f->exec ? 0111 : 0,
		.set_mtime = true,
		.mtime = f->mtime };
	int rc = cv_wheel_read(wheel, i, room, err);

	if (rc == 0)
		rc = make_above(b->files_fd, path, err);
	if (rc == 0)
		rc = cv_write_new(b->files_fd, path, &how, (struct cv_str){ room, f->size }, err);
	if (rc == 0 && cv_image_file_packed(image_file))
		cv_buf_add(&b->pack, room, f->size);
	return rc;
}

static int write_pack(struct build *b, struct cv_err *err)
{
	const struct cv_new_file how = { .mode = 0600, .set_mtime = true, .mtime = CV_PACK_MTIME };

	if (b->pack.bad)
		return cv_fail_nomem(err);
	return cv_write_new(b->fd, "pack", &how, cv_buf_slice(&b->pack), err);
}

static int unpack(struct build *b, struct cv_arena *a, struct cv_wheel *wheel,
	struct cv_wheel_image *ret, struct cv_err *err)
{
	struct cv_image_file *files = cv_new(a, struct cv_image_file, wheel->count);
	struct cv_str *hashes = cv_new(a, struct cv_str, wheel->count);
	OWN_MEM char *room = NULL;
	size_t largest = 1;
	int rc;

	for (size_t i = 0; i < wheel->count; i++)
		if (wheel->files[i].size > largest)
			largest = (size_t)wheel->files[i].size;
	room = malloc(largest);
	if (!files || !hashes || !room)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < wheel->count; i++) {
		const struct cv_wheel_file *f = &wheel->files[i];

		files[i] = (struct cv_image_file){ .path = cv_strdup(a, f->path),
			.size = f->size,
			.mtime = f->mtime,
			.exec = f->exec };
		hashes[i] = f->hash;
		if (!files[i].path)
			return cv_fail_nomem(err);
		if (cv_stopped(b->ctx))
			return cv_fail(err, EINTR, "stopped");
		rc = unpack_one(b, wheel, i, &files[i], room, err);
		if (rc < 0)
			return rc;
	}
	rc = write_pack(b, err);
	if (rc < 0)
		return rc;
	*ret = (struct cv_wheel_image){ .image = { .files = files, .count = wheel->count },
		.hashes = hashes,
		.name = wheel->name,
		.version = wheel->version,
		.dist_info = wheel->dist_info,
		.entry_points = wheel->entry_points,
		.requires_python = wheel->requires_python };
	return 0;
}

int cv_build_wheel(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *name, const char *path, struct cv_str data, struct cv_err *err)
{
	struct build b = { .ctx = ctx, .store = store, .fd = -1, .files_fd = -1 };
	struct cv_wheel wheel;
	struct cv_wheel_image image;
	int rc = cv_wheel_open(a, cv_path_base(path), data, &wheel, err);

	if (rc < 0)
		return cv_wrap(err, rc, "wheel '%s'", path);
	rc = begin(&b, err);
	if (rc == 0)
		rc = unpack(&b, a, &wheel, &image, err);
	if (rc == 0)
		rc = settle(&b, name, &image, err);
	end(&b);
	cv_wheel_close(&wheel);
	return rc < 0 ? cv_wrap(err, rc, "unpacking '%s'", path) : 0;
}

/* What compile.py reads, and the files that it may make. */
static int list_work(struct build *b, struct cv_arena *a, const struct cv_wheel_image *wheel,
	const char *tag, struct cv_buf *work, struct cv_image_file *files, size_t *ret_count,
	struct cv_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < wheel->image.count; i++) {
		const char *source = wheel->image.files[i].path;
		char *target;
		int rc;

		if (!cv_str_ends(cv_str(source), CV_LIT(".py")))
			continue;
		target = cv_path_bytecode(a, source, tag, "");
		if (!target)
			return cv_fail_nomem(err);
		rc = make_above(b->files_fd, target, err);
		if (rc < 0)
			return rc;
		cv_buf_addf(work, "%s/%s", wheel->image.dir, source);
		cv_buf_char(work, '\0');
		cv_buf_addf(work, "%s/%s/files/%s", b->store->dir, b->name, target);
		cv_buf_char(work, '\0');
		cv_buf_cstr(work, source);
		cv_buf_char(work, '\0');
		files[n++].path = target;
	}
	*ret_count = n;
	return work->bad ? cv_fail_nomem(err) : 0;
}

static int run_compiler(const struct cv_ctx *ctx, struct cv_arena *a, const char *python,
	unsigned jobs, struct cv_str work, struct cv_err *err)
{
	const char *argv[] = { python, "-I", "-S", "-c", cv_embed_compile_py,
		cv_strfmt(a, "%u", jobs), NULL };
	static const char *const dropped[] = { "PYTHON*", NULL };
	char tail[CV_SPAWN_TAIL_MAX + 1];
	struct cv_spawn spawn = { .argv = argv,
		.envp = cv_spawn_env(a, ctx, dropped, NULL),
		.timeout_ms = COMPILE_TIMEOUT_MS,
		.input = work,
		.flags = CV_SPAWN_ERR,
		.ret_tail = tail };
	int status, rc;

	if (!argv[5] || !spawn.envp)
		return cv_fail_nomem(err);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status == EXIT_WRITING)
		rc = cv_fail(err, EIO, "cannot write bytecode");
	else if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CV_EPYTHON, python, status, tail);
	return rc < 0 ? cv_wrap(err, rc, "compiling") : 0;
}

static int by_path(const void *a, const void *b)
{
	const struct cv_image_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Keep the names that came into being, sorted, with their sizes and times. */
static size_t keep_made(int files_fd, struct cv_image_file *files, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct stat st;

		if (fstatat(files_fd, files[i].path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(st.st_mode))
			continue;
		files[n++] = (struct cv_image_file){ .path = files[i].path,
			.size = (uint64_t)st.st_size,
			.mtime = st.st_mtim.tv_sec };
	}
	qsort(files, n, sizeof(*files), by_path);
	return n;
}

int cv_build_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *name, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind,
	unsigned jobs, struct cv_err *err)
{
	struct build b = { .ctx = ctx, .store = store, .fd = -1, .files_fd = -1 };
	struct cv_image_file *files = cv_new(a, struct cv_image_file, wheel->image.count);
	struct cv_wheel_image image = { .name = wheel->name, .version = wheel->version };
	OWN_BUF struct cv_buf work = { 0 };
	size_t count = 0;
	int rc;

	if (!files)
		return cv_fail_nomem(err);
	if (!cv_image_intact(&wheel->image))
		return cv_fail(err, CV_ECORRUPT, "'%s'", wheel->image.dir);
	rc = begin(&b, err);
	if (rc == 0)
		rc = list_work(&b, a, wheel, kind->cache_tag, &work, files, &count, err);
	if (rc == 0)
		rc = run_compiler(ctx, a, kind->python, jobs, cv_buf_slice(&work), err);
	if (rc == 0) {
		image.image.files = files;
		image.image.count = keep_made(b.files_fd, files, count);
		rc = settle(&b, name, &image, err);
	}
	end(&b);
	return rc;
}
