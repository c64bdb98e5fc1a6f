/* SPDX-License-Identifier: MIT */
#include "wheel/wheel.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/path.h"
#include "base/sha256.h"
#include "wheel/record.h"
#include "wheel/version.h"

static int refuse(struct cvenv_error *err, const char *what)
{
	return cv_fail_msg(err, CVENV_EWHEEL, "%s", what);
}

static struct cv_str top_of(struct cv_str path)
{
	struct cv_str top = { 0 };

	(void)cv_str_cut(&path, '/', &top);
	return top;
}

/* Is PATH equal to DIR/NAME? */
static bool is_in(struct cv_str path, struct cv_str dir, struct cv_str name)
{
	return path.n == dir.n + 1 + name.n && cv_str_starts(path, dir) && path.p[dir.n] == '/' &&
	       cv_str_ends(path, name);
}

static bool is_record(const struct cv_wheel *w, struct cv_str path)
{
	return is_in(path, w->dist_info, CV_LIT("RECORD"));
}

/* Signatures sign RECORD, so RECORD cannot have their hashes (PEP 427). */
static bool is_signature(const struct cv_wheel *w, struct cv_str path)
{
	return is_in(path, w->dist_info, CV_LIT("RECORD.jws")) ||
	       is_in(path, w->dist_info, CV_LIT("RECORD.p7s"));
}

/* Find the only *.dist-info, and refuse .data: its files would go elsewhere than site-packages. */
static int find_dist_info(struct cv_arena *a, struct cv_wheel *w, struct cvenv_error *err)
{
	for (size_t i = 0; i < w->zip.count; i++) {
		struct cv_str top = top_of(w->zip.entries[i].name);

		if (cv_str_ends(top, CV_LIT(".data")))
			return cv_fail_msg(err, CVENV_EWHEEL,
				"it has '%.*s': .data directories are not supported", CV_ARG(top));
		if (!cv_str_ends(top, CV_LIT(".dist-info")) || cv_str_eq(top, w->dist_info))
			continue;
		if (w->dist_info.n)
			return cv_fail_msg(err, CVENV_EWHEEL, "it has both '%.*s' and '%.*s'",
				CV_ARG(w->dist_info), CV_ARG(top));
		w->dist_info = top;
	}
	if (!w->dist_info.n)
		return refuse(err, "it has no .dist-info directory");
	w->dist_info = cv_str_dup(a, w->dist_info);
	return w->dist_info.p ? 0 : cv_fail_nomem(err);
}

/* The directory PROJECT-VERSION.dist-info must agree with the file name. */
static int check_dist_info(const struct cv_wheel *w, struct cv_str name, struct cv_str version,
	struct cvenv_error *err)
{
	struct cv_str rest = w->dist_info, dir_name;

	rest.n -= sizeof(".dist-info") - 1;
	if (cv_str_cut(&rest, '-', &dir_name) && cv_wheel_name_eq(dir_name, name) &&
		cv_version_ok(rest) && cv_version_cmp(rest, version) == 0)
		return 0;
	return cv_fail_msg(err, CVENV_EWHEEL, "it has the directory '%.*s' of another project",
		CV_ARG(w->dist_info));
}

static int read_text(struct cv_arena *a, const struct cv_wheel *w, const struct cv_zip_entry *e,
	struct cv_str *ret, struct cvenv_error *err)
{
	char *text;
	int rc;

	if (e->size > CV_WHEEL_META_MAX)
		return cv_fail(err, CVENV_ELIMIT, "'%.*s'", CV_ARG(e->name));
	text = cv_new(a, char, (size_t)e->size + 1);
	if (!text)
		return cv_fail_nomem(err);
	rc = cv_zip_read(&w->zip, e, text, err);
	if (rc == 0)
		*ret = (struct cv_str){ text, (size_t)e->size };
	return rc;
}

static int by_path(const void *a, const void *b)
{
	const struct cv_wheel_file *x = a, *y = b;

	return cv_str_cmp(x->path, y->path);
}

static const struct cv_zip_entry *find_record(const struct cv_wheel *w)
{
	for (size_t i = 0; i < w->zip.count; i++) {
		if (!w->zip.entries[i].dir && is_record(w, w->zip.entries[i].name))
			return &w->zip.entries[i];
	}
	return NULL;
}

/* Fill w->files; false when memory is exhausted. */
static bool list_files(struct cv_arena *a, struct cv_wheel *w, const struct cv_zip_entry *record)
{
	w->files = cv_new(a, struct cv_wheel_file, w->zip.count);
	if (!w->files)
		return false;
	for (size_t i = 0; i < w->zip.count; i++) {
		const struct cv_zip_entry *e = &w->zip.entries[i];

		if (e->dir || e == record)
			continue;
		w->files[w->count++] = (struct cv_wheel_file){
			.path = e->name,
			.size = e->size,
			.mtime = e->mtime,
			.exec = (e->unix_mode & CV_ZIP_TYPE) == CV_ZIP_FILE &&
				(e->unix_mode & 0111) != 0,
			.entry = e,
		};
	}
	if (w->count)
		qsort(w->files, w->count, sizeof(*w->files), by_path);
	return true;
}

static bool hash_ok(struct cv_str hash)
{
	if (!cv_str_starts(hash, CV_LIT(CV_RECORD_SHA256)) ||
		hash.n != sizeof(CV_RECORD_SHA256) - 1 + CV_SHA256_B64)
		return false;
	for (size_t i = sizeof(CV_RECORD_SHA256) - 1; i < hash.n; i++) {
		char c = hash.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			c != '-' && c != '_')
			return false;
	}
	return true;
}

static int match_row(const struct cv_wheel *w, struct cv_wheel_file *f,
	const struct cv_record_row *row, struct cvenv_error *err)
{
	uint64_t size;

	if (is_signature(w, f->path) && row->hash.n == 0)
		return 0;
	if (!hash_ok(row->hash))
		return cv_fail_msg(
			err, CVENV_EWHEEL, "RECORD has no sha256 of '%.*s'", CV_ARG(f->path));
	if (!cv_str_u64(row->size, CV_ZIP_FILE_MAX, &size) || size != f->size)
		return cv_fail_msg(
			err, CVENV_EWHEEL, "RECORD has a wrong size of '%.*s'", CV_ARG(f->path));
	f->hash = row->hash;
	return 0;
}

/* Both lists are sorted, and must have the same paths except RECORD and its signatures. */
static int match_record(
	struct cv_wheel *w, struct cv_record_row *rows, size_t count, struct cvenv_error *err)
{
	size_t r = 0, f = 0;

	while (r < count || f < w->count) {
		int d = r == count      ? 1
			: f == w->count ? -1
					: cv_str_cmp(rows[r].path, w->files[f].path);

		if (r > 0 && r < count && cv_str_eq(rows[r].path, rows[r - 1].path))
			return cv_fail_msg(
				err, CVENV_EWHEEL, "RECORD has '%.*s' twice", CV_ARG(rows[r].path));
		if (d == 0) {
			int rc = match_row(w, &w->files[f++], &rows[r++], err);

			if (rc < 0)
				return rc;
		} else if (d > 0) {
			if (!is_signature(w, w->files[f++].path))
				return cv_fail_msg(err, CVENV_EWHEEL, "'%.*s' is not in its RECORD",
					CV_ARG(w->files[f - 1].path));
		} else if (!is_record(w, rows[r++].path)) {
			return cv_fail_msg(err, CVENV_EWHEEL,
				"'%.*s' is in its RECORD, but missing", CV_ARG(rows[r - 1].path));
		}
	}
	return 0;
}

static int read_record(struct cv_arena *a, struct cv_wheel *w, struct cvenv_error *err)
{
	const struct cv_zip_entry *record = find_record(w);
	struct cv_record_row *rows = NULL;
	struct cv_str text = { 0 };
	size_t count = 0;
	int rc;

	if (!record)
		return refuse(err, "it has no RECORD");
	if (!list_files(a, w, record))
		return cv_fail_nomem(err);
	rc = read_text(a, w, record, &text, err);
	if (rc == 0)
		rc = cv_record_parse(a, text, &rows, &count, err);
	if (rc < 0)
		return rc;
	cv_record_sort(rows, count);
	return match_record(w, rows, count, err);
}

/* Unpack a file and check it against RECORD. */
static int read_file(
	const struct cv_wheel *w, const struct cv_wheel_file *f, void *out, struct cvenv_error *err)
{
	int rc = cv_zip_read(&w->zip, f->entry, out, err);

	if (rc < 0 || f->hash.n == 0)
		return rc;
	if (!cv_record_hashes(f->hash, (struct cv_str){ f->size ? out : "", (size_t)f->size }))
		return cv_fail_msg(err, CVENV_EWHEEL, "'%.*s' does not have the hash in RECORD",
			CV_ARG(f->path));
	return 0;
}

/* Read and verify DIST_INFO/NAME. ret->p is NULL if there is no such file. */
static int read_meta(struct cv_arena *a, struct cv_wheel *w, struct cv_str name, struct cv_str *ret,
	struct cvenv_error *err)
{
	*ret = (struct cv_str){ 0 };
	for (size_t i = 0; i < w->count; i++) {
		char *text;

		if (!is_in(w->files[i].path, w->dist_info, name))
			continue;
		if (w->files[i].size > CV_WHEEL_META_MAX)
			return cv_fail(err, CVENV_ELIMIT, "'%.*s'", CV_ARG(w->files[i].path));
		text = cv_new(a, char, (size_t)w->files[i].size + 1);
		if (!text)
			return cv_fail_nomem(err);
		*ret = (struct cv_str){ text, (size_t)w->files[i].size };
		return read_file(w, &w->files[i], text, err);
	}
	return 0;
}

/*
 * Find a header of WHEEL or METADATA, which are formatted like mail: the headers end at an empty
 * line. False when it is missing (*ret is "") or occurs more than once.
 */
static bool header(struct cv_str text, const char *key, struct cv_str *ret)
{
	struct cv_str line, name;
	unsigned seen = 0;

	*ret = CV_LIT("");
	while (cv_str_cut(&text, '\n', &line) && line.n && !cv_str_eq(line, CV_LIT("\r"))) {
		if (!cv_str_cut(&line, ':', &name) || !line.p || name.n != strlen(key) ||
			strncasecmp(name.p, key, name.n) != 0)
			continue;
		*ret = cv_str_trim(line);
		seen++;
	}
	return seen == 1;
}

static int check_format(struct cv_arena *a, struct cv_wheel *w, struct cvenv_error *err)
{
	struct cv_str text, format, major, purelib;
	uint64_t number;
	int rc = read_meta(a, w, CV_LIT("WHEEL"), &text, err);

	if (rc < 0)
		return rc;
	if (!header(text, "Wheel-Version", &format))
		return refuse(err, "its WHEEL file has no Wheel-Version");
	(void)cv_str_cut(&format, '.', &major);
	if (!format.p || !cv_str_u64(major, UINT32_MAX, &number) || number != 1)
		return refuse(err, "it has an unknown format: Wheel-Version is not 1.x");
	if (!header(text, "Root-Is-Purelib", &purelib) || purelib.n != 4 ||
		strncasecmp(purelib.p, "true", 4) != 0)
		return refuse(err, "it is not pure Python: Root-Is-Purelib is not true");
	return 0;
}

/* Values are printed and stored, so they must be one line of UTF-8 without control characters. */
static bool printable(struct cv_str s)
{
	return cv_utf8_ok(s) && cv_utf8_plain(s);
}

static int check_metadata(struct cv_arena *a, struct cv_wheel *w, struct cv_str name,
	struct cv_str version, struct cvenv_error *err)
{
	struct cv_str text;
	int rc = read_meta(a, w, CV_LIT("METADATA"), &text, err);

	if (rc < 0)
		return rc;
	if (!text.p)
		return refuse(err, "it has no METADATA");
	if (!header(text, "Name", &w->name) || !cv_wheel_name_eq(w->name, name) ||
		!header(text, "Version", &w->version) || !cv_version_ok(w->version) ||
		cv_version_cmp(w->version, version) != 0)
		return refuse(err, "its METADATA is of another project or version");
	if (!header(text, "Requires-Python", &w->requires_python) && w->requires_python.n)
		return refuse(err, "its METADATA has Requires-Python twice");
	if (!printable(w->requires_python))
		return refuse(err, "its METADATA has control characters in Requires-Python");
	rc = read_meta(a, w, CV_LIT("entry_points.txt"), &w->entry_points, err);
	if (!w->entry_points.p)
		w->entry_points = CV_LIT("");
	return rc;
}

static int open_checked(struct cv_arena *a, struct cv_str file_name, struct cv_str data,
	struct cv_wheel *w, struct cvenv_error *err)
{
	struct cv_str name, version, tags;
	int rc;

	if (!cv_wheel_name_parse(file_name, &name, &version, &tags))
		return refuse(err, "its name is not NAME-VERSION-PYTHON-ABI-PLATFORM.whl");
	if (!cv_wheel_tags_pure(tags))
		return refuse(err, "it is not for every Python 3 (py3-none-any)");
	rc = cv_zip_open(a, data, &w->zip, err);
	if (rc == 0)
		rc = find_dist_info(a, w, err);
	if (rc == 0)
		rc = check_dist_info(w, name, version, err);
	if (rc == 0)
		rc = read_record(a, w, err);
	if (rc == 0)
		rc = check_format(a, w, err);
	return rc < 0 ? rc : check_metadata(a, w, name, version, err);
}

int cv_wheel_open(struct cv_arena *a, const char *file_name, struct cv_str data,
	struct cv_wheel *ret, struct cvenv_error *err)
{
	int rc;

	*ret = (struct cv_wheel){ .file_name = cv_strdup(a, cv_str(file_name)) };
	rc = ret->file_name ? open_checked(a, cv_str(ret->file_name), data, ret, err)
			    : cv_fail_nomem(err);
	if (rc < 0) {
		cv_wheel_close(ret);
		return cv_wrap(err, rc, "cannot use wheel '%s'", file_name);
	}
	return 0;
}

int cv_wheel_read(const struct cv_wheel *wheel, size_t index, void *out, struct cvenv_error *err)
{
	int rc = read_file(wheel, &wheel->files[index], out, err);

	return rc < 0 ? cv_wrap(err, rc, "cannot use wheel '%s'", wheel->file_name) : 0;
}

void cv_wheel_close(struct cv_wheel *wheel)
{
	cv_zip_close(&wheel->zip);
	*wheel = (struct cv_wheel){ 0 };
}
