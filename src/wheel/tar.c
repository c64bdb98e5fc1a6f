/* SPDX-License-Identifier: MIT */
#include "wheel/tar.h"

#include <stdio.h>
#include <string.h>

#include "base/own.h"

enum {
	NAME_ROOM = 100,
	PREFIX_ROOM = 155,
	PAX_MODE = 0644,
};

#define SIZE_MAX_USTAR 077777777777 /* 8 GiB - 1 */

/* A block of ustar. Numbers are octal digits and a NUL. */
struct block {
	char name[NAME_ROOM];
	char mode[8], uid[8], gid[8], size[12], mtime[12], sum[8];
	char type;
	char target[100];
	char magic[6], version[2];
	char user[32], group[32], major[8], minor[8];
	char prefix[PREFIX_ROOM];
	char unused[12];
};
_Static_assert(sizeof(struct block) == CV_TAR_BLOCK, "a block has no gaps");

static void octal(char *field, size_t room, uint64_t value)
{
	for (size_t i = room - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static void text(char *field, size_t room, struct cv_str s)
{
	if (s.n)
		memcpy(field, s.p, s.n < room ? s.n : room);
}

static bool is_ascii(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

/* The length of the part of NAME for the field `prefix`; 0: none is needed, or possible. */
static size_t prefix_of(struct cv_str name)
{
	if (name.n <= NAME_ROOM)
		return 0;
	for (size_t i = name.n - 1 - NAME_ROOM; i < name.n - 1; i++) {
		if (i > PREFIX_ROOM)
			return 0;
		if (name.p[i] == '/' && i > 0)
			return i;
	}
	return 0;
}

static bool fits(struct cv_str name)
{
	return name.n <= NAME_ROOM || prefix_of(name) > 0;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts its own digits, too. */
static void add_record(struct cv_buf *to, const char *key, struct cv_str value)
{
	char digits[CV_U64_ROOM];
	size_t rest = strlen(key) + value.n + sizeof(" =\n") - 1;
	size_t n = rest + cv_u64_text(rest, digits);

	if (rest + cv_u64_text(n, digits) != n) /* the sum has one digit more */
		n = rest + cv_u64_text(n, digits);
	cv_buf_addf(to, "%zu %s=", n, key);
	cv_buf_str(to, value);
	cv_buf_char(to, '\n');
}

static void pax_records(struct cv_buf *to, struct cv_str name, const struct cv_tar_entry *entry)
{
	struct cv_str target = cv_str(entry->target);
	bool utf8 = cv_utf8_ok(name) && cv_utf8_ok(target);
	bool path = !fits(name) || (utf8 && !is_ascii(name));
	bool link = target.n > NAME_ROOM || (utf8 && !is_ascii(target));
	char digits[CV_U64_ROOM];

	if ((path || link) && !utf8)
		add_record(to, "hdrcharset", CV_LIT("BINARY"));
	if (path)
		add_record(to, "path", name);
	if (link)
		add_record(to, "linkpath", target);
	if (entry->size > SIZE_MAX_USTAR)
		add_record(to, "size", (struct cv_str){ digits, cv_u64_text(entry->size, digits) });
}

static void add_block(
	struct cv_buf *to, struct cv_str name, char type, const struct cv_tar_entry *entry)
{
	struct block b = { .type = type, .magic = "ustar", .version = { '0', '0' } };
	size_t prefix = prefix_of(name);
	unsigned sum = 0;

	if (prefix) {
		text(b.prefix, sizeof(b.prefix), (struct cv_str){ name.p, prefix });
		name = (struct cv_str){ name.p + prefix + 1, name.n - prefix - 1 };
	}
	text(b.name, sizeof(b.name), name);
	text(b.target, sizeof(b.target), cv_str(entry->target));
	octal(b.mode, sizeof(b.mode), entry->mode);
	octal(b.uid, sizeof(b.uid), 0);
	octal(b.gid, sizeof(b.gid), 0);
	octal(b.size, sizeof(b.size), entry->size <= SIZE_MAX_USTAR ? entry->size : 0);
	octal(b.mtime, sizeof(b.mtime), (uint64_t)entry->mtime);
	octal(b.major, sizeof(b.major), 0);
	octal(b.minor, sizeof(b.minor), 0);
	memset(b.sum, ' ', sizeof(b.sum));
	for (size_t i = 0; i < sizeof(b); i++)
		sum += ((const unsigned char *)&b)[i];
	octal(b.sum, sizeof(b.sum) - 1, sum);
	b.sum[sizeof(b.sum) - 2] = '\0';
	cv_buf_add(to, &b, sizeof(b));
}

/* The name of a pax header says nothing: readers without pax create a file of it. */
static void add_pax(struct cv_buf *to, struct cv_str records, int64_t mtime)
{
	struct cv_tar_entry pax = { .mode = PAX_MODE, .size = records.n, .mtime = mtime };

	add_block(to, CV_LIT("././@PaxHeader"), 'x', &pax);
	cv_buf_str(to, records);
	cv_tar_padding(to, records.n);
}

void cv_tar_header(struct cv_buf *to, const struct cv_tar_entry *entry)
{
	static const char types[] = {
		[CV_TAR_FILE] = '0', [CV_TAR_DIR] = '5', [CV_TAR_LINK] = '2'
	};
	struct cv_buf name OWN_BUF = { 0 }, records OWN_BUF = { 0 };

	cv_buf_cstr(&name, entry->name);
	if (entry->type == CV_TAR_DIR)
		cv_buf_char(&name, '/');
	pax_records(&records, cv_buf_slice(&name), entry);
	if (name.bad || records.bad) {
		to->bad = true;
		return;
	}
	if (records.n)
		add_pax(to, cv_buf_slice(&records), entry->mtime);
	add_block(to, cv_buf_slice(&name), types[entry->type], entry);
}

static void zeros(struct cv_buf *to, uint64_t n)
{
	static const char zero[CV_TAR_BLOCK];

	for (; n > 0; n -= n < sizeof(zero) ? n : sizeof(zero))
		cv_buf_add(to, zero, n < sizeof(zero) ? (size_t)n : sizeof(zero));
}

void cv_tar_padding(struct cv_buf *to, uint64_t size)
{
	zeros(to, (CV_TAR_BLOCK - size % CV_TAR_BLOCK) % CV_TAR_BLOCK);
}

void cv_tar_end(struct cv_buf *to, uint64_t written)
{
	uint64_t last = (written + (uint64_t)2 * CV_TAR_BLOCK) % CV_TAR_RECORD;

	zeros(to, (uint64_t)2 * CV_TAR_BLOCK + (last ? CV_TAR_RECORD - last : 0));
}
