/* SPDX-License-Identifier: MIT */
#include "wheel/zip_write.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "wheel/zip.h"

#define LOCAL_SIGNATURE 0x04034b50u
#define CENTRAL_SIGNATURE 0x02014b50u
#define END_SIGNATURE 0x06054b50u
#define END64_SIGNATURE 0x06064b50u
#define LOCATOR_SIGNATURE 0x07064b50u
#define LARGE 0xffffffffu /* in a field of 32 bits: the value is in the extra field */

enum {
	STORED = 0,
	DEFLATED = 8,
	VERSION_NEEDED = 20,
	VERSION_64 = 45,
	MADE_ON_UNIX = 3 << 8,
	FLAG_UTF8 = 1 << 11,
	DOS_DIRECTORY = 0x10,
	EXTRA_64 = 1,
	EXTRA_HEAD = 4,
	SIZES_64 = 16,
	OFFSET_64 = 8,
	END64_SIZE = 56,
	COUNT_LARGE = 0xffff, /* in a field of 16 bits: the value is in the record of zip64 */
	NAME_LIMIT = 0xffff,
	/* Deflate makes what it cannot compress larger by less than 1/1024, and some bytes. */
	GROWTH_SHIFT = 10,
	GROWTH = 1024,
	MODE_SHIFT = 16, /* of the unix mode in the external attributes */
	PERMISSIONS = 0777,
};

static void u16(struct cv_buf *b, unsigned v)
{
	const char bytes[2] = { (char)(v & 0xff), (char)(v >> 8 & 0xff) };

	cv_buf_add(b, bytes, sizeof(bytes));
}

static void u32(struct cv_buf *b, uint32_t v)
{
	u16(b, v & 0xffff);
	u16(b, v >> 16);
}

static void u64(struct cv_buf *b, uint64_t v)
{
	u32(b, (uint32_t)v);
	u32(b, (uint32_t)(v >> 32));
}

static int put(struct cv_zip_writer *w, struct cv_str bytes)
{
	if (w->rc == 0 && bytes.n)
		w->rc = w->sink.write(w->sink.data, bytes);
	if (w->rc == 0)
		w->at += bytes.n;
	return w->rc;
}

static int put_packed(void *data, struct cv_str bytes)
{
	return put(data, bytes);
}

/* Days since 1970 as a date of the proleptic Gregorian calendar (Howard Hinnant, civil_from_days).
 */
static void date_of(int64_t days, unsigned *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	unsigned doe, yoe, doy, mp;
	int64_t era;

	days += 719468;
	era = days / 146097;
	doe = (unsigned)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*ret_day = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp < 10 ? mp + 3 : mp - 9;
	*ret_year = (unsigned)(yoe + era * 400 + (*ret_month <= 2));
}

static uint32_t dos_time(int64_t s)
{
	const int64_t first = 315532800, last = 4354819198; /* 1980 and the last second of 2107 */
	unsigned year, month, day, second;

	s = s < first ? first : s > last ? last : s;
	date_of(s / 86400, &year, &month, &day);
	second = (unsigned)(s % 86400);
	return (year - 1980) << 25 | month << 21 | day << 16 | second / 3600 << 11 |
	       second / 60 % 60 << 5 | second % 60 / 2;
}

static bool is_ascii(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s >= 0x80)
			return false;
	}
	return true;
}

static uint32_t type_of(const struct cv_zip_item *item)
{
	return item->unix_mode & CV_ZIP_TYPE;
}

static unsigned method_of(const struct cv_zip_item *item)
{
	return type_of(item) == CV_ZIP_FILE ? DEFLATED : STORED;
}

/* Must the header of the entry have room for sizes of 64 bits? */
static bool is_large(const struct cv_zip_item *item)
{
	return item->size + (item->size >> GROWTH_SHIFT) + GROWTH >= LARGE;
}

/* What local and central headers have in common. */
static void common(struct cv_buf *b, const struct cv_zip_writer *w, uint64_t packed)
{
	const struct cv_zip_item *item = &w->item;
	bool large = is_large(item), is_dir = type_of(item) == CV_ZIP_DIR;

	u16(b, large ? VERSION_64 : VERSION_NEEDED);
	u16(b, is_ascii(item->name) ? 0 : FLAG_UTF8);
	u16(b, method_of(item));
	u32(b, dos_time(item->mtime));
	u32(b, w->crc);
	u32(b, large ? LARGE : (uint32_t)packed);
	u32(b, large ? LARGE : (uint32_t)w->size);
	u16(b, (unsigned)(strlen(item->name) + is_dir));
}

static void add_name(struct cv_buf *b, const struct cv_zip_item *item)
{
	cv_buf_cstr(b, item->name);
	if (type_of(item) == CV_ZIP_DIR)
		cv_buf_char(b, '/');
}

static void add_sizes(struct cv_buf *b, const struct cv_zip_writer *w, uint64_t packed, bool far)
{
	bool large = is_large(&w->item);

	if (!large && !far)
		return;
	u16(b, EXTRA_64);
	u16(b, (large ? SIZES_64 : 0) + (far ? OFFSET_64 : 0));
	if (large) {
		u64(b, w->size);
		u64(b, packed);
	}
	if (far)
		u64(b, w->begin);
}

static void local_header(struct cv_zip_writer *w, uint64_t packed)
{
	struct cv_buf *b = &w->local;

	b->n = 0;
	u32(b, LOCAL_SIGNATURE);
	common(b, w, packed);
	u16(b, is_large(&w->item) ? EXTRA_HEAD + SIZES_64 : 0);
	add_name(b, &w->item);
	add_sizes(b, w, packed, false);
}

static void central_header(struct cv_zip_writer *w, uint64_t packed)
{
	bool large = is_large(&w->item), far = w->begin >= LARGE;
	uint32_t mode = w->item.unix_mode & (CV_ZIP_TYPE | PERMISSIONS);
	struct cv_buf *b = &w->central;

	u32(b, CENTRAL_SIGNATURE);
	u16(b, MADE_ON_UNIX | (large || far ? VERSION_64 : VERSION_NEEDED));
	common(b, w, packed);
	u16(b, large || far ? EXTRA_HEAD + (large ? SIZES_64 : 0) + (far ? OFFSET_64 : 0) : 0);
	u16(b, 0); /* comment */
	u16(b, 0); /* disk */
	u16(b, 0); /* internal attributes */
	u32(b, mode << MODE_SHIFT | (type_of(&w->item) == CV_ZIP_DIR ? DOS_DIRECTORY : 0));
	u32(b, far ? LARGE : (uint32_t)w->begin);
	add_name(b, &w->item);
	add_sizes(b, w, packed, far);
}

int cv_zip_begin(struct cv_zip_writer *w, const struct cv_zip_item *item, struct cvenv_error *err)
{
	struct cv_str name = cv_str(item->name);

	if (w->rc < 0)
		return w->rc;
	if (!cv_utf8_ok(name))
		return w->rc = cv_fail(
			       err, EILSEQ, "cannot name '%s' in a zip archive", item->name);
	if (name.n >= NAME_LIMIT)
		return w->rc = cv_fail(
			       err, CVENV_ELIMIT, "cannot name '%s' in a zip archive", item->name);
	w->item = *item;
	w->begin = w->at;
	w->size = 0;
	w->crc = 0;
	w->count++;
	local_header(w, 0);
	if (w->local.bad)
		return w->rc = -ENOMEM;
	(void)put(w, cv_buf_slice(&w->local));
	w->content = w->at;
	if (w->rc == 0)
		w->rc = cv_compress_begin(&w->packer,
			method_of(item) == DEFLATED ? CV_COMPRESS_DEFLATE : CV_COMPRESS_NONE,
			(struct cv_sink){ put_packed, w }, NULL);
	return item->target ? cv_zip_add(w, cv_str(item->target)) : w->rc;
}

int cv_zip_add(struct cv_zip_writer *w, struct cv_str bytes)
{
	if (w->rc < 0 || bytes.n == 0)
		return w->rc;
	w->crc = libdeflate_crc32(w->crc, bytes.p, bytes.n);
	w->size += bytes.n;
	return w->rc = cv_compress_add(&w->packer, bytes);
}

int cv_zip_end_entry(struct cv_zip_writer *w)
{
	uint64_t packed;

	if (w->rc == 0)
		w->rc = cv_compress_end(&w->packer);
	cv_compress_done(&w->packer);
	if (w->rc < 0)
		return w->rc;
	packed = w->at - w->content;
	central_header(w, packed);
	if (w->size == 0 && packed == 0)
		return w->rc;
	local_header(w, packed);
	if (w->local.bad || w->central.bad)
		return w->rc = -ENOMEM;
	return w->rc = w->patch(w->sink.data, w->begin, cv_buf_slice(&w->local));
}

static void end_64(struct cv_buf *b, const struct cv_zip_writer *w, uint64_t begin, uint64_t size)
{
	u32(b, END64_SIGNATURE);
	u64(b, END64_SIZE - 12); /* of what follows this field */
	u16(b, MADE_ON_UNIX | VERSION_64);
	u16(b, VERSION_64);
	u32(b, 0); /* disks */
	u32(b, 0);
	u64(b, w->count);
	u64(b, w->count);
	u64(b, size);
	u64(b, begin);
	u32(b, LOCATOR_SIGNATURE);
	u32(b, 0); /* disk */
	u64(b, begin + size);
	u32(b, 1); /* disks */
}

int cv_zip_end(struct cv_zip_writer *w)
{
	uint64_t begin = w->at, size = w->central.n;
	unsigned count = w->count < COUNT_LARGE ? (unsigned)w->count : COUNT_LARGE;
	struct cv_buf *b = &w->central;

	if (begin >= LARGE || size >= LARGE || w->count >= COUNT_LARGE)
		end_64(b, w, begin, size);
	u32(b, END_SIGNATURE);
	u16(b, 0); /* disks */
	u16(b, 0);
	u16(b, count);
	u16(b, count);
	u32(b, size < LARGE ? (uint32_t)size : LARGE);
	u32(b, begin < LARGE ? (uint32_t)begin : LARGE);
	u16(b, 0); /* comment */
	if (w->rc == 0 && b->bad)
		w->rc = -ENOMEM;
	return put(w, cv_buf_slice(b));
}

void cv_zip_write_done(struct cv_zip_writer *w)
{
	cv_compress_done(&w->packer);
	cv_buf_done(&w->central);
	cv_buf_done(&w->local);
}
