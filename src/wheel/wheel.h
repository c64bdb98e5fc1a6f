/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_WHEEL_H
#define CV_WHEEL_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wheel/zip.h"

struct cv_arena;
struct cvenv_error;

/*
 * A verified wheel (PEP 427) of the kind that can be installed by unpacking: pure Python,
 * py3-none-any or py2.py3-none-any, no .data directory.
 *
 *	struct cv_wheel wheel;
 *	if (cv_wheel_open(&arena, "pip-24.2-py3-none-any.whl", data, &wheel, &err) < 0)
 *		return ...;
 *	for (size_t i = 0; i < wheel.count; i++)
 *		... malloc(wheel.files[i].size), cv_wheel_read(&wheel, i, buf, &err)
 *	cv_wheel_close(&wheel);
 *
 * Open checks that
 *
 * - there is exactly one *.dist-info; its name, and Name and Version in METADATA, agree with the
 *   file name (PEP 503, PEP 440);
 * - WHEEL says Wheel-Version 1.x and Root-Is-Purelib;
 * - RECORD and the archive list the same files with the same sizes, each with a sha256. Only RECORD
 *   and its signatures RECORD.jws and RECORD.p7s may lack one, or be missing in RECORD.
 *
 * Read checks CRC and hash. So once every file has been read, the whole wheel is verified.
 *
 * `data` is borrowed until close, and the files' paths are slices of it; everything else is in the
 * arena. Errors are CVENV_EWHEEL, CVENV_ELIMIT, CVENV_EUNSAFE or ENOMEM, and name the wheel. After
 * a failed open, close does nothing.
 */
enum {
	CV_WHEEL_META_MAX = 16 << 20, /* for each of METADATA, WHEEL, RECORD, entry_points.txt */
};

struct cv_wheel_file {
	struct cv_str path; /* below site-packages */
	struct cv_str hash; /* as in RECORD, "sha256=..."; empty for a signature of RECORD */
	uint64_t size;
	int64_t mtime; /* from the archive, seconds; pip does not keep it */
	bool exec;     /* pip's rule: a regular file with any x bit */
	const struct cv_zip_entry *entry;
};

struct cv_wheel {
	struct cv_str name, version;   /* as METADATA spells them */
	struct cv_str dist_info;       /* "pip-24.2.dist-info" */
	struct cv_str requires_python; /* "" when there is none */
	struct cv_str entry_points;    /* text of entry_points.txt, or "" */
	struct cv_wheel_file *files;   /* sorted by path; without directories and RECORD */
	size_t count;
	const char *file_name;
	struct cv_zip zip;
};

/* FILE_NAME is the last component of the path. It is checked, and named in messages. */
int cv_wheel_open(struct cv_arena *a, const char *file_name, struct cv_str data,
	struct cv_wheel *ret, struct cvenv_error *err);

/* Unpack files[index] into the files[index].size bytes at OUT, and check CRC and hash. */
int cv_wheel_read(const struct cv_wheel *wheel, size_t index, void *out, struct cvenv_error *err);

void cv_wheel_close(struct cv_wheel *wheel);

/*
 * Split NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl. The results point into FILE_NAME; *ret_tags
 * is "PYTHON-ABI-PLATFORM". False when FILE_NAME is not the name of a wheel. Name and version keep
 * the spelling of the file name, which has '_' where the project's name has '-'.
 */
bool cv_wheel_name_parse(struct cv_str file_name, struct cv_str *ret_name,
	struct cv_str *ret_version, struct cv_str *ret_tags);

/* Does any Python 3 support TAGS, such as "py3-none-any" or "py2.py3-none-any"? */
bool cv_wheel_tags_pure(struct cv_str tags);

/* Are A and B the same project? Case and runs of "-_." do not count (PEP 503). */
bool cv_wheel_name_eq(struct cv_str a, struct cv_str b);

/* The normal form of NAME, which all names of the project share: "a-b" of "A.-_b". NULL: no memory.
 */
char *cv_wheel_name_key(struct cv_arena *a, struct cv_str name);

#endif
