/* SPDX-License-Identifier: MIT */
#include "finished/archive_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "finished/packed.h"
#include "fs/bytecode.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/retry.h"
#include "fs/sweep.h"
#include "wheel/tar.h"
#include "wheel/zip.h"
#include "wheel/zip_write.h"

enum {
	CHUNK = 128 * 1024,
	MODE_FILE = 0644,
	MODE_EXEC = 0755,
	MODE_LINK = 0777,
	MODE_NEW = 0666, /* of the archive itself, less the umask */
	MODE_NEW_DIR = 0777,
	PROGRESS_STEP = 64, /* members */
};

/* The archive, or the directory, in the staging directory. */
#define STAGED "archive"

struct writer {
	const struct cv_ctx *ctx;
	const struct cv_archive *what;
	struct cv_archive_done *done;
	struct cvenv_error *err;
	struct cv_packed_opener opener;
	struct cv_os_dir stage;
	char *chunk;
	/* of an archive */
	struct cv_writing file;
	struct cv_compressor packer;
	struct cv_zip_writer zip;
	struct cv_buf head;
	uint64_t tar_size;
	/* of a directory */
	struct cv_os_dir tree;
	struct cv_new_file file_how;
	struct cv_writing member;
};

static bool is_dir(const struct writer *w)
{
	return w->what->format == CV_ARCHIVE_DIRECTORY;
}

static bool is_zip(const struct writer *w)
{
	return w->what->format == CV_ARCHIVE_ZIP;
}

static unsigned mode_of(const struct cv_packed *m)
{
	if (m->type == CV_PACKED_LINK)
		return MODE_LINK;
	return m->exec || m->type == CV_PACKED_DIR ? MODE_EXEC : MODE_FILE;
}

static uint64_t size_of(const struct cv_packed *m)
{
	if (m->type != CV_PACKED_FILE)
		return 0;
	return m->has_data ? m->data.n : m->size;
}

/* An error of the archive, which is -errno, with a message; one of a member has its own. */
static int cannot_write(struct writer *w, int rc)
{
	return rc < 0 ? cv_fail(w->err, -rc, "cannot write '%s'", w->what->output) : rc;
}

/* --- bytes of the archive -------------------------------------------------------------------- */

static int to_file(void *data, struct cv_str bytes)
{
	struct writer *w = data;

	w->done->bytes += bytes.n;
	return cv_write_add(&w->file, bytes);
}

static int patch_file(void *data, uint64_t at, struct cv_str bytes)
{
	struct writer *w = data;

	return cv_os_write_at(w->file.file, bytes.p, bytes.n, at);
}

static int tar_add(struct writer *w, struct cv_str bytes)
{
	w->tar_size += bytes.n;
	return cv_compress_add(&w->packer, bytes);
}

static int tar_head(struct writer *w)
{
	int rc = w->head.bad ? -ENOMEM : tar_add(w, cv_buf_slice(&w->head));

	w->head.n = 0;
	return rc;
}

/* --- members --------------------------------------------------------------------------------- */

static int begin_tar(struct writer *w, const struct cv_packed *m)
{
	static const enum cv_tar_type types[] = { [CV_PACKED_FILE] = CV_TAR_FILE,
		[CV_PACKED_DIR] = CV_TAR_DIR,
		[CV_PACKED_LINK] = CV_TAR_LINK };

	cv_tar_header(&w->head, &(struct cv_tar_entry){ .type = types[m->type],
					.name = m->name,
					.target = m->target,
					.mode = mode_of(m),
					.size = size_of(m),
					.mtime = w->what->mtime });
	return cannot_write(w, tar_head(w));
}

static int begin_zip(struct writer *w, const struct cv_packed *m)
{
	static const uint32_t types[] = { [CV_PACKED_FILE] = CV_ZIP_FILE,
		[CV_PACKED_DIR] = CV_ZIP_DIR,
		[CV_PACKED_LINK] = CV_ZIP_LINK };
	int rc = cv_zip_begin(&w->zip,
		&(struct cv_zip_item){ .name = m->name,
			.target = m->type == CV_PACKED_LINK ? m->target : NULL,
			.unix_mode = types[m->type] | mode_of(m),
			.size = size_of(m),
			.mtime = w->what->mtime },
		w->err);

	if (rc == -EILSEQ || rc == -CVENV_ELIMIT)
		return cv_hint(w->err, rc, "choose a name that ends in .tar.gz");
	return cannot_write(w, rc);
}

static int begin_in_tree(struct writer *w, const struct cv_packed *m)
{
	int rc = 0;

	if (m->type == CV_PACKED_FILE) {
		w->file_how = (struct cv_new_file){
			.mode = mode_of(m), .set_mtime = true, .mtime = w->what->mtime
		};
		return cv_write_begin(&w->member, w->tree, m->name, &w->file_how, w->err);
	}
	if (m->type == CV_PACKED_LINK)
		rc = cv_os_symlink(m->target, w->tree, m->name);
	else if (*m->name)
		rc = cv_os_make_dir(w->tree, m->name, MODE_NEW_DIR);
	return cannot_write(w, rc);
}

static int begin_member(struct writer *w, const struct cv_packed *m)
{
	if (is_dir(w))
		return begin_in_tree(w, m);
	return is_zip(w) ? begin_zip(w, m) : begin_tar(w, m);
}

static int add(struct writer *w, struct cv_str bytes)
{
	int rc;

	if (is_dir(w)) {
		w->done->bytes += bytes.n;
		rc = cv_write_add(&w->member, bytes);
	} else {
		rc = is_zip(w) ? cv_zip_add(&w->zip, bytes) : tar_add(w, bytes);
	}
	return cannot_write(w, rc);
}

static int end_member(struct writer *w, const struct cv_packed *m, int rc)
{
	if (is_dir(w))
		return m->type == CV_PACKED_FILE && cv_os_file_ok(w->member.file)
			       ? cv_write_end(&w->member, rc, rc < 0 ? NULL : w->err)
			       : rc;
	if (rc < 0)
		return rc;
	if (is_zip(w))
		return cannot_write(w, cv_zip_end_entry(&w->zip));
	cv_tar_padding(&w->head, size_of(m));
	return cannot_write(w, tar_head(w));
}

/* Do the readers of this format restore times, on which bytecode depends? */
static bool keeps_times(const struct writer *w)
{
	return !is_zip(w);
}

static int add_file(struct writer *w, const struct cv_packed *m)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	int rc = cv_packed_open(&w->opener, m, &file, w->err);

	for (uint64_t done = 0; rc == 0 && done < m->size;) {
		size_t want = m->size - done < CHUNK ? (size_t)(m->size - done) : CHUNK;
		int64_t n = cv_os_read(file, w->chunk, want);

		if (n < 0)
			return cv_fail(w->err, (int)-n, "cannot read '%s'", m->name);
		if (n == 0) /* it has become shorter */
			break;
		if (done == 0 && m->dating == CV_DATING_TIME && n >= CV_PYC_HEADER)
			cv_bytecode_date(w->chunk, w->what->mtime, !keeps_times(w));
		rc = cv_stopped(w->ctx) ? cv_fail(w->err, EINTR, "cannot pack '%s'", m->name)
					: add(w, (struct cv_str){ w->chunk, (size_t)n });
		done += (uint64_t)n;
		if (rc == 0 && done == m->size)
			return cv_packed_check(m, file, w->err);
	}
	if (rc < 0 || m->size == 0)
		return rc;
	rc = cv_fail_msg(w->err, EAGAIN, "'%s' was changed while it was packed", m->name);
	return cv_hint(w->err, rc, "run the command again");
}

static int write_member(struct writer *w, const struct cv_packed *m)
{
	int rc;

	if (cv_stopped(w->ctx))
		return cv_fail(w->err, EINTR, "cannot pack '%s'", m->name);
	rc = begin_member(w, m);
	if (rc == 0 && m->type == CV_PACKED_FILE) {
		rc = m->has_data ? add(w, m->data) : add_file(w, m);
		w->done->files++;
	}
	return end_member(w, m, rc);
}

static int write_members(struct writer *w)
{
	const struct cv_packed_list *all = w->what->members;
	int rc = 0;

	for (size_t i = 0; i < all->count && rc == 0; i++) {
		if (i % PROGRESS_STEP == 0)
			cv_progress(w->ctx, CVENV_PHASE_PACK, w->what->name, i, all->count);
		rc = write_member(w, &all->all[i]);
	}
	if (rc == 0)
		cv_progress(w->ctx, CVENV_PHASE_PACK, w->what->name, all->count, all->count);
	if (rc == 0)
		rc = cv_packed_check_dirs(&w->opener, all, &w->what->top, w->err);
	cv_packed_opener_close(&w->opener);
	return rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int write_archive(struct writer *w)
{
	static const enum cv_compression kinds[] = {
		[CV_ARCHIVE_TAR] = CV_COMPRESS_NONE,
		[CV_ARCHIVE_TAR_GZ] = CV_COMPRESS_GZIP,
		[CV_ARCHIVE_TAR_ZST] = CV_COMPRESS_ZSTD,
		[CV_ARCHIVE_ZIP] = CV_COMPRESS_NONE,
	};
	struct cv_sink sink = { to_file, w };
	int rc = cv_compress_begin(&w->packer, kinds[w->what->format], sink, w->err);

	w->zip = (struct cv_zip_writer){ .sink = sink, .patch = patch_file };
	if (rc == 0)
		rc = write_members(w);
	if (rc == 0 && is_zip(w)) {
		rc = cannot_write(w, cv_zip_end(&w->zip));
	} else if (rc == 0) {
		cv_tar_end(&w->head, w->tar_size);
		rc = tar_head(w);
		rc = cannot_write(w, rc < 0 ? rc : cv_compress_end(&w->packer));
	}
	cv_compress_done(&w->packer);
	cv_zip_write_done(&w->zip);
	cv_buf_done(&w->head);
	return rc;
}

struct reading {
	struct cv_os_file file;
	char *chunk;
};

static int64_t next_part(void *data, const void **ret)
{
	struct reading *r = data;

	*ret = r->chunk;
	return cv_os_read(r->file, r->chunk, CHUNK);
}

static int hash_archive(struct writer *w)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	struct reading reading = { .chunk = w->chunk };
	uint8_t sum[CV_SHA256_SIZE];
	int rc = cv_os_open(w->stage, STAGED, CV_OS_NOFOLLOW, &file);

	if (rc < 0)
		return cannot_write(w, rc);
	reading.file = file;
	rc = cv_sha256_pieces(next_part, &reading, sum);
	if (rc < 0)
		return cannot_write(w, rc);
	cv_sha256_hex_of(sum, w->done->sha256);
	return 0;
}

static int make_archive(struct writer *w)
{
	const struct cv_new_file how = { .mode = MODE_NEW };
	int rc = cv_write_begin(&w->file, w->stage, STAGED, &how, w->err);

	if (rc < 0)
		return rc;
	rc = write_archive(w);
	rc = cv_write_end(&w->file, rc, rc < 0 ? NULL : w->err);
	return rc < 0 ? rc : hash_archive(w);
}

/* Deepest first, because a change in a directory changes its time. */
static int date_tree(struct writer *w)
{
	const struct cv_packed_list *all = w->what->members;
	int rc = 0;

	for (size_t i = all->count; i-- > 0 && rc == 0;) {
		const struct cv_packed *m = &all->all[i];

		if (m->type != CV_PACKED_FILE)
			rc = cv_os_set_mtime_at(w->tree, m->name, w->what->mtime);
		if (rc < 0 && cv_refuses_attribute(-rc))
			rc = 0;
	}
	if (rc == 0)
		(void)cv_os_set_mtime_dir(w->tree, w->what->mtime);
	return cannot_write(w, rc);
}

static int make_tree(struct writer *w)
{
	int rc = cv_os_make_dir(w->stage, STAGED, MODE_NEW_DIR);

	if (rc == 0)
		rc = cv_os_open_dir(w->stage, STAGED, CV_OS_NOFOLLOW, &w->tree);
	rc = cannot_write(w, rc);
	if (rc == 0)
		rc = write_members(w);
	if (rc == 0)
		rc = date_tree(w);
	cv_os_close_dir(&w->tree);
	return rc;
}

static int exists(const char *output, const char *why, struct cvenv_error *err)
{
	return cv_fail_msg(err, EEXIST, "cannot replace '%s': %s", output, why);
}

static int check_place(struct cv_os_dir at, const char *base, const char *output, bool directory,
	struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat(at, base, CV_OS_NOFOLLOW, &st);

	if (rc < 0)
		return rc == -ENOENT ? 0 : cv_fail(err, -rc, "cannot write '%s'", output);
	if (!directory)
		return st.type == CV_OS_FILE ? 0 : exists(output, "it is not a regular file", err);
	if (st.type != CV_OS_DIR) {
		rc = exists(output, "it is not a directory", err);
		return cv_hint(
			err, rc, "the name of an archive ends in .tar.gz, .tar.zst, .tar or .zip");
	}
	rc = cv_os_list_open(at, base, CV_OS_NOFOLLOW, &list);
	rc = rc < 0 ? rc : cv_os_list_next(&list);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot write '%s'", output);
	return rc == 0 ? 0 : exists(output, "it is not empty", err);
}

static int publish(struct writer *w, struct cv_os_dir parent, const char *base)
{
	struct cv_retry retry = { .ctx = w->ctx, .left_ms = CV_RETRY_MS };
	int rc = check_place(parent, base, w->what->output, is_dir(w), w->err);

	if (rc < 0)
		return rc;
	rc = cv_rename(&retry, w->stage, STAGED, parent, base, CV_OS_REPLACE);
	/* Windows does not replace an empty directory. */
	if (rc == -EEXIST && is_dir(w) && cv_os_remove_dir(parent, base) == 0)
		rc = cv_rename_new(&retry, w->stage, STAGED, parent, base);
	return cannot_write(w, rc);
}

static int write_beside(struct writer *w, struct cv_os_dir parent, const char *base)
{
	struct cv_os_stat st = { 0 };
	struct cvenv_error ignored;
	char name[CV_TEMP_NAME_MAX];
	int rc;

	cv_stage_sweep(parent);
	rc = cv_stage_make_stat(parent, name, &w->stage, &st, w->err);
	if (rc < 0)
		return cv_wrap(w->err, rc, "cannot write '%s'", w->what->output);
	rc = is_dir(w) ? make_tree(w) : make_archive(w);
	if (rc == 0)
		rc = publish(w, parent, base);
	cv_os_close_dir(&w->stage);
	if (cv_remove_dir(parent, name, &st, &ignored) < 0)
		cv_log(w->ctx, CVENV_LOG_WARNING, "could not remove '%s': %s", name,
			ignored.message);
	return rc;
}

static int open_parent(const char *output, struct cv_os_dir *ret, struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *dir = cv_path_dir(&a, output);
	int rc = dir ? cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, ret) : -ENOMEM;

	if (rc == 0 && !*cv_path_base(output)) {
		cv_os_close_dir(ret);
		rc = -EISDIR;
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot write '%s'", output) : 0;
}

int cv_archive_check(const char *output, enum cv_archive_format format, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir parent = CV_OS_NO_DIR;
	int rc = open_parent(output, &parent, err);

	return rc < 0 ? rc
		      : check_place(parent, cv_path_base(output), output,
				format == CV_ARCHIVE_DIRECTORY, err);
}

int cv_archive_write(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_archive *what,
	struct cv_archive_done *ret, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir parent = CV_OS_NO_DIR;
	struct writer *w = cv_new(a, struct writer, 1);
	int rc = open_parent(what->output, &parent, err);

	*ret = (struct cv_archive_done){ 0 };
	if (rc < 0)
		return rc;
	if (w)
		*w = (struct writer){ .ctx = ctx, .what = what, .done = ret, .err = err };
	if (w)
		w->chunk = cv_new(a, char, CHUNK);
	if (!w || !w->chunk)
		return cv_fail_nomem(err);
	memcpy(w->opener.roots, what->roots, sizeof(w->opener.roots));
	return write_beside(w, parent, cv_path_base(what->output));
}
