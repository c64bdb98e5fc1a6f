/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_RECORD_H
#define CV_WHEEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct cv_arena;
struct cvenv_error;

/*
 * RECORD, the list of the files of an installed project or of a wheel: rows of path, hash
 * ("sha256=" and urlsafe base64 without padding) and size, as comma separated values
 * (PEP 376, PEP 427). Paths are relative to site-packages, with '/'.
 *
 * Parsing takes what Python's csv.reader takes in its default dialect: quoted fields, doubled
 * quotes in them, lines ended by LF or CRLF. Empty lines are skipped, missing fields are empty.
 * Refused (CVENV_ECORRUPT, or CVENV_ELIMIT): more than three fields, an empty path, control
 * characters (cv_utf8_plain), bytes that are not UTF-8, a quote that is not closed, a CR without
 * LF. The rows and their text are in the arena. Paths may be absolute or have ".." (scripts do):
 * who uses them as file names checks.
 *
 * Writing gives what csv.writer gives, as pip does it: CRLF, quotes only where needed. pip
 * sorts the rows as tuples of text: cv_record_sort().
 */
enum {
	CV_RECORD_TEXT_MAX = 32 << 20,
	CV_RECORD_ROWS_MAX = 1 << 18,
};

struct cv_record_row {
	struct cv_str path, hash, size;
	struct cv_str raw; /* of a parsed row: its bytes in the text, without the end of the line */
};

#define CV_RECORD_SHA256 "sha256=" /* the one kind of hash that installers write */

/* Is HASH of that kind, and that of DATA? */
bool cv_record_hashes(struct cv_str hash, struct cv_str data);

int cv_record_parse(struct cv_arena *a, struct cv_str text, struct cv_record_row **ret_rows,
	size_t *ret_count, struct cvenv_error *err);

/* By path, then hash, then size; bytes of UTF-8 sort as Python's code points do. */
void cv_record_sort(struct cv_record_row *rows, size_t count);

/* Failure of memory sticks in the buffer. */
void cv_record_write(struct cv_buf *b, const struct cv_record_row *rows, size_t count);

/* One row, without the end of the line. */
void cv_record_write_row(struct cv_buf *b, const struct cv_record_row *row);

#endif
