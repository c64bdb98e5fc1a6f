/* SPDX-License-Identifier: MIT */
#include "makezip.h"

#include <libdeflate.h>
#include <stdlib.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

void make_number(struct cv_buf *b, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++)
		cv_buf_char(b, (char)(value >> (8 * i)));
}

void make_poke(struct made_zip *zip, size_t at, size_t size, uint64_t value)
{
	check(at + size <= zip->buf.n);
	for (size_t i = 0; i < size; i++)
		zip->buf.p[at + i] = (char)(value >> (8 * i));
}

/* From the flags to the length of the extra field, as both headers have it. */
static void common(struct made_zip *zip, size_t i)
{
	const struct made_entry *e = &zip->entries[i];
	struct cv_buf *b = &zip->buf;

	make_number(b, 2, e->flags);
	make_number(b, 2, e->deflate ? 8 : 0);
	make_number(b, 2, 12 << 11 | 34 << 5 | 56 / 2); /* 12:34:56 */
	make_number(b, 2, 44 << 9 | 2 << 5 | 29);       /* 2024-02-29 */
	make_number(b, 4, zip->crc[i]);
	make_number(b, 4, zip->packed[i]);
	make_number(b, 4, e->data.n);
	make_number(b, 2, e->name.n);
	make_number(b, 2, e->extra.n);
}

void make_add(struct made_zip *zip, struct made_entry entry)
{
	size_t i = zip->count++, room = entry.data.n + 64, n = entry.data.n;
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
	char *packed = malloc(room);
	const char *data = entry.data.n ? entry.data.p : "";

	check(i < MAKE_ENTRIES && compressor && packed);
	if (entry.deflate)
		n = libdeflate_deflate_compress(compressor, data, entry.data.n, packed, room);
	zip->entries[i] = entry;
	zip->crc[i] = libdeflate_crc32(0, data, entry.data.n);
	zip->packed[i] = (uint32_t)n;
	zip->local[i] = zip->buf.n;
	make_number(&zip->buf, 4, 0x04034b50);
	make_number(&zip->buf, 2, 20);
	common(zip, i);
	cv_buf_str(&zip->buf, entry.name);
	cv_buf_str(&zip->buf, entry.extra);
	cv_buf_add(&zip->buf, entry.deflate ? packed : data, n);
	free(packed);
	libdeflate_free_compressor(compressor);
}

void make_end(struct made_zip *zip)
{
	struct cv_buf *b = &zip->buf;

	zip->dir_offset = b->n;
	for (size_t i = 0; i < zip->count; i++) {
		zip->central[i] = b->n;
		make_number(b, 4, 0x02014b50);
		make_number(b, 2, 3 << 8 | 20); /* made by Unix */
		make_number(b, 2, 20);
		common(zip, i);
		make_number(b, 2, 0); /* comment */
		make_number(b, 2, 0); /* disk */
		make_number(b, 2, 0);
		make_number(b, 4, (uint64_t)zip->entries[i].mode << 16);
		make_number(b, 4, zip->local[i]);
		cv_buf_str(b, zip->entries[i].name);
		cv_buf_str(b, zip->entries[i].extra);
	}
	zip->end = b->n;
	make_number(b, 4, 0x06054b50);
	make_number(b, 4, 0);
	make_number(b, 2, zip->count);
	make_number(b, 2, zip->count);
	make_number(b, 4, zip->end - zip->dir_offset);
	make_number(b, 4, zip->dir_offset);
	make_number(b, 2, 0);
	check(!b->bad);
}

struct made_zip make_zip64(void)
{
	struct made_zip made = { 0 };
	char extra[4 + 24] = "\1\0\x18\0\4\0\0\0\0\0\0\0\4";
	size_t end64;

	make_add(&made, (struct made_entry){ .name = CV_LIT("a"),
				.data = CV_LIT("text"),
				.extra = { extra, sizeof(extra) } });
	make_end(&made);
	made.buf.n = made.end;
	make_poke(&made, made.local[0] + LOCAL_PACKED, 8, UINT64_MAX);
	make_poke(&made, made.central[0] + CENTRAL_PACKED, 8, UINT64_MAX);
	make_poke(&made, made.central[0] + CENTRAL_OFFSET, 4, UINT32_MAX);
	end64 = made.end;
	make_number(&made.buf, 4, 0x06064b50);
	make_number(&made.buf, 8, 44);
	make_number(&made.buf, 4, 45 << 16 | 45);
	make_number(&made.buf, 8, 0); /* disks */
	make_number(&made.buf, 8, 1);
	make_number(&made.buf, 8, 1);
	make_number(&made.buf, 8, end64 - made.dir_offset);
	make_number(&made.buf, 8, made.dir_offset);
	make_number(&made.buf, 4, 0x07064b50);
	make_number(&made.buf, 4, 0);
	make_number(&made.buf, 8, end64);
	make_number(&made.buf, 4, 1);
	make_number(&made.buf, 8, 0x06054b50);
	make_number(&made.buf, 8, UINT64_MAX);
	make_number(&made.buf, 4, UINT32_MAX);
	make_number(&made.buf, 2, 0);
	made.end = end64;
	return made;
}
