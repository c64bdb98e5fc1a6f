/* SPDX-License-Identifier: MIT */
#include "create/installed.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "create/existing.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "wheel/scripts.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

enum {
	RECORD_MAX = 16 << 20,
	FILES_MAX = 100000,
	PER_SOURCE = 4, /* the source and three kinds of bytecode */
};

/*
 * 1: the file has the row's hash, or the hash is not SHA-256 and is not checked; 0: it has another
 * one.
 */
static int has_hash(struct cv_os_dir env, const char *path, uint64_t size, struct cv_str hash,
	struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str text;
	int rc;

	if (!cv_str_starts(hash, CV_LIT(CV_RECORD_SHA256)))
		return 1;
	rc = cv_read_file(env, path, CV_OS_FOLLOW, size, &a, &text, err);
	return rc < 0 ? rc : cv_record_hashes(hash, text);
}

/* 1: the file PATH matches ROW; 0: it does not. */
static int check_file(struct cv_os_dir env, const char *path, const struct cv_record_row *row,
	bool by_hash, struct cvenv_error *err)
{
	bool source = cv_str_ends(row->path, CV_LIT(".py"));
	uint64_t size, is;
	struct cv_os_stat st;
	int rc = cv_os_stat(env, path, CV_OS_FOLLOW, &st);

	if (rc < 0)
		return cv_err_missing(-rc) ? 0 : cv_fail(err, -rc, "cannot read '%s'", path);
	if (st.type != CV_OS_FILE)
		return 0;
	if (!cv_str_u64(row->size, UINT64_MAX, &size))
		return 1;
	is = st.size;
	if (source ? is != size : is < size)
		return 0;
	return by_hash && source ? has_hash(env, path, size, row->hash, err) : 1;
}

static int check_rows(struct cv_arena *a, const struct cv_layout *layout, struct cv_os_dir env,
	bool by_hash, struct cv_installed *ret, struct cvenv_error *err)
{
	for (size_t i = 0; i < ret->count; i++) {
		const struct cv_record_row *row = &ret->rows[i];
		const char *path = cv_existing_path(a, layout, row->path);
		int rc = 1;

		if (path && !cv_path_within(path, layout->bin) &&
			!cv_str_ends(row->path, CV_LIT(".pyc")))
			rc = check_file(env, path, row, by_hash, err);
		if (rc < 0)
			return rc;
		if (rc == 0) {
			ret->broken = path;
			return 0;
		}
	}
	return 0;
}

/* If the file is missing but in RECORD, check_rows() reports it. */
static int read_entry_points(struct cv_arena *a, struct cv_os_dir env, const char *path,
	struct cv_installed *ret, struct cvenv_error *err)
{
	struct cvenv_error failed;
	int rc = cv_read_file(
		env, path, CV_OS_FOLLOW, CV_SCRIPTS_TEXT_MAX, a, &ret->entry_points, &failed);

	if (rc == 0 || rc == -ENOENT)
		return 0;
	if (cv_err_passes(-rc)) {
		*err = failed;
		return rc;
	}
	ret->broken = path;
	return 0;
}

/* Add the names of a source's bytecode (PEP 3147, PEP 488). */
static size_t add_bytecode(
	struct cv_arena *a, const char *source, const char *tag, const char **files)
{
	static const char *const levels[] = { "", ".opt-1", ".opt-2" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		files[n] = cv_path_bytecode(a, source, tag, levels[i]);
		n += files[n] != NULL;
	}
	return n;
}

struct names {
	const char **all;
	size_t count, room;
};

static bool add_name(struct cv_arena *a, struct names *names, const char *name)
{
	if (!cv_grow(a, &names->all, names->count, &names->room))
		return false;
	names->all[names->count++] = name;
	return name != NULL;
}

static bool is_dir(const struct cv_os_list *entry)
{
	struct cv_os_stat st = { .type = entry->type };

	if (st.type == CV_OS_UNKNOWN)
		(void)cv_os_stat(entry->dir, entry->name, CV_OS_NOFOLLOW, &st);
	return st.type == CV_OS_DIR;
}

/* Add all files below the directory PATH, which is relative to ENV_DIR, except RECORD. */
static int list_files(struct cv_arena *a, struct cv_os_dir at, const char *name, const char *path,
	int depth, struct names *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = 0;

	if (depth > CV_DEPTH_MAX)
		return 0;
	/* a file or a link has no entries */
	(void)cv_os_list_open(at, name, CV_OS_NOFOLLOW, &list);
	while (rc == 0 && ret->count < FILES_MAX && cv_os_list_next(&list) > 0) {
		const char *below = cv_path_join(a, path, list.name);

		if (depth == 0 && strcmp(list.name, "RECORD") == 0)
			continue;
		if (!below)
			return cv_fail_nomem(err);
		if (is_dir(&list))
			rc = list_files(a, list.dir, list.name, below, depth + 1, ret, err);
		else if (!add_name(a, ret, below))
			rc = cv_fail_nomem(err);
	}
	return rc;
}

static int files_by_record(struct cv_arena *a, const struct cv_layout *layout, const char *tag,
	const struct cv_record_row *rows, size_t count, const char *record, struct names *ret,
	struct cvenv_error *err)
{
	ret->room = count * PER_SOURCE + 1;
	ret->all = cv_new(a, const char *, ret->room);
	if (!ret->all)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *path = cv_existing_path(a, layout, rows[i].path);

		if (!path || strcmp(path, record) == 0)
			continue;
		ret->all[ret->count++] = path;
		if (cv_str_ends(cv_str(path), CV_LIT(".py")) && tag[0])
			ret->count += add_bytecode(a, path, tag, ret->all + ret->count);
	}
	return 0;
}

static bool lists_itself(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_record_row *rows, size_t count, const char *record)
{
	for (size_t i = 0; i < count; i++) {
		const char *path = cv_str_ends(rows[i].path, CV_LIT("RECORD"))
					   ? cv_existing_path(a, layout, rows[i].path)
					   : NULL;

		if (path && strcmp(path, record) == 0)
			return true;
	}
	return false;
}

static int read_record(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const char *record, struct cv_installed *ret, struct cvenv_error *err)
{
	struct cv_str text = { 0 };
	int rc = cv_existing_text(a, env, record, RECORD_MAX, &text, err);

	if (rc <= 0)
		return rc;
	rc = cv_record_parse(a, text, &ret->rows, &ret->count, NULL);
	if (rc == -ENOMEM)
		return cv_fail_nomem(err);
	ret->has_record = rc == 0 && lists_itself(a, layout, ret->rows, ret->count, record);
	return 0;
}

int cv_installed_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const char *cache_tag, const struct cv_existing_package *package, struct cv_installed *ret,
	struct cvenv_error *err)
{
	const char *info = cv_strfmt(a, "%s/%s", layout->purelib, package->dist_info);
	const char *record = info ? cv_path_join(a, info, "RECORD") : NULL;
	struct names names = { 0 };
	int rc;

	*ret = (struct cv_installed){ .package = package };
	if (!record)
		return cv_fail_nomem(err);
	rc = read_record(a, env, layout, record, ret, err);
	if (rc == 0)
		rc = files_by_record(
			a, layout, cache_tag, ret->rows, ret->count, record, &names, err);
	if (rc == 0 && !ret->has_record)
		rc = list_files(a, env, info, info, 0, &names, err);
	if (rc < 0)
		return rc;
	if (!add_name(a, &names, record))
		return cv_fail_nomem(err);
	ret->files = names.all;
	ret->file_count = names.count;
	ret->broken = ret->has_record ? NULL : record;
	return 0;
}

int cv_installed_check(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	bool by_hash, struct cv_installed *installed, struct cvenv_error *err)
{
	const char *points = cv_strfmt(
		a, "%s/%s/entry_points.txt", layout->purelib, installed->package->dist_info);
	int rc;

	if (!points)
		return cv_fail_nomem(err);
	if (installed->broken)
		return 0;
	rc = check_rows(a, layout, env, by_hash, installed, err);
	if (rc == 0 && !installed->broken)
		rc = read_entry_points(a, env, points, installed, err);
	return rc;
}

/* List the files below the wheel's own directories. Links are not followed. */
static int read_strays(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const struct cv_cached_wheel *wheel, struct cv_installed_versions *ret,
	struct cvenv_error *err)
{
	struct names names = { 0 };
	struct cv_str last = { 0 };
	int rc = 0;

	for (size_t i = 0; i < wheel->tree.count && rc == 0; i++) {
		struct cv_str rest = cv_str(wheel->tree.files[i].path), top;
		const char *path;

		if (!memchr(rest.p, '/', rest.n) || !cv_str_cut(&rest, '/', &top) ||
			cv_str_eq(top, last) || cv_str_eq(top, wheel->dist_info))
			continue;
		last = top;
		path = cv_strfmt(a, "%s/%.*s", layout->purelib, CV_ARG(top));
		rc = path ? list_files(a, env, path, path, 0, &names, err) : cv_fail_nomem(err);
	}
	ret->strays = names.all;
	ret->stray_count = names.count;
	return rc;
}

int cv_installed_versions(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const char *cache_tag, const struct cv_existing *existing,
	const struct cv_cached_wheel *wheel, struct cv_installed_versions *ret,
	struct cvenv_error *err)
{
	struct cv_installed *all = cv_new(a, struct cv_installed, existing->count + 1);
	const struct cv_existing_package *newest = cv_existing_find(existing, wheel->name);
	bool has_records = newest != NULL;
	int rc = 0;

	*ret = (struct cv_installed_versions){ .all = all };
	if (!cv_os_dir_ok(env))
		return 0;
	if (!all)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < existing->count && rc == 0; i++) {
		const struct cv_existing_package *p = &existing->packages[i];

		if (!cv_wheel_name_eq(p->name, wheel->name))
			continue;
		rc = cv_installed_read(a, env, layout, cache_tag, p, &all[ret->count], err);
		has_records &= all[ret->count++].has_record;
	}
	/*
	 * If two versions are installed, a process was interrupted while replacing one. Files of
	 * the same size may be of either version, so compare hashes.
	 */
	for (size_t i = 0; i < ret->count && rc == 0; i++)
		if (newest && all[i].package == newest &&
			cv_version_cmp(newest->version, wheel->version) >= 0)
			rc = cv_installed_check(a, env, layout, ret->count > 1, &all[i], err);
	return rc == 0 && !has_records ? read_strays(a, env, layout, wheel, ret, err) : rc;
}
