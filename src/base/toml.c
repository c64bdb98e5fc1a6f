/* SPDX-License-Identifier: MIT */
#include "base/toml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/toml_in.h"

/* How a table or array came about, which decides what may be added to it. */
enum {
	BY_HEADER = 1, /* a table: [a]; an array: [[a]] */
	BY_DOTTED = 2, /* a table: a.b = 1. Only keys of the same section can add to it */
	BY_VALUE = 4,  /* a = {} or a = []: nothing may be added later */
};

int cv_toml_in_fail(const struct cv_toml_in *in, int code, unsigned line, const char *fmt, ...)
{
	va_list ap;

	if (!in->err)
		return -code;
	va_start(ap, fmt);
	*in->err = (struct cvenv_error){ .code = code };
	(void)vsnprintf(in->err->message, sizeof(in->err->message), fmt, ap);
	va_end(ap);
	return cv_wrap(in->err, -code, "'%s', line %u", in->file, line);
}

/* A new value at the end of PARENT, without a type yet; KEY is empty in an array. */
static int add(
	struct cv_toml_in *in, struct cv_toml *parent, struct cv_str key, struct cv_toml **ret)
{
	struct cv_toml *v;

	if (parent->depth == CV_TOML_DEPTH_MAX)
		return cv_toml_in_fail(in, CVENV_ELIMIT, in->line,
			"tables and arrays are nested more than %d deep", CV_TOML_DEPTH_MAX);
	if (in->values++ == CV_TOML_VALUES_MAX)
		return cv_toml_in_fail(
			in, CVENV_ELIMIT, in->line, "more than %d values", CV_TOML_VALUES_MAX);
	v = cv_new(in->arena, struct cv_toml, 1);
	if (!v)
		return cv_fail_nomem(in->err);
	v->line = in->line;
	v->key = key;
	v->parent = parent;
	v->depth = (uint8_t)(parent->depth + 1);
	if (parent->last)
		parent->last->next = v;
	else
		parent->child = v;
	parent->last = v;
	if (parent->type == CV_TOML_TABLE)
		cv_toml_index(parent, v);
	*ret = v;
	return 0;
}

static int add_table(struct cv_toml_in *in, struct cv_toml *parent, struct cv_str key, unsigned how,
	struct cv_toml **ret)
{
	int rc = add(in, parent, key, ret);

	if (rc == 0) {
		(*ret)->type = CV_TOML_TABLE;
		(*ret)->flags = (uint8_t)how;
	}
	return rc;
}

/* The error that the line cannot use the key of V, which exists already. */
static int taken(const struct cv_toml_in *in, const struct cv_toml *v, const char *what)
{
	char name[CV_TOML_NAME_ROOM];

	return cv_toml_in_fail(in, EINVAL, in->line, "'%s' %s (see line %u)", cv_toml_name(v, name),
		what, v->line);
}

/* --- white space and comments ------------------------------------------------------------- */

static int skip_comment(struct cv_toml_in *in)
{
	if (!cv_toml_at(in, '#'))
		return 0;
	while (in->p < in->end && !cv_toml_is_control(*in->p))
		in->p++;
	return in->p == in->end || cv_toml_newline(in) ? 0 : cv_toml_control(in, "a comment");
}

/* Skip blanks, comments and ends of lines: between the items of an array. */
static int skip_space(struct cv_toml_in *in)
{
	for (;;) {
		size_t newline;
		int rc;

		cv_toml_skip_blanks(in);
		rc = skip_comment(in);
		newline = cv_toml_newline(in);
		if (rc < 0 || !newline)
			return rc;
		in->p += newline;
		in->line++;
	}
}

/* --- keys --------------------------------------------------------------------------------- */

/* A part of a dotted key, and the blanks behind it; *RET_MORE: a dot follows, and is skipped. */
static int read_part(struct cv_toml_in *in, struct cv_str *ret, bool *ret_more)
{
	int rc;

	cv_toml_skip_blanks(in);
	rc = cv_toml_read_key(in, ret);
	if (rc < 0)
		return rc;
	cv_toml_skip_blanks(in);
	*ret_more = cv_toml_at(in, '.');
	in->p += *ret_more;
	return 0;
}

/* From the table *T into its table KEY, as the dots in `a.b.c = 1` do. */
static int enter_dotted(struct cv_toml_in *in, struct cv_toml **t, struct cv_str key)
{
	struct cv_toml *v = cv_toml_find(*t, key);

	if (!v)
		return add_table(in, *t, key, BY_DOTTED, t);
	if (v->type != CV_TOML_TABLE)
		return taken(in, v, "is not a table");
	if (v->flags & (BY_HEADER | BY_VALUE))
		return taken(in, v, "is a table that cannot be extended here");
	v->flags |= BY_DOTTED;
	*t = v;
	return 0;
}

/* From the table *T into KEY, as the dots in [a.b.c] do. */
static int enter_header(struct cv_toml_in *in, struct cv_toml **t, struct cv_str key)
{
	struct cv_toml *v = cv_toml_find(*t, key);

	if (!v)
		return add_table(in, *t, key, 0, t);
	if (v->flags & BY_VALUE)
		return taken(in, v, "is a value that cannot be extended");
	if (v->type == CV_TOML_ARRAY)
		v = v->last;
	if (v->type != CV_TOML_TABLE)
		return taken(in, v, "is not a table");
	*t = v;
	return 0;
}

/* `a.b = ` in the table T: the new value *RET. */
static int read_assignment(struct cv_toml_in *in, struct cv_toml *t, struct cv_toml **ret)
{
	struct cv_toml *old;
	struct cv_str key;
	bool more;
	int rc = read_part(in, &key, &more);

	while (rc == 0 && more) {
		rc = enter_dotted(in, &t, key);
		rc = rc < 0 ? rc : read_part(in, &key, &more);
	}
	if (rc < 0)
		return rc;
	old = cv_toml_find(t, key);
	if (old)
		return taken(in, old, "is set twice");
	if (!cv_toml_at(in, '='))
		return cv_toml_in_fail(in, EINVAL, in->line, "'=' is missing after a key");
	in->p++;
	cv_toml_skip_blanks(in);
	return add(in, t, key, ret);
}

/* --- arrays and inline tables ------------------------------------------------------------- */

/* The next item of the array A: 1, and *RET; 0 at its end. */
static int next_item(struct cv_toml_in *in, struct cv_toml *a, struct cv_toml **ret)
{
	int rc = skip_space(in);

	if (rc == 0 && a->child && cv_toml_at(in, ',')) {
		in->p++;
		rc = skip_space(in);
	} else if (rc == 0 && a->child && in->p < in->end && *in->p != ']') {
		return cv_toml_in_fail(in, EINVAL, in->line,
			"',' or ']' is missing in the array that begins in line %u", a->line);
	}
	if (rc < 0)
		return rc;
	if (in->p == in->end)
		return cv_toml_in_fail(in, EINVAL, a->line, "an array has no closing ]");
	if (cv_toml_at(in, ']')) {
		in->p++;
		return 0;
	}
	rc = add(in, a, (struct cv_str){ 0 }, ret);
	return rc < 0 ? rc : 1;
}

/* The next value of the inline table T: 1, and *RET; 0 at its end. */
static int next_pair(struct cv_toml_in *in, struct cv_toml *t, struct cv_toml **ret)
{
	int rc;

	cv_toml_skip_blanks(in);
	if (cv_toml_at(in, '}')) {
		in->p++;
		return 0;
	}
	if (t->child && !cv_toml_at(in, ','))
		return cv_toml_in_fail(in, EINVAL, in->line,
			"an inline table has no closing } or ',' on its line");
	in->p += t->child != NULL;
	cv_toml_skip_blanks(in);
	if (cv_toml_at(in, '}'))
		return cv_toml_in_fail(
			in, EINVAL, in->line, "an inline table must not end with a comma");
	rc = read_assignment(in, t, ret);
	return rc < 0 ? rc : 1;
}

/* The array or inline table that V is in; NULL if V is ROOT. */
static struct cv_toml *around(struct cv_toml *v, const struct cv_toml *root)
{
	if (v == root)
		return NULL;
	do
		v = v->parent;
	while (!(v->flags & BY_VALUE)); /* keys with dots make tables between */
	return v;
}

/* The value ROOT, and all that is in it. */
static int read_value(struct cv_toml_in *in, struct cv_toml *root)
{
	struct cv_toml *v = root, *open;
	int rc;

	for (;;) {
		if (cv_toml_at(in, '[') || cv_toml_at(in, '{')) {
			v->type = *in->p++ == '[' ? CV_TOML_ARRAY : CV_TOML_TABLE;
			v->flags = BY_VALUE;
			open = v;
		} else {
			rc = cv_toml_read_scalar(in, v);
			if (rc < 0)
				return rc;
			open = around(v, root);
		}
		do {
			if (!open)
				return 0;
			rc = open->type == CV_TOML_ARRAY ? next_item(in, open, &v)
							 : next_pair(in, open, &v);
			if (rc == 0)
				open = around(open, root);
		} while (rc == 0);
		if (rc < 0)
			return rc;
	}
}

/* --- headers ------------------------------------------------------------------------------ */

/* [KEY] in the table T. */
static int open_table(
	struct cv_toml_in *in, struct cv_toml *t, struct cv_str key, struct cv_toml **ret)
{
	struct cv_toml *v = cv_toml_find(t, key);

	if (!v)
		return add_table(in, t, key, BY_HEADER, ret);
	if (v->type != CV_TOML_TABLE || v->flags)
		return taken(in, v, "is defined twice");
	v->flags = BY_HEADER;
	v->line = in->line;
	*ret = v;
	return 0;
}

/* [[KEY]] in the table T. */
static int open_item(
	struct cv_toml_in *in, struct cv_toml *t, struct cv_str key, struct cv_toml **ret)
{
	struct cv_toml *v = cv_toml_find(t, key);
	int rc;

	if (!v) {
		rc = add(in, t, key, &v);
		if (!v)
			return rc;
		v->type = CV_TOML_ARRAY;
		v->flags = BY_HEADER;
	} else if (v->type != CV_TOML_ARRAY || v->flags != BY_HEADER) {
		return taken(in, v, "is not an array of tables");
	}
	return add_table(in, v, (struct cv_str){ 0 }, BY_HEADER, ret);
}

/* At '[': the table of the header is *RET. */
static int read_header(struct cv_toml_in *in, struct cv_toml *root, struct cv_toml **ret)
{
	bool item = in->end - in->p >= 2 && in->p[1] == '[', more;
	struct cv_toml *t = root;
	struct cv_str key;
	int rc;

	in->p += item ? 2 : 1;
	rc = read_part(in, &key, &more);
	while (rc == 0 && more) {
		rc = enter_header(in, &t, key);
		rc = rc < 0 ? rc : read_part(in, &key, &more);
	}
	if (rc < 0)
		return rc;
	if (!cv_toml_at(in, ']') || (item && (in->end - in->p < 2 || in->p[1] != ']')))
		return cv_toml_in_fail(
			in, EINVAL, in->line, "a header has no closing %s", item ? "]]" : "]");
	in->p += item ? 2 : 1;
	return item ? open_item(in, t, key, ret) : open_table(in, t, key, ret);
}

/* --- the document ------------------------------------------------------------------------- */

static int read_line(struct cv_toml_in *in, struct cv_toml *root, struct cv_toml **section)
{
	struct cv_toml *v = NULL;
	size_t newline;
	int rc = 0;

	cv_toml_skip_blanks(in);
	if (cv_toml_at(in, '[')) {
		rc = read_header(in, root, section);
	} else if (in->p < in->end && *in->p != '#' && !cv_toml_newline(in)) {
		rc = read_assignment(in, *section, &v);
		rc = v ? read_value(in, v) : rc;
	}
	if (rc < 0)
		return rc;
	cv_toml_skip_blanks(in);
	rc = skip_comment(in);
	newline = cv_toml_newline(in);
	if (rc < 0 || in->p == in->end)
		return rc;
	if (!newline)
		return cv_toml_in_fail(in, EINVAL, in->line,
			"expected the end of the line after a value or header");
	in->p += newline;
	in->line++;
	return 0;
}

static int check_encoding(struct cv_toml_in *in, struct cv_str text)
{
	struct cv_str line;
	unsigned n = 1;
	int rc;

	if (cv_str_starts(text, CV_LIT("\xef\xbb\xbf"))) {
		rc = cv_toml_in_fail(in, EINVAL, 1, "a byte order mark, which TOML does not allow");
		return cv_hint(in->err, rc, "save the file as UTF-8 without it");
	}
	if (cv_utf8_ok(text))
		return 0;
	while (cv_str_cut(&text, '\n', &line) && cv_utf8_ok(line))
		n++;
	return cv_toml_in_fail(in, EINVAL, n, "not UTF-8");
}

int cv_toml_parse(struct cv_arena *arena, const char *file, struct cv_str text,
	struct cv_toml **ret, struct cvenv_error *err)
{
	struct cv_toml_in in = { .arena = arena, .file = file, .line = 1, .err = err };
	struct cv_toml *root = cv_new(arena, struct cv_toml, 1), *section = root;
	int rc;

	if (text.n > CV_TOML_SIZE_MAX)
		return cv_fail_msg(
			err, CVENV_ELIMIT, "'%s' has more than %d bytes", file, CV_TOML_SIZE_MAX);
	if (!root)
		return cv_fail_nomem(err);
	*root = (struct cv_toml){ .type = CV_TOML_TABLE, .line = 1, .flags = BY_HEADER };
	root->key = cv_str_dup(arena, cv_str(file));
	if (!root->key.p)
		return cv_fail_nomem(err);
	in.p = text.n ? text.p : "";
	in.end = in.p + text.n;
	rc = check_encoding(&in, text);
	while (rc == 0 && in.p < in.end)
		rc = read_line(&in, root, &section);
	cv_buf_done(&in.scratch);
	if (rc == 0)
		*ret = root;
	return rc;
}
