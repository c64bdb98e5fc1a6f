/* SPDX-License-Identifier: MIT */
#include "cache/manifest.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"

enum {
	FILES_MAX = 1 << 16,
	SIZE_MAX_FILE = 1 << 30,
};

#define TIME_MAX_FILE (INT64_C(1) << 40)

static void sum_of(const char *p, size_t n, char ret[CV_MANIFEST_SUM + 1])
{
	(void)snprintf(ret, CV_MANIFEST_SUM + 1, "%08" PRIx32, libdeflate_crc32(0, p, n));
}

static void field(struct cv_buf *b, struct cv_str s)
{
	cv_buf_str(b, s);
	cv_buf_char(b, '\0');
}

void cv_manifest_encode(struct cv_buf *b, const struct cv_cached_wheel *tree)
{
	char sum[CV_MANIFEST_SUM + 1];

	field(b, CV_LIT("cvenv-tree"));
	field(b, CV_LIT("3"));
	field(b, tree->name);
	field(b, tree->version);
	field(b, tree->dist_info);
	field(b, tree->requires_python);
	field(b, tree->entry_points);
	cv_buf_addf(b, "%zu", tree->tree.count);
	cv_buf_char(b, '\0');
	for (size_t i = 0; i < tree->tree.count; i++) {
		const struct cv_tree_file *f = &tree->tree.files[i];

		field(b, cv_str(f->path));
		cv_buf_addf(b, "%" PRIu64, f->size);
		cv_buf_char(b, '\0');
		cv_buf_addf(b, "%" PRId64, f->mtime);
		cv_buf_char(b, '\0');
		field(b, f->exec ? CV_LIT("x") : CV_LIT("-"));
		field(b, tree->hashes ? tree->hashes[i] : CV_LIT(""));
	}
	if (b->bad)
		return;
	sum_of(b->p, b->n, sum);
	cv_buf_add(b, sum, CV_MANIFEST_SUM);
}

static bool take(struct cv_str *rest, struct cv_str *ret)
{
	return cv_str_cut(rest, '\0', ret) && rest->p;
}

/* As cv_manifest_encode() writes it: no leading zeros. */
static bool number(struct cv_str s, uint64_t max, uint64_t *ret)
{
	return cv_str_u64(s, max, ret) && (s.n == 1 || s.p[0] != '0');
}

static bool take_file(struct cv_str *rest, struct cv_tree_file *f, struct cv_str *ret_hash)
{
	struct cv_str path, size, mtime, mode;
	uint64_t time;

	if (!take(rest, &path) || !take(rest, &size) || !take(rest, &mtime) || !take(rest, &mode) ||
		!take(rest, ret_hash))
		return false;
	if (!cv_path_safe(path) || !number(size, SIZE_MAX_FILE, &f->size) ||
		!number(mtime, TIME_MAX_FILE, &time))
		return false;
	f->path = path.p; /* it ends with the field's NUL */
	f->mtime = (int64_t)time;
	f->exec = cv_str_eq(mode, CV_LIT("x"));
	return f->exec || cv_str_eq(mode, CV_LIT("-"));
}

/* Take the fields before the list, and its length. */
static bool take_head(struct cv_str *rest, struct cv_cached_wheel *ret, uint64_t *ret_count)
{
	struct cv_str magic, format, count;

	return take(rest, &magic) && cv_str_eq(magic, CV_LIT("cvenv-tree")) &&
	       take(rest, &format) && cv_str_eq(format, CV_LIT("3")) && take(rest, &ret->name) &&
	       take(rest, &ret->version) && take(rest, &ret->dist_info) &&
	       take(rest, &ret->requires_python) && take(rest, &ret->entry_points) &&
	       take(rest, &count) && number(count, FILES_MAX, ret_count) &&
	       cv_utf8_plain(ret->name) && cv_utf8_plain(ret->version) &&
	       (ret->dist_info.n == 0 || (cv_path_safe(ret->dist_info) &&
						 !memchr(ret->dist_info.p, '/', ret->dist_info.n)));
}

bool cv_manifest_decode(struct cv_arena *a, struct cv_str text, struct cv_cached_wheel *ret)
{
	char sum[CV_MANIFEST_SUM + 1];
	struct cv_str rest;
	struct cv_tree_file *files;
	struct cv_str *hashes;
	uint64_t count;

	if (text.n <= CV_MANIFEST_SUM)
		return false;
	rest = (struct cv_str){ text.p, text.n - CV_MANIFEST_SUM };
	sum_of(rest.p, rest.n, sum);
	if (memcmp(text.p + rest.n, sum, CV_MANIFEST_SUM) != 0 || !take_head(&rest, ret, &count))
		return false;
	files = cv_new(a, struct cv_tree_file, count);
	hashes = cv_new(a, struct cv_str, count);
	if (!files || !hashes)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!take_file(&rest, &files[i], &hashes[i]) ||
			(i > 0 && strcmp(files[i - 1].path, files[i].path) >= 0))
			return false;
	ret->tree.files = files;
	ret->tree.count = count;
	ret->hashes = hashes;
	return rest.n == 0;
}
