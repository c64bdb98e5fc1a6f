/* SPDX-License-Identifier: MIT */
#include "wheel/zip.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/path.h"

enum {
	SIG_LOCAL = 0x04034b50,
	SIG_CENTRAL = 0x02014b50,
	SIG_END = 0x06054b50,
	SIG_END64 = 0x06064b50,
	SIG_LOCATOR64 = 0x07064b50,

	LOCAL_SIZE = 30,
	CENTRAL_SIZE = 46,
	END_SIZE = 22,
	END64_SIZE = 56,
	LOCATOR64_SIZE = 20,
	COMMENT_MAX = 0xffff,
	VERSION_MAX = 63, /* of the format, as in 4.4.3: 6.3 */

	FLAG_DESCRIPTOR = 1 << 3,
	FLAG_UTF8 = 1 << 11,
	/* 0, 6, 13: encryption; 5: patch data */
	FLAGS_REFUSED = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 13,

	EXTRA_ZIP64 = 0x0001,
	EXTRA_NAME = 0x7075, /* Info-ZIP: a second name beside the header's */

	STORED = 0,
	DEFLATED = 8,
};

static const uint64_t FULL16 = 0xffff,
		      FULL32 = 0xffffffff; /* these values refer to the zip64 field */

/* A reader that sets `bad` and returns zeros when it would pass the end. */
struct rd {
	const unsigned char *p, *end;
	bool bad;
};

static struct rd rd_at(struct cv_str s, uint64_t offset)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (offset >= s.n)
		return (struct rd){ .bad = offset > s.n };
	return (struct rd){ p + offset, p + s.n, false };
}

static struct cv_str take_bytes(struct rd *r, uint64_t n)
{
	if (r->bad || (uint64_t)(r->end - r->p) < n) {
		r->bad = true;
		return (struct cv_str){ 0 };
	}
	r->p += n;
	return (struct cv_str){ (const char *)r->p - n, (size_t)n };
}

/* A little-endian number of SIZE bytes. */
static uint64_t take(struct rd *r, size_t size)
{
	struct cv_str s = take_bytes(r, size);
	uint64_t v = 0;

	for (size_t i = s.n; i > 0; i--)
		v = v << 8 | (unsigned char)s.p[i - 1];
	return v;
}

/* The fields that local and central headers share. */
struct header {
	unsigned flags, method, time, date;
	uint32_t crc;
	uint64_t packed, size;
	uint64_t name_len, extra_len;
	struct cv_str name, extra;
};

static void take_header(struct rd *r, struct header *h)
{
	h->flags = (unsigned)take(r, 2);
	h->method = (unsigned)take(r, 2);
	h->time = (unsigned)take(r, 2);
	h->date = (unsigned)take(r, 2);
	h->crc = (uint32_t)take(r, 4);
	h->packed = take(r, 4);
	h->size = take(r, 4);
	h->name_len = take(r, 2);
	h->extra_len = take(r, 2);
}

static int corrupt(struct cvenv_error *err, const char *what)
{
	return cv_fail_msg(err, CVENV_EWHEEL, "corrupt zip archive: %s", what);
}

/* The central directory, as its end record describes it. */
struct directory {
	uint64_t offset, size, count;
};

/*
 * Read the zip64 end record if its locator directly precedes the end record at END. 1: *dir is
 * replaced; 0: there is none.
 */
static int read_end64(
	struct cv_str data, size_t end, struct directory *dir, struct cvenv_error *err)
{
	struct rd r = rd_at(data, end < LOCATOR64_SIZE ? data.n : end - LOCATOR64_SIZE);
	uint64_t at, disk, disks, count_here, record;
	struct directory big;

	if (take(&r, 4) != SIG_LOCATOR64) {
		if (dir->count == FULL16 || dir->size == FULL32 || dir->offset == FULL32)
			return corrupt(err, "no zip64 record");
		return 0;
	}
	disk = take(&r, 4);
	at = take(&r, 8);
	disks = take(&r, 4);
	r = rd_at(data, at);
	if (take(&r, 4) != SIG_END64)
		return corrupt(err, "no zip64 record");
	record = take(&r, 8);
	(void)take(&r, 4); /* versions */
	disk |= take(&r, 4);
	disk |= take(&r, 4);
	count_here = take(&r, 8);
	big.count = take(&r, 8);
	big.size = take(&r, 8);
	big.offset = take(&r, 8);
	if (r.bad || at > end || record != END64_SIZE - 12 ||
		at + END64_SIZE != end - LOCATOR64_SIZE)
		return corrupt(err, "invalid zip64 record");
	if (disk != 0 || disks > 1 || count_here != big.count)
		return cv_fail_msg(err, CVENV_EWHEEL, "multi-disk zip archives are not supported");
	if ((dir->count != FULL16 && dir->count != big.count) ||
		(dir->size != FULL32 && dir->size != big.size) ||
		(dir->offset != FULL32 && dir->offset != big.offset))
		return corrupt(err, "two end records that differ");
	if (big.offset > at || big.size != at - big.offset)
		return corrupt(err, "invalid offset of the central directory");
	*dir = big;
	return 1;
}

/*
 * Use the last signature, and demand that its comment ends with the archive. Otherwise readers that
 * search differently would find different directories.
 */
static int read_end(struct cv_str data, struct directory *dir, struct cvenv_error *err)
{
	size_t at, lowest;
	uint64_t disk, dir_disk, count_here;
	struct rd r;
	int rc;

	if (data.n < END_SIZE)
		return cv_fail_msg(err, CVENV_EWHEEL, "not a zip archive");
	at = data.n - END_SIZE;
	lowest = at > COMMENT_MAX ? at - COMMENT_MAX : 0;
	while (memcmp(data.p + at, "PK\5\6", 4) != 0) {
		if (at-- == lowest)
			return cv_fail_msg(
				err, CVENV_EWHEEL, "not a zip archive, or a truncated one");
	}
	r = rd_at(data, at + 4);
	disk = take(&r, 2);
	dir_disk = take(&r, 2);
	count_here = take(&r, 2);
	dir->count = take(&r, 2);
	dir->size = take(&r, 4);
	dir->offset = take(&r, 4);
	if (take(&r, 2) != data.n - at - END_SIZE)
		return corrupt(err, "data after its end");
	if (cv_str_find((struct cv_str){ data.p + at + 4, data.n - at - 4 }, CV_LIT("PK\5\6")))
		return corrupt(err, "an end record in its comment");
	if (disk != 0 || dir_disk != 0 || count_here != dir->count)
		return cv_fail_msg(err, CVENV_EWHEEL, "multi-disk zip archives are not supported");
	rc = read_end64(data, at, dir, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (dir->offset > at || dir->size != at - dir->offset)
		return corrupt(err, "invalid offset of the central directory");
	return 0;
}

/* The zip64 field replaces, in this order, those values of H and *offset that are full (4.5.3). */
static int read_extra(struct header *h, uint64_t *offset, struct cvenv_error *err)
{
	struct rd r = rd_at(h->extra, 0);

	while (r.end - r.p >= 4) {
		uint64_t id = take(&r, 2);
		struct rd field = rd_at(take_bytes(&r, take(&r, 2)), 0);

		if (r.bad)
			return corrupt(err, "invalid extra field");
		if (id == EXTRA_NAME)
			return cv_fail_msg(err, CVENV_EWHEEL, "zip entry with two different names");
		if (id != EXTRA_ZIP64)
			continue;
		if (h->size == FULL32)
			h->size = take(&field, 8);
		if (h->packed == FULL32)
			h->packed = take(&field, 8);
		if (*offset == FULL32)
			*offset = take(&field, 8);
		if (field.bad)
			return corrupt(err, "invalid zip64 field");
	}
	return 0;
}

/* The time of 4.4.6, read as UTC. Some tools write 0 as month or day: this counts as 1. */
static int64_t dos_time(unsigned date, unsigned time)
{
	int64_t year = 1980 + (date >> 9), month = date >> 5 & 15, day = date & 31;
	int64_t hour = time >> 11, min = time >> 5 & 63, sec = 2 * (int64_t)(time & 31), days,
		from_march;

	month = month < 1 ? 1 : month > 12 ? 12 : month;
	day = day < 1 ? 1 : day;
	from_march = (month + 9) % 12; /* years begin in March, so that the leap day is the last */
	year -= month < 3;
	days = year * 365 + year / 4 - year / 100 + year / 400 + (from_march * 153 + 2) / 5 + day -
	       719469;
	return ((days * 24 + hour) * 60 + min) * 60 + sec;
}

static int check_name(struct cv_str name, size_t index, unsigned flags, struct cvenv_error *err)
{
	bool ascii = true;

	for (size_t i = 0; i < name.n; i++)
		ascii = ascii && (unsigned char)name.p[i] < 0x80;
	if (name.n > CV_ZIP_NAME_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT, "name of zip entry %zu is too long", index);
	/* checked first, because later messages print the name */
	if (!cv_utf8_ok(name) || !cv_utf8_plain(name))
		return cv_fail_msg(err, CVENV_EUNSAFE,
			"name of zip entry %zu has control characters or is not UTF-8", index);
	if (!ascii && !(flags & FLAG_UTF8))
		return cv_fail_msg(err, CVENV_EUNSAFE,
			"name of zip entry '%.*s' is not marked as UTF-8", CV_ARG(name));
	if (!cv_path_safe(name))
		return cv_fail(err, CVENV_EUNSAFE, "zip entry '%.*s'", CV_ARG(name));
	return 0;
}

static int check_entry(const struct cv_zip_entry *e, unsigned flags, struct cvenv_error *err)
{
	uint32_t type = e->unix_mode & CV_ZIP_TYPE;

	if (flags & FLAGS_REFUSED)
		return cv_fail_msg(
			err, CVENV_EWHEEL, "zip entry '%.*s' is encrypted", CV_ARG(e->name));
	if (e->method != STORED && e->method != DEFLATED)
		return cv_fail_msg(err, CVENV_EWHEEL,
			"zip entry '%.*s' has the unsupported compression method %u",
			CV_ARG(e->name), e->method);
	if (type == CV_ZIP_LINK)
		return cv_fail_msg(
			err, CVENV_EUNSAFE, "zip entry '%.*s' is a symbolic link", CV_ARG(e->name));
	if (type != 0 && type != (e->dir ? CV_ZIP_DIR : CV_ZIP_FILE))
		return cv_fail_msg(err, CVENV_EUNSAFE,
			"zip entry '%.*s' is neither a file nor a directory", CV_ARG(e->name));
	if (e->size > CV_ZIP_FILE_MAX)
		return cv_fail(err, CVENV_ELIMIT, "zip entry '%.*s'", CV_ARG(e->name));
	if ((e->method == STORED && e->packed != e->size) || (e->dir && e->size != 0))
		return cv_fail_msg(
			err, CVENV_EWHEEL, "zip entry '%.*s' has an invalid size", CV_ARG(e->name));
	return 0;
}

/* The local header at e->offset must agree with the central one. Moves e->offset to the data. */
static int check_local(struct cv_str data, uint64_t dir_offset, struct cv_str name, unsigned flags,
	struct cv_zip_entry *e, struct cvenv_error *err)
{
	struct rd r = rd_at(data, e->offset);
	struct header h = { 0 };
	uint64_t sig, no_offset = 0;
	int rc;

	sig = take(&r, 4);
	(void)take(&r, 2); /* version */
	take_header(&r, &h);
	h.name = take_bytes(&r, h.name_len);
	h.extra = take_bytes(&r, h.extra_len);
	if (r.bad || sig != SIG_LOCAL || !cv_str_eq(h.name, name) || h.method != e->method ||
		((h.flags ^ flags) & (FLAGS_REFUSED | FLAG_DESCRIPTOR | FLAG_UTF8)))
		goto differs;
	rc = read_extra(&h, &no_offset, err);
	if (rc < 0)
		return rc;
	if (!(flags & FLAG_DESCRIPTOR) &&
		(h.crc != e->crc || h.packed != e->packed || h.size != e->size))
		goto differs;
	e->offset = (uint64_t)(r.p - (const unsigned char *)data.p);
	if (e->offset > dir_offset || e->packed > dir_offset - e->offset)
		return cv_fail_msg(err, CVENV_EWHEEL,
			"zip entry '%.*s' reaches into the central directory", CV_ARG(e->name));
	return 0;
differs:
	return cv_fail_msg(err, CVENV_EWHEEL, "zip entry '%.*s' contradicts the central directory",
		CV_ARG(e->name));
}

/* The bytes of the archive that an entry occupies, from its local header on. */
struct span {
	uint64_t start, end;
	size_t index;
};

static int read_entry(struct cv_str data, struct rd *r, const struct directory *dir, size_t index,
	struct cv_zip_entry *e, struct span *ret_span, struct cvenv_error *err)
{
	struct header h = { 0 };
	uint64_t sig, needs, comment_len, disk, attr;
	struct cv_str name;
	int rc;

	sig = take(r, 4);
	(void)take(r, 2); /* version that made it */
	needs = take(r, 2) & 0xff;
	take_header(r, &h);
	comment_len = take(r, 2);
	disk = take(r, 2);
	(void)take(r, 2); /* internal attributes */
	attr = take(r, 4);
	e->offset = take(r, 4);
	h.name = take_bytes(r, h.name_len);
	h.extra = take_bytes(r, h.extra_len);
	(void)take_bytes(r, comment_len);
	if (r->bad || sig != SIG_CENTRAL || disk != 0)
		return corrupt(err, "invalid central directory");
	if (needs > VERSION_MAX)
		return cv_fail_msg(err, CVENV_EWHEEL, "zip archive needs a newer format version");
	rc = read_extra(&h, &e->offset, err);
	if (rc < 0)
		return rc;
	name = h.name;
	e->dir = cv_str_ends(name, CV_LIT("/"));
	e->name = (struct cv_str){ name.p, name.n - e->dir };
	e->crc = h.crc;
	e->packed = h.packed;
	e->size = h.size;
	e->method = h.method;
	e->unix_mode = (uint32_t)(attr >> 16);
	e->mtime = dos_time(h.date, h.time);
	rc = check_name(e->name, index, h.flags, err);
	if (rc == 0)
		rc = check_entry(e, h.flags, err);
	if (rc < 0)
		return rc;
	ret_span->start = e->offset;
	rc = check_local(data, dir->offset, name, h.flags, e, err);
	ret_span->end = rc < 0 ? 0 : e->offset + e->packed;
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int check_overlap(struct span *spans, const struct cv_zip *zip, struct cvenv_error *err)
{
	qsort(spans, zip->count, sizeof(*spans), by_start);
	if (zip->count && spans[0].start != 0)
		return corrupt(err, "data before its first entry");
	for (size_t i = 1; i < zip->count; i++) {
		if (spans[i].start < spans[i - 1].end)
			return cv_fail_msg(err, CVENV_EWHEEL,
				"zip entries '%.*s' and '%.*s' overlap",
				CV_ARG(zip->entries[spans[i - 1].index].name),
				CV_ARG(zip->entries[spans[i].index].name));
	}
	return 0;
}

/*
 * Compare names with '/' below every other byte, so that a name directly precedes those below it.
 */
static int by_tree(const void *a, const void *b)
{
	const struct cv_zip_entry *x = *(const struct cv_zip_entry *const *)a;
	const struct cv_zip_entry *y = *(const struct cv_zip_entry *const *)b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)x->name.p[i], d = (unsigned char)y->name.p[i];

		if (c != d)
			return c == '/' ? -1 : d == '/' ? 1 : c - d;
	}
	return (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static int check_twice(struct cv_arena *a, const struct cv_zip *zip, struct cvenv_error *err)
{
	const struct cv_zip_entry **sorted = cv_new(a, const struct cv_zip_entry *, zip->count);

	if (!sorted)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < zip->count; i++)
		sorted[i] = &zip->entries[i];
	qsort(sorted, zip->count, sizeof(const struct cv_zip_entry *), by_tree);
	for (size_t i = 1; i < zip->count; i++) {
		const struct cv_zip_entry *x = sorted[i - 1], *y = sorted[i];

		if (cv_str_eq(x->name, y->name))
			return cv_fail_msg(
				err, CVENV_EWHEEL, "duplicate zip entry '%.*s'", CV_ARG(x->name));
		if (!x->dir && cv_str_starts(y->name, x->name) && y->name.p[x->name.n] == '/')
			return cv_fail_msg(err, CVENV_EWHEEL,
				"zip entry '%.*s' is below '%.*s', which is a file",
				CV_ARG(y->name), CV_ARG(x->name));
	}
	return 0;
}

static int read_directory(struct cv_arena *a, struct cv_zip *zip, struct cvenv_error *err)
{
	struct directory dir = { 0 };
	struct cv_zip_entry *entries;
	struct span *spans;
	uint64_t total = 0;
	struct rd r;
	int rc = read_end(zip->data, &dir, err);

	if (rc < 0)
		return rc;
	if (dir.count > CV_ZIP_ENTRIES_MAX)
		return cv_fail(err, CVENV_ELIMIT, "number of zip entries");
	if (dir.count > dir.size / CENTRAL_SIZE)
		return corrupt(err, "invalid number of entries");
	entries = cv_new(a, struct cv_zip_entry, (size_t)dir.count);
	spans = cv_new(a, struct span, (size_t)dir.count);
	if (!entries || !spans)
		return cv_fail_nomem(err);
	zip->entries = entries;
	zip->count = (size_t)dir.count;
	r = rd_at((struct cv_str){ zip->data.p, (size_t)(dir.offset + dir.size) }, dir.offset);
	for (size_t i = 0; i < zip->count; i++) {
		spans[i].index = i;
		rc = read_entry(zip->data, &r, &dir, i, &entries[i], &spans[i], err);
		if (rc < 0)
			return rc;
		total += entries[i].size;
	}
	if (r.p != r.end)
		return corrupt(err, "invalid number of entries");
	if (total > CV_ZIP_TOTAL_MAX)
		return cv_fail(err, CVENV_ELIMIT, "contents of the zip archive");
	rc = check_overlap(spans, zip, err);
	return rc < 0 ? rc : check_twice(a, zip, err);
}

int cv_zip_open(struct cv_arena *a, struct cv_str data, struct cv_zip *ret, struct cvenv_error *err)
{
	struct cv_zip zip = { .data = data };
	int rc;

	*ret = (struct cv_zip){ 0 };
	if (data.n > CV_ZIP_DATA_MAX)
		return cv_fail(err, CVENV_ELIMIT, "zip archive");
	rc = read_directory(a, &zip, err);
	if (rc < 0)
		return rc;
	zip.inflater = libdeflate_alloc_decompressor();
	if (!zip.inflater)
		return cv_fail_nomem(err);
	*ret = zip;
	return 0;
}

static bool inflate(const struct cv_zip *zip, const struct cv_zip_entry *e, void *out)
{
	size_t used = 0;
	char none;

	return libdeflate_deflate_decompress_ex(zip->inflater, zip->data.p + e->offset,
		       (size_t)e->packed, e->size ? out : &none, (size_t)e->size, &used,
		       NULL) == LIBDEFLATE_SUCCESS &&
	       used == e->packed;
}

int cv_zip_read(const struct cv_zip *zip, const struct cv_zip_entry *entry, void *out,
	struct cvenv_error *err)
{
	size_t size = (size_t)entry->size;

	if (entry->method == STORED && size)
		memcpy(out, zip->data.p + entry->offset, size);
	if (entry->method == DEFLATED && !inflate(zip, entry, out))
		return cv_fail_msg(err, CVENV_EWHEEL, "zip entry '%.*s' cannot be unpacked",
			CV_ARG(entry->name));
	if (libdeflate_crc32(0, size ? out : "", size) != entry->crc)
		return cv_fail_msg(
			err, CVENV_EWHEEL, "zip entry '%.*s' has a wrong CRC", CV_ARG(entry->name));
	return 0;
}

void cv_zip_close(struct cv_zip *zip)
{
	if (zip->inflater)
		libdeflate_free_decompressor(zip->inflater);
	*zip = (struct cv_zip){ 0 };
}
