/* SPDX-License-Identifier: MIT */
#include "store/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "fs/file.h"

enum {
	PYC_MAX = 64 << 20,
	/* PEP 552: four words, little-endian: magic, flags, then time and size of the source, or
	 * its hash */
	HEADER = 16,
	FLAGS_AT = 4,
	MTIME_AT = 8,
	SIZE_AT = 12,
	BY_TIME = 0,
	BY_HASH = 1,
	BY_HASH_CHECKED = 3,
};

static uint32_t get32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put32(char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(value >> 8 * i & 0xff);
}

void cv_adopt_open(
	struct cv_adopt *ret, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind)
{
	*ret = (struct cv_adopt){ .wheel = wheel, .kind = kind, .site_fd = -1 };
	if (kind->site && kind->site[0] == '/')
		ret->site_fd = open(kind->site, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void cv_adopt_close(struct cv_adopt *adopt)
{
	cv_own_fd(&adopt->site_fd);
	adopt->site_fd = -1;
}

bool cv_adopt_offers(const struct cv_adopt *adopt, size_t source, const char *target)
{
	const struct cv_image_file *f = &adopt->wheel->image.files[source];
	struct stat st;

	return adopt->site_fd >= 0 && fstatat(adopt->site_fd, target, &st, 0) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size > HEADER &&
	       fstatat(adopt->site_fd, f->path, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == f->size;
}

static bool same_source(
	const struct cv_adopt *adopt, size_t source, struct cv_arena *a, struct stat *ret_st)
{
	const struct cv_image_file *f = &adopt->wheel->image.files[source];
	struct cv_str hash = adopt->wheel->hashes[source], text;
	char sum[CV_SHA256_B64 + 1];

	if (!cv_str_starts(hash, CV_LIT("sha256=")) ||
		cv_read_file_stat(
			adopt->site_fd, f->path, 0, (size_t)f->size, a, &text, ret_st, NULL) < 0)
		return false;
	cv_sha256_b64(text.p, text.n, sum);
	return cv_str_eq(cv_str(sum),
		(struct cv_str){ hash.p + strlen("sha256="), hash.n - strlen("sha256=") });
}

/* Is that bytecode of the source that ST describes? Then *ret_header is what ours begins with. */
static bool header_fits(const struct cv_adopt *adopt, size_t source, struct cv_str pyc,
	const struct stat *st, char ret_header[HEADER])
{
	uint32_t flags;
	char magic[9] = "";

	if (pyc.n <= HEADER)
		return false;
	for (size_t i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		unsigned byte = (unsigned char)pyc.p[i];

		magic[2 * i] = digits[byte >> 4];
		magic[2 * i + 1] = digits[byte & 15];
	}
	if (strcmp(magic, adopt->kind->magic) != 0)
		return false;
	memcpy(ret_header, pyc.p, HEADER);
	flags = get32(pyc.p + FLAGS_AT);
	if (flags == BY_HASH || flags == BY_HASH_CHECKED)
		return true;
	if (flags != BY_TIME || get32(pyc.p + MTIME_AT) != (uint32_t)st->st_mtim.tv_sec ||
		get32(pyc.p + SIZE_AT) != (uint32_t)st->st_size)
		return false;
	put32(ret_header + MTIME_AT, (uint32_t)adopt->wheel->image.files[source].mtime);
	return true;
}

int cv_adopt_file(const struct cv_adopt *adopt, size_t source, const char *target, int files_fd,
	const char *name, struct cv_err *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	OWN_BUF struct cv_buf data = { 0 };
	char header[HEADER];
	struct cv_str pyc;
	struct stat st;
	int rc;

	if (!same_source(adopt, source, &a, &st) ||
		cv_read_file(adopt->site_fd, target, 0, PYC_MAX, &a, &pyc, NULL) < 0 ||
		!header_fits(adopt, source, pyc, &st, header))
		return 0;
	cv_buf_add(&data, header, HEADER);
	cv_buf_add(&data, pyc.p + HEADER, pyc.n - HEADER);
	if (data.bad)
		return cv_fail_nomem(err);
	rc = cv_write_new(
		files_fd, name, &(struct cv_new_file){ .mode = 0666 }, cv_buf_slice(&data), err);
	return rc < 0 ? rc : 1;
}
