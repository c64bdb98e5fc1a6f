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
 * A verified wheel (PEP 427) of the kind that environments are seeded with: pure Python,
 * py3-none-any or py2.py3-none-any, no .data directory.
 *
 *	struct cv_wheel wheel;
 *	if (cv_wheel_open(&arena, "pip-24.2-py3-none-any.whl", data, &wheel, &err) < 0)
 *		return ...;
 *	for (size_t i = 0; i < wheel.count; i++)
 *		... malloc(wheel.files[i].size), cv_wheel_read(&wheel, i, buf, &err)
 *	cv_wheel_close(&wheel);
 *
 * Open checks that there is exactly one *.dist-info, that it and the Name and Version of METADATA
 * agree with the file name (PEP 503, PEP 440), that WHEEL says Wheel-Version 1.x and
 * Root-Is-Purelib, and that RECORD and the archive list the same files with the same sizes, each
 * with a sha256; only RECORD and its signatures RECORD.jws and RECORD.p7s may lack one, or be
 * missing in RECORD. Read checks CRC and hash. So a caller that has read every file has a sound
 * wheel.
 *
 * `data` is borrowed until close, and the files' paths are slices of it; everything else is in the
 * arena. Errors are CVENV_EWHEEL, CVENV_ELIMIT, CVENV_EUNSAFE or ENOMEM, and name the wheel. After
 * a failed open closing is harmless.
 */
enum {
	CV_WHEEL_META_MAX = 16 << 20, /* METADATA, WHEEL, RECORD, entry_points.txt each */
};

struct cv_wheel_file {
	struct cv_str path; /* below site-packages */
	struct cv_str hash; /* as RECORD has it, "sha256=..."; empty for a signature of RECORD */
	uint64_t size;
	int64_t mtime; /* of the archive; pip does not keep it */
	bool exec;     /* pip's rule: a regular file with any x bit */
	const struct cv_zip_entry *entry;
};

struct cv_wheel {
	struct cv_str name, version;   /* as METADATA spells them */
	struct cv_str dist_info;       /* "pip-24.2.dist-info" */
	struct cv_str requires_python; /* "" when there is none */
	struct cv_str entry_points;    /* text of entry_points.txt, or "" */
	struct cv_wheel_file *files;   /* sorted by path; neither directories nor RECORD */
	size_t count;
	const char *file_name;
	struct cv_zip zip;
};

/* FILE_NAME is the last part of the path: it is checked, and named in messages. */
int cv_wheel_open(struct cv_arena *a, const char *file_name, struct cv_str data,
	struct cv_wheel *ret, struct cvenv_error *err);

/* Unpack files[index] into its size bytes at OUT; checks CRC and hash. */
int cv_wheel_read(const struct cv_wheel *wheel, size_t index, void *out, struct cvenv_error *err);

void cv_wheel_close(struct cv_wheel *wheel);

/*
 * Take NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl apart; the results point into FILE_NAME,
 * ret_tags is "PYTHON-ABI-PLATFORM". False when it is not the name of a wheel. Name and version are
 * as the file name spells them: with '_' where the project's name has '-'.
 */
bool cv_wheel_name_parse(struct cv_str file_name, struct cv_str *ret_name,
	struct cv_str *ret_version, struct cv_str *ret_tags);

/* True for tags that any Python 3 can use: "py3-none-any", "py2.py3-none-any". */
bool cv_wheel_tags_pure(struct cv_str tags);

/* True when two project names are one: case and runs of "-_." do not count (PEP 503). */
bool cv_wheel_name_eq(struct cv_str a, struct cv_str b);

#endif
