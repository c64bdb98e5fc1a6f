/* SPDX-License-Identifier: MIT */
#include "store/manifest.h"

#include <inttypes.h>
#include <string.h>

#include "base/path.h"
#include "base/sha256.h"

enum {
	FILES_MAX = 1 << 16,
	SIZE_MAX_FILE = 1 << 30,
};

#define TIME_MAX_FILE (INT64_C(1) << 40)

static void field(struct cv_buf *b, struct cv_str s)
{
	cv_buf_str(b, s);
	cv_buf_char(b, '\0');
}

void cv_manifest_encode(struct cv_buf *b, const struct cv_wheel_image *image)
{
	char sum[CV_SHA256_HEX + 1];

	field(b, CV_LIT("cvenv-image"));
	field(b, CV_LIT("2"));
	field(b, image->name);
	field(b, image->version);
	field(b, image->dist_info);
	field(b, image->requires_python);
	field(b, image->entry_points);
	cv_buf_addf(b, "%zu", image->image.count);
	cv_buf_char(b, '\0');
	for (size_t i = 0; i < image->image.count; i++) {
		const struct cv_image_file *f = &image->image.files[i];

		field(b, cv_str(f->path));
		cv_buf_addf(b, "%" PRIu64, f->size);
		cv_buf_char(b, '\0');
		cv_buf_addf(b, "%" PRId64, f->mtime);
		cv_buf_char(b, '\0');
		field(b, f->exec ? CV_LIT("x") : CV_LIT("-"));
		field(b, image->hashes ? image->hashes[i] : CV_LIT(""));
	}
	if (b->bad)
		return;
	cv_sha256_hex(b->p, b->n, sum);
	cv_buf_add(b, sum, CV_SHA256_HEX);
}

static bool take(struct cv_str *rest, struct cv_str *ret)
{
	return cv_str_cut(rest, '\0', ret) && rest->p;
}

/* As we write it: no zero in front. */
static bool number(struct cv_str s, uint64_t max, uint64_t *ret)
{
	return cv_str_u64(s, max, ret) && (s.n == 1 || s.p[0] != '0');
}

static bool take_file(struct cv_str *rest, struct cv_image_file *f, struct cv_str *ret_hash)
{
	struct cv_str path, size, mtime, mode;
	uint64_t time;

	if (!take(rest, &path) || !take(rest, &size) || !take(rest, &mtime) || !take(rest, &mode) ||
		!take(rest, ret_hash))
		return false;
	if (!cv_path_safe(path) || !number(size, SIZE_MAX_FILE, &f->size) ||
		!number(mtime, TIME_MAX_FILE, &time))
		return false;
	f->path = path.p; /* the field's NUL ends it */
	f->mtime = (int64_t)time;
	f->exec = cv_str_eq(mode, CV_LIT("x"));
	return f->exec || cv_str_eq(mode, CV_LIT("-"));
}

bool cv_manifest_decode(struct cv_arena *a, struct cv_str text, struct cv_wheel_image *ret)
{
	char sum[CV_SHA256_HEX + 1];
	struct cv_str rest, magic, format, count_text;
	struct cv_image_file *files;
	struct cv_str *hashes;
	uint64_t count;

	if (text.n <= CV_SHA256_HEX)
		return false;
	rest = (struct cv_str){ text.p, text.n - CV_SHA256_HEX };
	cv_sha256_hex(rest.p, rest.n, sum);
	if (!cv_str_eq((struct cv_str){ text.p + rest.n, CV_SHA256_HEX }, cv_str(sum)))
		return false;
	if (!take(&rest, &magic) || !cv_str_eq(magic, CV_LIT("cvenv-image")) ||
		!take(&rest, &format) || !cv_str_eq(format, CV_LIT("2")) ||
		!take(&rest, &ret->name) || !take(&rest, &ret->version) ||
		!take(&rest, &ret->dist_info) || !take(&rest, &ret->requires_python) ||
		!take(&rest, &ret->entry_points) || !take(&rest, &count_text) ||
		!number(count_text, FILES_MAX, &count))
		return false;
	if (ret->dist_info.n &&
		(!cv_path_safe(ret->dist_info) || memchr(ret->dist_info.p, '/', ret->dist_info.n)))
		return false;
	files = cv_new(a, struct cv_image_file, count);
	hashes = cv_new(a, struct cv_str, count);
	for (size_t i = 0; i < count; i++)
		if (!files || !hashes || !take_file(&rest, &files[i], &hashes[i]))
			return false;
	ret->image.files = files;
	ret->image.count = count;
	ret->hashes = hashes;
	return rest.n == 0;
}
