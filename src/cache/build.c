/* SPDX-License-Identifier: MIT */
#include "cache/build.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/own.h"
#include "base/path.h"
#include "base/system.h"
#include "cache/list.h"
#include "cache/manifest.h"
#include "cache/reuse.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/pack.h"
#include "fs/retry.h"
#include "fs/sweep.h"
#include "interpreter/spawn.h"
#include "wheel/wheel.h"

enum {
	COMPILE_TIMEOUT_MS = 10 * 60 * 1000,
	/* exit status of compile.py if the disk fails; its stderr has the errno */
	EXIT_WRITING = 74,
	ERRNO_MAX = 4095,
	PACK_PART = 512 * 1024, /* bytes of the pack that are in memory at a time */
};

/* A cache entry under construction. */
struct build {
	const struct cv_ctx *ctx;
	const struct cv_cache *cache;
	/* its temporary name in the cache; "" once it has its final name */
	char name[CV_TEMP_NAME_MAX];
	struct cv_os_dir dir, files; /* of the entry; or none */
	struct cv_writing pack;
	struct cv_buf part; /* the part of the pack that is not written yet */
};

static struct build new_build(const struct cv_ctx *ctx, const struct cv_cache *cache)
{
	return (struct build){ .ctx = ctx, .cache = cache };
}

static int begin(struct build *b, struct cvenv_error *err)
{
	int rc;

	cv_stage_sweep(b->cache->root);
	rc = cv_stage_make(b->cache->root, b->name, &b->dir, err);
	if (rc < 0) {
		b->name[0] = '\0';
		return cv_wrap(err, rc, "cannot write to '%s'", b->cache->dir);
	}
	return 0;
}

/* Begin an entry, and create the directory for its files. */
static int begin_tree(struct build *b, struct cvenv_error *err)
{
	int rc = begin(b, err);

	if (rc < 0)
		return rc;
	rc = cv_os_make_dir(b->dir, "files", 0700);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot create directory 'files'");
	rc = cv_os_open_dir(b->dir, "files", CV_OS_NOFOLLOW, &b->files);
	return rc < 0 ? cv_fail(err, -rc, "cannot open 'files'") : 0;
}

static void end(struct build *b)
{
	cv_os_close_dir(&b->dir);
	cv_os_close_dir(&b->files);
	cv_os_drop_file(&b->pack.file);
	cv_buf_done(&b->part);
	if (b->name[0])
		(void)cv_remove_tree(b->cache->root, b->name, NULL);
}

/* Give the entry its name NAME below AT. 0 also if another process was first. */
static int rename_entry(
	struct build *b, struct cv_os_dir at, const char *name, struct cvenv_error *err)
{
	struct cv_retry retry = { .ctx = b->ctx, .left_ms = CV_RETRY_MS };
	int rc;

	/* On Windows, no directory is renamed while one below it is open. */
	cv_os_close_dir(&b->files);
	rc = cv_rename(&retry, b->cache->root, b->name, at, name, CV_OS_REPLACE);
	if (rc == -EEXIST || rc == -ENOTEMPTY)
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot create '%s'", name);
	b->name[0] = '\0';
	return 0;
}

static int settle(struct build *b, const char *name, const struct cv_cached_wheel *tree,
	struct cvenv_error *err)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	OWN_BUF struct cv_buf text = { 0 };
	char *folder;
	int rc;

	cv_manifest_encode(&text, tree);
	if (text.bad)
		return cv_fail_nomem(err);
	rc = cv_write_new(b->dir, "manifest", &(struct cv_new_file){ .mode = 0600 },
		cv_buf_slice(&text), err);
	if (rc < 0)
		return rc;
	folder = cv_strdup(&arena, (struct cv_str){ name, strcspn(name, "/") });
	if (!folder)
		return cv_fail_nomem(err);
	rc = cv_os_make_dir(b->cache->root, folder, 0700);
	if (rc < 0 && rc != -EEXIST)
		return cv_fail(err, -rc, "cannot create directory '%s'", folder);
	return rename_entry(b, b->cache->root, name, err);
}

static int flush_pack(struct build *b)
{
	int rc = b->part.bad ? -ENOMEM : cv_write_add(&b->pack, cv_buf_slice(&b->part));

	b->part.n = 0;
	return rc;
}

static int add_to_pack(struct build *b, const char *data, const struct cv_tree_file *f)
{
	static const char zeros[CV_PACK_ALIGN];

	cv_buf_add(&b->part, data, f->size);
	cv_buf_add(&b->part, zeros, (size_t)(cv_pack_next(0, f) - f->size));
	return b->part.n < PACK_PART ? 0 : flush_pack(b);
}

static int unpack_one(struct build *b, struct cv_wheel *wheel, size_t i,
	const struct cv_tree_file *f, char *room, struct cvenv_error *err)
{
	struct cv_new_file how = cv_tree_new_file(f, NULL);
	char number[CV_U64_ROOM];
	int rc = cv_wheel_read(wheel, i, room, err);

	if (rc < 0)
		return rc;
	how.set_mtime = !b->cache->timeless;
	if (!cv_tree_file_shared(f)) {
		rc = add_to_pack(b, room, f);
		return rc < 0 ? cv_write_end(&b->pack, rc, err) : 0;
	}
	(void)cv_u64_text(i, number);
	rc = cv_write_new(b->files, number, &how, (struct cv_str){ room, f->size }, err);
	return rc < 0 ? cv_wrap(err, rc, "'%s'", f->path) : 0;
}

static int unpack(struct build *b, struct cv_arena *a, struct cv_wheel *wheel,
	struct cv_cached_wheel *ret, struct cvenv_error *err)
{
	const struct cv_new_file how = {
		.mode = 0600, .set_mtime = !b->cache->timeless, .mtime = CV_PACK_MTIME
	};
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
	rc = cv_write_begin(&b->pack, b->dir, "pack", &how, err);
	if (rc < 0)
		return rc;
	cv_progress(b->ctx, CVENV_PHASE_UNPACK, name, 0, wheel->count);
	for (size_t i = 0; i < wheel->count; i++) {
		if (cv_stopped(b->ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		rc = unpack_one(b, wheel, i, &ret->tree.files[i], room, err);
		if (rc < 0)
			return rc;
		cv_progress(b->ctx, CVENV_PHASE_UNPACK, name, i + 1, wheel->count);
	}
	return cv_write_end(&b->pack, flush_pack(b), err);
}

int cv_build_wheel(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const char *path, struct cv_str data, struct cvenv_error *err)
{
	struct build b = new_build(ctx, cache);
	struct cv_wheel wheel;
	struct cv_cached_wheel tree;
	int rc = cv_wheel_open(a, cv_path_base(path), data, &wheel, err);

	if (rc < 0)
		return cv_wrap(err, rc, "wheel '%s'", path);
	rc = begin_tree(&b, err);
	if (rc == 0)
		rc = unpack(&b, a, &wheel, &tree, err);
	if (rc == 0)
		rc = settle(&b, name, &tree, err);
	end(&b);
	cv_wheel_close(&wheel);
	return rc < 0 ? cv_wrap(err, rc, "unpacking '%s'", path) : 0;
}

static int take_out(struct build *b, const struct cv_tree *tree, struct cv_os_file pack,
	bool copies, struct cvenv_error *err)
{
	bool reflink = true;
	uint64_t at = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const struct cv_tree_file *f = &tree->files[i];
		struct cv_new_file how = cv_tree_new_file(f, NULL);
		char number[CV_U64_ROOM];
		int rc;

		if (!cv_pack_has(tree, f))
			continue;
		if (cv_stopped(b->ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		(void)cv_u64_text(i, number);
		rc = cv_copy_part(b->dir, number, &how, pack, at, f->size, &reflink, err);
		if (rc < 0)
			return rc;
		if (!reflink && !copies)
			return cv_fail(err, EOPNOTSUPP, "cannot clone '%s'", tree->pack);
		at = cv_pack_next(at, f);
	}
	return 0;
}

static int add_loose(struct build *b, const char *name, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_os_open_dir(b->cache->root, name, CV_OS_NOFOLLOW, &dir);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", name);
	rc = rename_entry(b, dir, "loose", err);
	return rc < 0 ? cv_wrap(err, rc, "in '%s'", name) : 0;
}

int cv_build_loose(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	const struct cv_tree *tree, bool copies, struct cvenv_error *err)
{
	struct build b = new_build(ctx, cache);
	OWN_OS_FILE struct cv_os_file pack = CV_OS_NO_FILE;
	int rc = cv_pack_open(tree, cv_os_user(), &pack, err);

	if (rc < 0)
		return rc;
	rc = begin(&b, err);
	if (rc == 0)
		rc = take_out(&b, tree, pack, copies, err);
	if (rc == 0)
		rc = add_loose(&b, name, err);
	end(&b);
	return rc;
}

/* Bytecode under construction. */
struct bytecode {
	const struct cv_cached_wheel *wheel;
	const struct cv_bytecode_kind *kind;
	struct cv_reuse reuse;
	/* only names, until keep_made(); file N of the list is `N` in files/ */
	struct cv_targets made;
};

static int reuse_one(struct build *b, struct bytecode *code, size_t i, struct cvenv_error *err)
{
	char number[CV_U64_ROOM];

	(void)cv_u64_text(i, number);
	return cv_reuse_file(&code->reuse, code->made.sources[i], code->made.files[i].path,
		b->files, number, err);
}

/* If file I was created, it becomes file N: set its size and time. */
static int keep_one(
	struct build *b, struct cv_tree_file *files, size_t i, size_t *n, struct cvenv_error *err)
{
	const char *path = files[i].path;
	char number[CV_U64_ROOM], kept[CV_U64_ROOM];
	struct cv_os_stat st;
	int rc;

	(void)cv_u64_text(i, number);
	(void)cv_u64_text(*n, kept);
	rc = cv_os_stat(b->files, number, CV_OS_NOFOLLOW, &st);
	if (rc < 0)
		return rc == -ENOENT ? 0 : cv_fail(err, -rc, "cannot stat '%s'", path);
	/*
	 * Use an old time. With the current time, a later change in the same second could not be
	 * seen.
	 */
	if (!b->cache->timeless)
		rc = cv_os_set_mtime_at(b->files, number, CV_PACK_MTIME);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot set the time of '%s'", path);
	if (i != *n)
		rc = cv_os_rename(b->files, number, b->files, kept, CV_OS_REPLACE);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot rename '%s'", path);
	files[(*n)++] =
		(struct cv_tree_file){ .path = path, .size = st.size, .mtime = CV_PACK_MTIME };
	return 0;
}

static int keep_made(struct build *b, struct bytecode *code, struct cvenv_error *err)
{
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < code->made.count && rc == 0; i++)
		rc = keep_one(b, code->made.files, i, &n, err);
	code->made.count = n;
	return rc;
}

static int settle_bytecode(
	struct build *b, const char *name, struct bytecode *code, struct cvenv_error *err)
{
	struct cv_cached_wheel tree = { .name = code->wheel->name,
		.version = code->wheel->version };
	int rc = keep_made(b, code, err);

	if (rc < 0)
		return rc;
	tree.tree.files = code->made.files;
	tree.tree.count = code->made.count;
	return settle(b, name, &tree, err);
}

/* 1: all files; 0: not all; negative: error. */
static int reuse_all(struct build *b, struct bytecode *code, struct cvenv_error *err)
{
	int rc = 1;

	for (size_t i = 0; i < code->made.count; i++)
		if (!cv_reuse_offers(&code->reuse, code->made.sources[i], code->made.files[i].path))
			return 0;
	rc = begin_tree(b, err);
	for (size_t i = 0; i < code->made.count && rc >= 0; i++) {
		if (cv_stopped(b->ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		rc = reuse_one(b, code, i, err);
		if (rc == 0)
			return 0;
	}
	return rc;
}

int cv_build_reused(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	struct cvenv_error *err)
{
	struct build b = new_build(ctx, cache);
	struct bytecode code = { .wheel = wheel, .kind = kind };
	int rc;

	cv_reuse_open(&code.reuse, wheel, kind);
	rc = !cv_os_dir_ok(code.reuse.site)
		     ? 0
		     : cv_list_targets(a, wheel, kind->cache_tag, &code.made, err);
	if (rc == 0 && code.made.count)
		rc = reuse_all(&b, &code, err);
	if (rc > 0) {
		rc = settle_bytecode(&b, name, &code, err);
		rc = rc < 0 ? rc : 1;
	}
	end(&b);
	cv_reuse_close(&code.reuse);
	return rc;
}

/* The offset of each file in the pack. */
static uint64_t *places(struct cv_arena *a, const struct cv_tree *tree)
{
	uint64_t *at = cv_new(a, uint64_t, tree->count);
	uint64_t next = 0;

	for (size_t i = 0; at && i < tree->count; i++) {
		at[i] = next;
		if (cv_pack_has(tree, &tree->files[i]))
			next = cv_pack_next(next, &tree->files[i]);
	}
	return at;
}

static void add_work(struct build *b, struct bytecode *code, size_t i, const uint64_t *places,
	struct cv_buf *work)
{
	size_t source = code->made.sources[i];
	const struct cv_tree_file *f = &code->wheel->tree.files[source];

	cv_buf_addf(work, "%" PRIu64 " %" PRIu64 " %" PRId64, places[source], f->size, f->mtime);
	cv_buf_char(work, '\0');
	cv_buf_addf(work, "%s/%s/files/%zu", b->cache->dir, b->name, i);
	cv_buf_char(work, '\0');
	cv_buf_cstr(work, f->path);
	cv_buf_char(work, '\0');
}

/* Reuse what the base has, and list the other files as input for compile.py. */
static int list_work(struct build *b, struct bytecode *code, struct cv_arena *a,
	struct cv_buf *work, size_t *ret_count, struct cvenv_error *err)
{
	const uint64_t *at = places(a, &code->wheel->tree);

	*ret_count = 0;
	if (!at)
		return cv_fail_nomem(err);
	cv_buf_cstr(work, code->wheel->tree.pack);
	cv_buf_char(work, '\0');
	for (size_t i = 0; i < code->made.count; i++) {
		int rc = 0;

		if (cv_reuse_offers(&code->reuse, code->made.sources[i], code->made.files[i].path))
			rc = reuse_one(b, code, i, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			continue;
		add_work(b, code, i, at, work);
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
		cv_progress(p->ctx, CVENV_PHASE_COMPILE, p->name, p->done, p->total);
}

/* compile.py prints an errno when it cannot write; EIO if there is none. */
static int said_errno(const char *tail)
{
	struct cv_str rest = cv_str(tail), line;
	uint64_t code;

	return cv_str_cut(&rest, '\n', &line) && cv_str_u64(line, ERRNO_MAX, &code) && code
		       ? (int)code
		       : EIO;
}

static int run_compiler(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_bytecode_kind *kind, const char *dir, unsigned jobs, struct cv_str work,
	struct progress *progress, struct cvenv_error *err)
{
	/* -I would ignore these variables. Without PYTHON* and in DIR, it only is -s. */
	const char *argv[] = { kind->python, kind->fixed ? "-s" : "-I", "-S", "-c",
		cv_embed_compile_py, cv_strfmt(a, "%u", jobs), kind->magic,
		kind->fixed ? "fixed" : "any", CV_WINDOWS ? cv_embed_compile_py : NULL, NULL };
	static const char *const dropped[] = { "PYTHON*", NULL };
	static const char *const fixed[] = { "PYTHONHASHSEED=0", "PYTHONSAFEPATH=1", "PYTHONUTF8=1",
		NULL };
	char tail[CV_SPAWN_TAIL_MAX + 1];
	struct cv_spawn spawn = { .argv = argv,
		.envp = cv_spawn_env(a, ctx, dropped, kind->fixed ? fixed : NULL),
		/* Without -I, Python below 3.11 imports from there: nobody else can write to it. */
		.dir = kind->fixed ? dir : NULL,
		.timeout_ms = COMPILE_TIMEOUT_MS,
		.input = work,
		.output_max = progress->total,
		.on_out = count_done,
		.on_out_data = progress,
		.flags = CV_SPAWN_ERR | (ctx->progress ? CV_SPAWN_OUT : 0),
		.ret_tail = tail };
	int status, rc;

	if (!argv[5] || !spawn.envp || !dir)
		return cv_fail_nomem(err);
	cv_progress(ctx, CVENV_PHASE_COMPILE, progress->name, 0, progress->total);
	rc = cv_spawn(ctx, &spawn, NULL, &status, err);
	if (rc == 0 && status == EXIT_WRITING)
		rc = cv_fail(
			err, said_errno(tail), "cannot write bytecode of '%s'", progress->name);
	else if (rc == 0 && status != 0)
		rc = cv_spawn_failed(err, CVENV_EPYTHON, kind->python, status, tail);
	return rc < 0 ? cv_wrap(err, rc, "compiling") : 0;
}

static int compile_rest(struct build *b, struct bytecode *code, struct cv_arena *a, unsigned jobs,
	struct cvenv_error *err)
{
	OWN_BUF struct cv_buf work = { 0 };
	struct progress progress = { .ctx = b->ctx, .name = cv_strdup(a, code->wheel->name) };
	int rc = list_work(b, code, a, &work, &progress.total, err);

	if (rc < 0 || progress.total == 0)
		return rc;
	if (!progress.name)
		return cv_fail_nomem(err);
	return run_compiler(b->ctx, a, code->kind, cv_path_join(a, b->cache->dir, b->name), jobs,
		cv_buf_slice(&work), &progress, err);
}

int cv_build_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind,
	unsigned jobs, struct cvenv_error *err)
{
	struct build b = new_build(ctx, cache);
	struct bytecode code = { .wheel = wheel, .kind = kind };
	int rc;

	if (!cv_cached_wheel_intact(&wheel->tree))
		return cv_fail(err, CVENV_ECORRUPT, "'%s'", wheel->tree.dir);
	cv_reuse_open(&code.reuse, wheel, kind);
	rc = cv_list_targets(a, wheel, kind->cache_tag, &code.made, err);
	if (rc == 0)
		rc = begin_tree(&b, err);
	if (rc == 0)
		rc = compile_rest(&b, &code, a, jobs, err);
	if (rc == 0)
		rc = settle_bytecode(&b, name, &code, err);
	end(&b);
	cv_reuse_close(&code.reuse);
	return rc;
}
