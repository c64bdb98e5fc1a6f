/* SPDX-License-Identifier: MIT */
#include "cache/reuse.h"

#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/bytecode.h"
#include "fs/file.h"
#include "wheel/record.h"

enum { PYC_MAX = 64 << 20 };

void cv_reuse_open(struct cv_reuse *ret, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind)
{
	*ret = (struct cv_reuse){ .wheel = wheel, .kind = kind };
	if (kind->site && cv_path_is_abs(kind->site))
		(void)cv_os_open_dir(CV_OS_ABSOLUTE, kind->site, CV_OS_FOLLOW, &ret->site);
}

void cv_reuse_close(struct cv_reuse *reuse)
{
	cv_os_close_dir(&reuse->site);
}

bool cv_reuse_offers(const struct cv_reuse *reuse, size_t source, const char *target)
{
	const struct cv_tree_file *f = &reuse->wheel->tree.files[source];
	struct cv_os_stat st;

	return cv_os_dir_ok(reuse->site) &&
	       cv_os_stat(reuse->site, target, CV_OS_FOLLOW, &st) == 0 && st.type == CV_OS_FILE &&
	       st.size > CV_PYC_HEADER &&
	       cv_os_stat(reuse->site, f->path, CV_OS_FOLLOW, &st) == 0 && st.type == CV_OS_FILE &&
	       st.size == f->size;
}

static bool same_source(
	const struct cv_reuse *reuse, size_t source, struct cv_arena *a, struct cv_os_stat *ret_st)
{
	const struct cv_tree_file *f = &reuse->wheel->tree.files[source];
	struct cv_str text;

	return cv_read_file_stat(reuse->site, f->path, CV_OS_FOLLOW, (size_t)f->size, a, &text,
		       ret_st, NULL) == 0 &&
	       cv_record_hashes(reuse->wheel->hashes[source], text);
}

/*
 * Is PYC bytecode of the source that ST describes? Then *ret_header is the header for the cached
 * wheel.
 */
static bool header_fits(const struct cv_reuse *reuse, size_t source, struct cv_str pyc,
	const struct cv_os_stat *st, char ret_header[CV_PYC_HEADER])
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
		cv_pyc_get(pyc.p + CV_PYC_MTIME_AT) != (uint32_t)st->mtime.s ||
		cv_pyc_get(pyc.p + CV_PYC_SIZE_AT) != (uint32_t)st->size)
		return false;
	cv_pyc_put(ret_header + CV_PYC_MTIME_AT, (uint32_t)reuse->wheel->tree.files[source].mtime);
	return true;
}

int cv_reuse_file(const struct cv_reuse *reuse, size_t source, const char *target,
	struct cv_os_dir files, const char *name, struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	OWN_BUF struct cv_buf data = { 0 };
	char header[CV_PYC_HEADER];
	struct cv_str pyc;
	struct cv_os_stat st;
	int rc;

	if (!same_source(reuse, source, &a, &st) ||
		cv_read_file(reuse->site, target, CV_OS_FOLLOW, PYC_MAX, &a, &pyc, NULL) < 0 ||
		!header_fits(reuse, source, pyc, &st, header))
		return 0;
	cv_buf_add(&data, header, CV_PYC_HEADER);
	cv_buf_add(&data, pyc.p + CV_PYC_HEADER, pyc.n - CV_PYC_HEADER);
	if (data.bad)
		return cv_fail_nomem(err);
	rc = cv_write_new(
		files, name, &(struct cv_new_file){ .mode = 0666 }, cv_buf_slice(&data), err);
	return rc < 0 ? rc : 1;
}
