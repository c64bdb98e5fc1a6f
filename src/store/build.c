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
#include "store/adopt.h"
#include "store/list.h"
#include "store/manifest.h"
#include "wheel/wheel.h"

enum {
	COMPILE_TIMEOUT_MS = 10 * 60 * 1000,
	EXIT_WRITING = 74, /* compile.py's, when it is the disk that fails; stderr has the errno */
	ERRNO_MAX = 4095,
};

/* An image under construction. */
struct build {
	const struct cv_ctx *ctx;
	const struct cv_store *store;
	char name[CV_TEMP_NAME_MAX]; /* in the store; "" once it is in place */
	int fd, files_fd;
	char above[PATH_MAX]; /* in files/, with a slash at its end: the last directory made */
	struct cv_buf pack;   /* see fs/plan.h */
};

static int begin(struct build *b, struct cv_err *err)
{
	int rc;

	cv_stage_sweep(b->store->fd);
	rc = cv_stage_make(b->store->fd, b->name, &b->fd, err);

	if (rc < 0) {
		b->name[0] = '\0';
		return cv_wrap(err, rc, "cannot write to '%s'", b->store->dir);
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
	if (mkdirat(b->store->fd, folder, 0700) < 0 && errno != EEXIST)
		return cv_fail(err, errno, "cannot create directory '%s'", folder);
	if (renameat(b->store->fd, b->name, b->store->fd, name) < 0) {
		if (errno == EEXIST || errno == ENOTEMPTY)
			return 0; /* another process was first */
		return cv_fail(err, errno, "cannot create '%s'", name);
	}
	b->name[0] = '\0';
	return 0;
}

/* Make what is missing of the directories above PATH; files of one directory come together. */
static int make_above(struct build *b, const char *path, struct cv_err *err)
{
	size_t len = (size_t)(cv_path_base(path) - path);
	char dir[PATH_MAX];

	if (strlen(path) >= sizeof(dir))
		return cv_fail(err, ENAMETOOLONG, "cannot create '%s'", path);
	if (strncmp(b->above, path, len) == 0 && b->above[len] == '\0')
		return 0;
	memcpy(dir, path, len);
	dir[len] = '\0';
	for (char *p = strchr(dir, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdirat(b->files_fd, dir, 0700) < 0 && errno != EEXIST)
			return cv_fail(err, errno, "cannot create directory '%s'", dir);
		*p = '/';
	}
	memcpy(b->above, dir, len + 1);
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
		rc = make_above(b, path, err);
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
	const char *name = cv_strdup(a, wheel->name);
	OWN_MEM char *room = NULL;
	size_t largest = 1;
	int rc = cv_list_files(a, wheel, ret, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < wheel->count; i++)
		if (wheel->files[i].size > largest)
			largest = (size_t)wheel->files[i].size;
	room = malloc(largest);
	if (!room || !name)
		return cv_fail_nomem(err);
	cv_progress(b->ctx, CV_UNPACK, name, 0, wheel->count);
	for (size_t i = 0; i < wheel->count; i++) {
		if (cv_stopped(b->ctx))
			return cv_fail(err, EINTR, "stopped");
		rc = unpack_one(b, wheel, i, &ret->image.files[i], room, err);
		if (rc < 0)
			return rc;
		cv_progress(b->ctx, CV_UNPACK, name, i + 1, wheel->count);
	}
	return write_pack(b, err);
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

/* Bytecode on its way. */
struct bytecode {
	const struct cv_wheel_image *wheel;
	const struct cv_bytecode *kind;
	struct cv_adopt adopt;
	struct cv_targets made; /* named only, until keep_made() */
};

static int make_dirs(struct build *b, const struct bytecode *code, struct cv_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < code->made.count && rc == 0; i++)
		rc = make_above(b, code->made.files[i].path, err);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	const struct cv_image_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Keep the names that came into being, sorted, with their sizes and one time. */
static int keep_made(int files_fd, struct bytecode *code, struct cv_err *err)
{
	/* An old time, as sources have: with that of now a change in the same second would not
	 * show. */
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = CV_PACK_MTIME } };
	size_t n = 0;

	for (size_t i = 0; i < code->made.count; i++) {
		const char *path = code->made.files[i].path;
		struct stat st;

		if (fstatat(files_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue;
			return cv_fail(err, errno, "cannot look at '%s'", path);
		}
		if (utimensat(files_fd, path, times, AT_SYMLINK_NOFOLLOW) < 0)
			return cv_fail(err, errno, "cannot set the time of '%s'", path);
		code->made.files[n++] = (struct cv_image_file){
			.path = path, .size = (uint64_t)st.st_size, .mtime = CV_PACK_MTIME
		};
	}
	qsort(code->made.files, n, sizeof(*code->made.files), by_path);
	code->made.count = n;
	return 0;
}

static int settle_bytecode(
	struct build *b, const char *name, struct bytecode *code, struct cv_err *err)
{
	struct cv_wheel_image image = { .name = code->wheel->name,
		.version = code->wheel->version };
	int rc = keep_made(b->files_fd, code, err);

	if (rc < 0)
		return rc;
	image.image.files = code->made.files;
	image.image.count = code->made.count;
	return settle(b, name, &image, err);
}

/* 1: all of them; 0: not all; negative. */
static int adopt_all(struct build *b, struct bytecode *code, struct cv_err *err)
{
	int rc = 1;

	for (size_t i = 0; i < code->made.count; i++)
		if (!cv_adopt_offers(&code->adopt, code->made.sources[i], code->made.files[i].path))
			return 0;
	rc = begin(b, err);
	if (rc == 0)
		rc = make_dirs(b, code, err);
	for (size_t i = 0; i < code->made.count && rc >= 0; i++) {
		if (cv_stopped(b->ctx))
			return cv_fail(err, EINTR, "stopped");
		rc = cv_adopt_file(&code->adopt, code->made.sources[i], code->made.files[i].path,
			b->files_fd, err);
		if (rc == 0)
			return 0;
	}
	return rc;
}

int cv_build_adopted(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *name, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind,
	struct cv_err *err)
{
	struct build b = { .ctx = ctx, .store = store, .fd = -1, .files_fd = -1 };
	struct bytecode code = { .wheel = wheel, .kind = kind };
	int rc;

	cv_adopt_open(&code.adopt, wheel, kind);
	rc = code.adopt.site_fd < 0 ? 0
				    : cv_list_targets(a, wheel, kind->cache_tag, &code.made, err);
	if (rc == 0 && code.made.count)
		rc = adopt_all(&b, &code, err);
	if (rc > 0) {
		rc = settle_bytecode(&b, name, &code, err);
		rc = rc < 0 ? rc : 1;
	}
	end(&b);
	cv_adopt_close(&code.adopt);
	return rc;
}

/* What the base cannot give, for compile.py to read. */
static int list_work(struct build *b, struct bytecode *code, struct cv_buf *work, size_t *ret_count,
	struct cv_err *err)
{
	*ret_count = 0;
	for (size_t i = 0; i < code->made.count; i++) {
		const char *target = code->made.files[i].path;
		const char *source = code->wheel->image.files[code->made.sources[i]].path;
		int rc = 0;

		if (cv_adopt_offers(&code->adopt, code->made.sources[i], target))
			rc = cv_adopt_file(
				&code->adopt, code->made.sources[i], target, b->files_fd, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		cv_buf_addf(work, "%s/%s", code->wheel->image.dir, source);
		cv_buf_char(work, '\0');
		cv_buf_addf(work, "%s/%s/files/%s", b->store->dir, b->name, target);
		cv_buf_char(work, '\0');
		cv_buf_cstr(work, source);
		cv_buf_char(work, '\0');
		++*ret_count;
	}
	return work->bad ? cv_fail_nomem(err) : 0;
}

struct progress {
	const struct cv_ctx *ctx;
	const char *name;
	size_t done, total;
};

/* compile.py prints a byte for each file. */
static void count_done(void *data, struct cv_str part)
{
	struct progress *p = data;

	p->done += part.n;
	if (p->done <= p->total)
		cv_progress(p->ctx, CV_COMPILE, p->name, p->done, p->total);
}

/* The first line of what compile.py said when it failed to write. */
static int said_errno(const char *tail)
{
	struct cv_str rest = cv_str(tail), line;
	uint64_t code;

	return cv_str_cut(&rest, '\n', &line) && cv_str_u64(line, ERRNO_MAX, &code) && code
		       ? (int)code
		       : EIO;
}

static int run_compiler(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_bytecode *kind, unsigned jobs, struct cv_str work,
	struct progress *progress, struct cv_err *err)
{
	const char *argv[] = { kind->python, "-I", "-S", "-c", cv_embed_compile_py,
		cv_strfmt(a, "%u", jobs), kind->magic, NULL };
	static const char *const dropped[] = { "PYTHON*", NULL };
	char tail[CV_SPAWN_TAIL_MAX + 1];
	struct cv_spawn spawn = { .argv = argv,
		.envp = cv_spawn_env(a, ctx, dropped, NULL),
		.timeout_ms = COMPILE_TIMEOUT_MS,
		.input = work,
		.output_max = progress->total,
		.on_out = count_done,
		.on_out_data = progress,
		.flags = CV_SPAWN_ERR | (ctx->progress ? CV_SPAWN_OUT : 0),
		.ret_tail = tail };
	int status, rc;

	if (!argv[5] || !spawn.envp)
		return cv_fail_nomem(err);
	cv_progress(ctx, CV_COMPILE, progress->name, 0, progress->total);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status == EXIT_WRITING)
		rc = cv_fail(
			err, said_errno(tail), "cannot write bytecode of '%s'", progress->name);
	else if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CV_EPYTHON, kind->python, status, tail);
	return rc < 0 ? cv_wrap(err, rc, "compiling") : 0;
}

static int compile_rest(struct build *b, struct bytecode *code, struct cv_arena *a, unsigned jobs,
	struct cv_err *err)
{
	OWN_BUF struct cv_buf work = { 0 };
	struct progress progress = { .ctx = b->ctx, .name = cv_strdup(a, code->wheel->name) };
	int rc = list_work(b, code, &work, &progress.total, err);

	if (rc < 0 || progress.total == 0)
		return rc;
	if (!progress.name)
		return cv_fail_nomem(err);
	return run_compiler(b->ctx, a, code->kind, jobs, cv_buf_slice(&work), &progress, err);
}

int cv_build_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const char *name, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind,
	unsigned jobs, struct cv_err *err)
{
	struct build b = { .ctx = ctx, .store = store, .fd = -1, .files_fd = -1 };
	struct bytecode code = { .wheel = wheel, .kind = kind };
	int rc;

	if (!cv_image_intact(&wheel->image))
		return cv_fail(err, CV_ECORRUPT, "'%s'", wheel->image.dir);
	cv_adopt_open(&code.adopt, wheel, kind);
	rc = cv_list_targets(a, wheel, kind->cache_tag, &code.made, err);
	if (rc == 0)
		rc = begin(&b, err);
	if (rc == 0)
		rc = make_dirs(&b, &code, err);
	if (rc == 0)
		rc = compile_rest(&b, &code, a, jobs, err);
	if (rc == 0)
		rc = settle_bytecode(&b, name, &code, err);
	end(&b);
	cv_adopt_close(&code.adopt);
	return rc;
}
