/* SPDX-License-Identifier: MIT */
#include "wheel/record.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"

enum { FIELDS = 3 };

struct parser {
	const char *p, *end;
	char *out; /* fields without their quotes; never longer than the text */
	size_t line;
};

static int fail(struct cvenv_error *err, size_t line, const char *what)
{
	return cv_fail_msg(err, CVENV_ECORRUPT, "RECORD line %zu: %s", line, what);
}

static bool at_line_end(const struct parser *s)
{
	return s->p == s->end || *s->p == '\n' ||
	       (*s->p == '\r' && s->end - s->p > 1 && s->p[1] == '\n');
}

/*
 * One field up to its comma or line end, which stays. A quote opens a quoted part only as the first
 * character; what follows the closing one is taken as it is (csv.reader with strict=False).
 */
static int take_field(struct parser *s, struct cv_str *ret, struct cvenv_error *err)
{
	char *start = s->out;
	bool quoted = s->p < s->end && *s->p == '"';

	if (quoted)
		s->p++;
	while (quoted || (!at_line_end(s) && *s->p != ',')) {
		unsigned char c;

		if (s->p == s->end)
			return fail(err, s->line, "quote that is not closed");
		c = (unsigned char)*s->p++;
		if (quoted && c == '"') {
			quoted = s->p < s->end && *s->p == '"';
			if (!quoted)
				continue;
			s->p++;
		}
		if (c < 0x20 || c == 0x7f)
			return fail(err, s->line, "control character");
		*s->out++ = (char)c;
	}
	*ret = (struct cv_str){ start, (size_t)(s->out - start) };
	return cv_utf8_plain(*ret) ? 0 : fail(err, s->line, "control character");
}

static int take_row(struct parser *s, struct cv_record_row *row, struct cvenv_error *err)
{
	struct cv_str *const fields[FIELDS] = { &row->path, &row->hash, &row->size };
	size_t n = 0;
	int rc;

	for (;;) {
		if (n == FIELDS)
			return fail(err, s->line, "more than three fields");
		rc = take_field(s, fields[n++], err);
		if (rc < 0)
			return rc;
		if (at_line_end(s))
			break;
		s->p++; /* the comma */
	}
	return row->path.n ? 0 : fail(err, s->line, "empty path");
}

static void skip_line_end(struct parser *s)
{
	if (s->p < s->end && *s->p == '\r')
		s->p++;
	if (s->p < s->end)
		s->p++;
	s->line++;
}

int cv_record_parse(struct cv_arena *a, struct cv_str text, struct cv_record_row **ret_rows,
	size_t *ret_count, struct cvenv_error *err)
{
	struct parser s = { text.p, text.p + text.n, NULL, 1 };
	struct cv_record_row *rows = NULL;
	size_t count = 0, room = 0;

	if (text.n > CV_RECORD_TEXT_MAX)
		return cv_fail(err, CVENV_ELIMIT, "RECORD");
	if (!cv_utf8_ok(text))
		return cv_fail_msg(err, CVENV_ECORRUPT, "RECORD is not UTF-8");
	s.out = cv_new(a, char, text.n + 1);
	if (!s.out)
		return cv_fail_nomem(err);
	for (; s.p < s.end; skip_line_end(&s)) {
		struct cv_record_row row = { .raw.p = s.p };
		int rc;

		if (at_line_end(&s))
			continue;
		rc = take_row(&s, &row, err);
		if (rc < 0)
			return rc;
		row.raw.n = (size_t)(s.p - row.raw.p);
		if (count == CV_RECORD_ROWS_MAX)
			return cv_fail(err, CVENV_ELIMIT, "number of rows in RECORD");
		if (!cv_grow(a, &rows, count, &room))
			return cv_fail_nomem(err);
		rows[count++] = row;
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

bool cv_record_hashes(struct cv_str hash, struct cv_str data)
{
	char sum[sizeof(CV_RECORD_SHA256) + CV_SHA256_B64] = CV_RECORD_SHA256;

	cv_sha256_b64(data.p, data.n, sum + sizeof(CV_RECORD_SHA256) - 1);
	return cv_str_eq(hash, cv_str(sum));
}

static int by_row(const void *a, const void *b)
{
	const struct cv_record_row *x = a, *y = b;
	int d = cv_str_cmp(x->path, y->path);

	if (d == 0)
		d = cv_str_cmp(x->hash, y->hash);
	return d ? d : cv_str_cmp(x->size, y->size);
}

void cv_record_sort(struct cv_record_row *rows, size_t count)
{
	if (count)
		qsort(rows, count, sizeof(*rows), by_row);
}

static bool is_plain(struct cv_str field)
{
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];

		if (c == ',' || c == '"' || c == '\r' || c == '\n')
			return false;
	}
	return true;
}

static void write_field(struct cv_buf *b, struct cv_str field)
{
	if (is_plain(field)) {
		cv_buf_str(b, field);
		return;
	}
	cv_buf_char(b, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			cv_buf_char(b, '"');
		cv_buf_char(b, field.p[i]);
	}
	cv_buf_char(b, '"');
}

void cv_record_write_row(struct cv_buf *b, const struct cv_record_row *row)
{
	write_field(b, row->path);
	cv_buf_char(b, ',');
	write_field(b, row->hash);
	cv_buf_char(b, ',');
	write_field(b, row->size);
}

void cv_record_write(struct cv_buf *b, const struct cv_record_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cv_record_write_row(b, &rows[i]);
		cv_buf_cstr(b, "\r\n");
	}
}
