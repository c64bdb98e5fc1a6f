/* SPDX-License-Identifier: MIT */
#include "cache/reuse.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/bytecode.h"
#include "fs/file.h"
#include "wheel/record.h"

enum { PYC_MAX = 64 << 20 };

void cv_reuse_open(struct cv_reuse *ret, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind)
{
	*ret = (struct cv_reuse){ .wheel = wheel, .kind = kind, .site_fd = -1 };
	if (kind->site && kind->site[0] == '/')
		ret->site_fd = open(kind->site, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void cv_reuse_close(struct cv_reuse *reuse)
{
	cv_own_fd(&reuse->site_fd);
	reuse->site_fd = -1;
}

bool cv_reuse_offers(const struct cv_reuse *reuse, size_t source, const char *target)
{
	const struct cv_tree_file *f = &reuse->wheel->tree.files[source];
	struct stat st;

	return reuse->site_fd >= 0 && fstatat(reuse->site_fd, target, &st, 0) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size > CV_PYC_HEADER &&
	       fstatat(reuse->site_fd, f->path, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == f->size;
}

static bool same_source(
	const struct cv_reuse *reuse, size_t source, struct cv_arena *a, struct stat *ret_st)
{
	const struct cv_tree_file *f = &reuse->wheel->tree.files[source];
	struct cv_str text;

	return cv_read_file_stat(
		       reuse->site_fd, f->path, 0, (size_t)f->size, a, &text, ret_st, NULL) == 0 &&
	       cv_record_hashes(reuse->wheel->hashes[source], text);
}

/* Is that bytecode of the source that ST describes? Then *ret_header is what ours begins with. */
static bool header_fits(const struct cv_reuse *reuse, size_t source, struct cv_str pyc,
	const struct stat *st, char ret_header[CV_PYC_HEADER])
{
	uint32_t flags;
	char magic[9] = "";

	if (pyc.n <= CV_PYC_HEADER)
		return false;
	for (size_t i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		unsigned byte = (unsigned char)pyc.p[i];

		magic[2 * i] = digits[byte >> 4];
		magic[2 * i + 1] = digits[byte & 15];
	}
	if (strcmp(magic, reuse->kind->magic) != 0)
		return false;
	memcpy(ret_header, pyc.p, CV_PYC_HEADER);
	flags = cv_pyc_get(pyc.p + CV_PYC_FLAGS_AT);
	if (flags == CV_PYC_BY_HASH || flags == CV_PYC_BY_HASH_CHECKED)
		return true;
	if (flags != CV_PYC_BY_TIME ||
		cv_pyc_get(pyc.p + CV_PYC_MTIME_AT) != (uint32_t)st->st_mtim.tv_sec ||
		cv_pyc_get(pyc.p + CV_PYC_SIZE_AT) != (uint32_t)st->st_size)
		return false;
	cv_pyc_put(ret_header + CV_PYC_MTIME_AT, (uint32_t)reuse->wheel->tree.files[source].mtime);
	return true;
}

int cv_reuse_file(const struct cv_reuse *reuse, size_t source, const char *target, int files_fd,
	const char *name, struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	OWN_BUF struct cv_buf data = { 0 };
	char header[CV_PYC_HEADER];
	struct cv_str pyc;
	struct stat st;
	int rc;

	if (!same_source(reuse, source, &a, &st) ||
		cv_read_file(reuse->site_fd, target, 0, PYC_MAX, &a, &pyc, NULL) < 0 ||
		!header_fits(reuse, source, pyc, &st, header))
		return 0;
	cv_buf_add(&data, header, CV_PYC_HEADER);
	cv_buf_add(&data, pyc.p + CV_PYC_HEADER, pyc.n - CV_PYC_HEADER);
	if (data.bad)
		return cv_fail_nomem(err);
	rc = cv_write_new(
		files_fd, name, &(struct cv_new_file){ .mode = 0666 }, cv_buf_slice(&data), err);
	return rc < 0 ? rc : 1;
}
