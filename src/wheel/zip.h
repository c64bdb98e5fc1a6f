/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_ZIP_H
#define CV_WHEEL_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct cv_arena;
struct cvenv_error;
struct libdeflate_decompressor;

/*
 * A zip archive in memory. Nothing in it is trusted.
 *
 *	struct cv_zip zip;
 *	if (cv_zip_open(&arena, data, &zip, &err) < 0)
 *		return ...;
 *	for (size_t i = 0; i < zip.count; i++)
 *		... malloc(zip.entries[i].size), cv_zip_read(&zip, &zip.entries[i], buf, &err)
 *	cv_zip_close(&zip);
 *
 * The caller reads the file into memory: if it were mapped, another process could truncate it, and
 * SIGBUS would kill this one. `data` is borrowed until close, and entry names point into it. The
 * entry table is in the arena. Open checks every header, so that read checks only the contents. Use
 * an archive in one thread at a time: it has one decompressor.
 *
 * The format is that of PKWARE's APPNOTE.TXT 6.3. Supported are stored and deflated entries, data
 * descriptors (flag bit 3; the central directory counts), and zip64. Refused is everything that two
 * readers could understand differently, or that no wheel needs:
 *
 * - bytes before the first or after the last record, multi-disk archives, encryption;
 * - links and other special files, duplicate names, a name below that of a file;
 * - names that are unsafe (cv_path_safe), not UTF-8, have control characters, are non-ASCII without
 *   the UTF-8 flag, or are replaced by an extra field;
 * - local headers that contradict the central directory, entries that share bytes (zip bombs);
 * - anything above the limits.
 *
 * Errors: CVENV_EWHEEL (corrupt or refused), CVENV_ELIMIT, CVENV_EUNSAFE, ENOMEM. After a failed
 * open, close does nothing.
 */
enum {
	CV_ZIP_DATA_MAX = 256 << 20,  /* the archive itself; also the limit for reading its file */
	CV_ZIP_ENTRIES_MAX = 65536,   /* pip has about 500 */
	CV_ZIP_FILE_MAX = 64 << 20,   /* one entry unpacked; pip's largest has 0.3 MiB */
	CV_ZIP_TOTAL_MAX = 512 << 20, /* all entries unpacked */
	CV_ZIP_NAME_MAX = 1024,
};

/* The file type in unix_mode. */
enum {
	CV_ZIP_TYPE = 0170000,
	CV_ZIP_FILE = 0100000,
	CV_ZIP_DIR = 0040000,
	CV_ZIP_LINK = 0120000,
};

struct cv_zip_entry {
	struct cv_str name; /* without the '/' that marks a directory */
	uint32_t crc;
	uint64_t packed, size;
	uint64_t offset;    /* of the packed bytes in the archive */
	unsigned method;    /* 0 stored, 8 deflated */
	uint32_t unix_mode; /* type and permissions as in the archive; 0: none */
	int64_t mtime;      /* DOS time read as UTC, seconds */
	bool dir;
};

struct cv_zip {
	const struct cv_zip_entry *entries; /* in the order of the central directory */
	size_t count;
	struct cv_str data;
	struct libdeflate_decompressor *inflater;
};

int cv_zip_open(
	struct cv_arena *a, struct cv_str data, struct cv_zip *ret, struct cvenv_error *err);

/* Unpack an entry of this archive into the entry->size bytes at OUT, and check its CRC. */
int cv_zip_read(const struct cv_zip *zip, const struct cv_zip_entry *entry, void *out,
	struct cvenv_error *err);

void cv_zip_close(struct cv_zip *zip);

#endif
