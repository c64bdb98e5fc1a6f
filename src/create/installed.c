/* SPDX-License-Identifier: MIT */
#include "create/installed.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/file.h"
#include "wheel/scripts.h"

/* 1: the file has the row's hash, or a hash of another kind than SHA-256, which is not checked. */
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

/* 1: the file PATH matches ROW, 0: it does not. */
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

/* If RECORD lists the file, check_rows() has reported it as missing. */
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

int cv_installed_read(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_existing_package *package, bool by_hash, struct cv_installed *ret,
	struct cvenv_error *err)
{
	const char *info = cv_strfmt(a, "%s/%s", layout->purelib, package->dist_info);
	const char *record = info ? cv_path_join(a, info, "RECORD") : NULL;
	const char *points = info ? cv_path_join(a, info, "entry_points.txt") : NULL;
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;
	int rc;

	*ret = (struct cv_installed){ 0 };
	if (!record || !points)
		return cv_fail_nomem(err);
	rc = cv_existing_record(a, layout, package, &ret->rows, &ret->count, err);
	if (rc < 0)
		return rc;
	if (rc == 0) {
		ret->broken = record;
		return 0;
	}
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, layout->env_dir, CV_OS_ANCHOR, &env);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", layout->env_dir);
	rc = check_rows(a, layout, env, by_hash, ret, err);
	if (rc == 0 && !ret->broken)
		rc = read_entry_points(a, env, points, ret, err);
	return rc;
}
