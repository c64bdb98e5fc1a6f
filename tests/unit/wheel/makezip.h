/* SPDX-License-Identifier: MIT */
#ifndef TEST_MAKEZIP_H
#define TEST_MAKEZIP_H

#include <stdint.h>

#include "base/str.h"

/*
 * A writer of small zip archives for tests. It writes any values, and records where
 * each header begins, so that a test can poke a lie into a sound archive.
 *
 *	struct made_zip zip = { 0 };
 *	make_add(&zip, (struct made_entry){ .name = CV_LIT("a"), .data = CV_LIT("text") });
 *	make_end(&zip);
 *	make_poke(&zip, zip.central[0] + CENTRAL_CRC, 4, 0);
 *	... cv_buf_slice(&zip.buf) ...
 *	cv_buf_done(&zip.buf);
 */
enum { MAKE_ENTRIES = 32 };

/* Where fields are from the start of their header (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
enum {
	LOCAL_FLAGS = 6,
	LOCAL_METHOD = 8,
	LOCAL_CRC = 14,
	LOCAL_PACKED = 18,
	LOCAL_SIZE = 22,
	LOCAL_NAME_LEN = 26,
	LOCAL_NAME = 30,
	CENTRAL_NEEDS = 6,
	CENTRAL_FLAGS = 8,
	CENTRAL_METHOD = 10,
	CENTRAL_TIME = 12,
	CENTRAL_DATE = 14,
	CENTRAL_CRC = 16,
	CENTRAL_PACKED = 20,
	CENTRAL_SIZE = 24,
	CENTRAL_DISK = 34,
	CENTRAL_MODE = 40,
	CENTRAL_OFFSET = 42,
	CENTRAL_NAME = 46,
	END_DISK = 4,
	END_COUNT_HERE = 8,
	END_COUNT = 10,
	END_DIR_SIZE = 12,
	END_DIR_OFFSET = 16,
	END_COMMENT_LEN = 20,
};

struct made_entry {
	struct cv_str name, data, extra;
	bool deflate;
	unsigned flags;
	uint32_t mode;
};

struct made_zip {
	struct cv_buf buf;
	size_t local[MAKE_ENTRIES], central[MAKE_ENTRIES], end, dir_offset;
	struct made_entry entries[MAKE_ENTRIES];
	uint32_t crc[MAKE_ENTRIES], packed[MAKE_ENTRIES];
	size_t count;
};

void make_add(struct made_zip *zip, struct made_entry entry);
void make_end(struct made_zip *zip);
void make_poke(struct made_zip *zip, size_t at, size_t size, uint64_t value);
void make_number(struct cv_buf *b, size_t size, uint64_t value);

/*
 * One stored entry "a" with all its numbers in zip64 fields and records; `end` is where the zip64
 * end record is, its locator is 56 bytes behind, the end record 76.
 */
struct made_zip make_zip64(void);

#endif
