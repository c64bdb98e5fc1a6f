/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/sha256.h"
#include "env/rewrite_in.h"
#include "wheel/record.h"

/*
 * RECORD: absolute paths, and hash and size of files that were rewritten. Only a row that has the
 * hash of the old content gets the new one: another hash is a file that somebody has changed.
 */
enum { BASE_MAX = 1024 }; /* bytes of a name in a directory */

/* Zero for those that cv_path_same() calls the same. */
static int compare(const char *a, const char *b)
{
	return CV_WINDOWS ? strcasecmp(a, b) : strcmp(a, b);
}

static int by_base(const void *a, const void *b)
{
	const struct cv_rewritten *x = a, *y = b;
	int d = compare(cv_path_base(x->path), cv_path_base(y->path));

	return d ? d : compare(x->path, y->path);
}

/* "sha256=..." */
static const char *hash_of(struct cv_arena *a, struct cv_str text)
{
	char *hash = cv_new(a, char, sizeof(CV_RECORD_SHA256) + CV_SHA256_B64);

	if (!hash)
		return NULL;
	memcpy(hash, CV_RECORD_SHA256, sizeof(CV_RECORD_SHA256) - 1);
	cv_sha256_b64(text.p, text.n, hash + sizeof(CV_RECORD_SHA256) - 1);
	return hash;
}

bool cv_rewritten_set(struct cv_arena *a, const char *path, struct cv_str old, struct cv_str new,
	struct cv_rewritten *ret)
{
	*ret = (struct cv_rewritten){ path, hash_of(a, old), hash_of(a, new), new.n };
	return path && ret->old_hash && ret->new_hash;
}

void cv_rewritten_sort(struct cv_rewritten *files, size_t count)
{
	if (count)
		qsort(files, count, sizeof(*files), by_base);
}

/* The part of PATH, of a row, after its last separator. */
static struct cv_str base_of(struct cv_str path)
{
	size_t n = path.n;

	while (n && !cv_path_is_sep(path.p[n - 1]))
		n--;
	return (struct cv_str){ path.p + n, path.n - n };
}

/* Has a file this last component? Few rows have one of a file that was rewritten. */
static bool is_named(const struct cv_rewriting *how, struct cv_str base)
{
	size_t low = 0, high = how->done_count;
	char name[BASE_MAX];

	if (base.n >= sizeof(name) || memchr(base.p, '\0', base.n))
		return false;
	memcpy(name, base.p, base.n);
	name[base.n] = '\0';
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = compare(cv_path_base(how->done[middle].path), name);

		if (d == 0)
			return true;
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The rewritten file of a row; NULL if it is none. */
static const struct cv_rewritten *file_of(
	struct cv_buf *to, const struct cv_text *text, const char *site, struct cv_str path)
{
	struct cv_rewritten key = { 0 };
	const char *name, *below;

	if (!is_named(text->how, base_of(path)))
		return NULL;
	name = cv_strdup(text->arena, path);
	to->bad |= !name;
	if (!name)
		return NULL;
	below = cv_path_root(name) ? cv_path_below(name, text->how->env_dir) : NULL;
	key.path = below                ? cv_path_inside(text->arena, "", below)
		   : cv_path_root(name) ? NULL
					: cv_path_inside(text->arena, site, name);
	return key.path
		       ? bsearch(&key, text->how->done, text->how->done_count, sizeof(key), by_base)
		       : NULL;
}

/* Change ROW; false if it stays. Exhausted memory is noted in TO. */
static bool change(
	struct cv_buf *to, const struct cv_text *text, const char *site, struct cv_record_row *row)
{
	const struct cv_rewritten *file;
	bool changed = false;
	char *path;

	if (row->path.n > 2 && (row->path.p[0] == '/' || row->path.p[1] == ':') &&
		cv_rewrite_path(text->arena, text->how, row->path, &path)) {
		to->bad |= !path;
		row->path = cv_str(path);
		changed = true;
	}
	file = file_of(to, text, site, row->path);
	if (!file || !cv_str_eq(row->hash, cv_str(file->old_hash)))
		return changed;
	row->hash = cv_str(file->new_hash);
	if (row->size.n) {
		row->size = cv_str(cv_strfmt(text->arena, "%zu", file->new_size));
		to->bad |= !row->size.p;
	}
	return true;
}

int cv_rewrite_record(struct cv_buf *to, const struct cv_text *text)
{
	char *dist_info = cv_path_dir(text->arena, text->path);
	char *site = dist_info ? cv_path_dir(text->arena, dist_info) : NULL;
	struct cv_record_row *rows = NULL;
	const char *from = text->old.p;
	size_t count = 0;
	int rc = cv_record_parse(text->arena, text->old, &rows, &count, NULL);

	if (rc == -ENOMEM || !site)
		return -ENOMEM;
	if (rc < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct cv_record_row row = rows[i];

		if (!change(to, text, site, &row))
			continue;
		cv_buf_add(to, from, (size_t)(row.raw.p - from));
		cv_record_write_row(to, &row);
		from = row.raw.p + row.raw.n;
	}
	cv_buf_add(to, from, text->old.n - (size_t)(from - text->old.p));
	return 1;
}
