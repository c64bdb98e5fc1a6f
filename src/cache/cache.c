/* SPDX-License-Identifier: MIT */
#include "cache/cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cachedir.h"
#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/sweep.h"

#define FORMAT "v1"

enum { SMALL_ENTRY_MAX = 1 << 20, DAY = 24 * 60 * 60 };

/* The directory that the user named instead of the default; NULL: none. */
static const char *named_by_user(const struct cv_ctx *ctx, const char *wanted)
{
	return wanted ? wanted : cv_getenv_nonempty(ctx, "CVENV_CACHE_DIR");
}

const char *cv_cache_where(const struct cv_ctx *ctx, struct cv_arena *a, const char *wanted)
{
	const char *dir = named_by_user(ctx, wanted);
	const char *caches = cv_getenv(ctx, CV_WINDOWS ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
	const char *home = cv_path_home(ctx);

	if (dir)
		return cv_path_has_abs(ctx, dir) ? cv_path_abs(a, ctx, dir) : NULL;
	if (caches && cv_path_is_abs(caches))
		return cv_path_join(a, caches, CV_WINDOWS ? "cvenv/cache" : "cvenv");
	return home && !CV_WINDOWS ? cv_path_join(a, home, ".cache/cvenv") : NULL;
}

const char *cv_cache_nowhere(const struct cv_ctx *ctx, const char *wanted)
{
	if (named_by_user(ctx, wanted))
		return "the current directory is unknown";
	return CV_WINDOWS ? "LOCALAPPDATA is not set" : "the home directory is unknown";
}

/* Does it belong to OWNER, and can no other user write to it? If not, *ret_why is the reason. */
static bool is_private(const struct cv_os_stat *st, uint64_t owner, const char **ret_why)
{
	if (st->owner == owner && !(st->mode & CV_OS_OTHERS_WRITE))
		return true;
	*ret_why =
		st->owner == owner ? "other users may write to it" : "it belongs to another user";
	return false;
}

/* Open DIR if only this user can write to it. -errno, or -CVENV_EREFUSED and *ret_why. */
static int open_private(
	const char *dir, uint64_t owner, struct cv_os_dir *ret, const char **ret_why)
{
	OWN_OS_DIR struct cv_os_dir opened = CV_OS_NO_DIR;
	struct cv_os_stat st;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &opened);

	if (rc == 0)
		rc = cv_os_stat_dir(opened, &st);
	if (rc == 0 && !is_private(&st, owner, ret_why))
		rc = -CVENV_EREFUSED;
	if (rc == 0)
		*ret = cv_os_take_dir(&opened);
	return rc;
}

/* The same for V1 and its parent directory. */
static int open_v1(const char *v1, uint64_t owner, struct cv_os_dir *ret, const char **ret_why)
{
	OWN_OS_DIR struct cv_os_dir opened = CV_OS_NO_DIR;
	struct cv_os_stat st = { 0 }, above = { 0 };
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, v1, CV_OS_NOFOLLOW, &opened);

	if (rc == 0)
		rc = cv_os_stat_dir(opened, &st);
	if (rc == 0)
		rc = cv_os_stat_parent(opened, &above);
	if (rc == 0 && !(is_private(&st, owner, ret_why) && is_private(&above, owner, ret_why)))
		rc = -CVENV_EREFUSED;
	if (rc == 0)
		*ret = cv_os_take_dir(&opened);
	return rc;
}

/*
 * Does DIR only contain entries of a cache? Then its tag was deleted, or the process that created
 * it was killed before it wrote the tag.
 */
static bool looks_ours(struct cv_os_dir dir)
{
	static const char *const ours[] = { "info", "wheels", "bytecode", CV_CACHEDIR_TAG };
	OWN_OS_LIST struct cv_os_list list = { 0 };

	if (cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list) < 0)
		return false;
	while (cv_os_list_next(&list) > 0) {
		bool known = cv_is_temp_name(list.name);

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known |= strcmp(list.name, ours[i]) == 0;
		if (!known)
			return false;
	}
	return true;
}

static void write_tag(struct cv_os_dir dir)
{
	(void)cv_replace_file(dir, CV_CACHEDIR_TAG, 0666, CV_LIT(CV_CACHEDIR_TEXT), NULL);
}

/* MAKE: create missing parts. */
static int open_format(
	const char *v1, uint64_t owner, bool make, struct cv_os_dir *ret, const char **ret_why)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = open_v1(v1, owner, &dir, ret_why);

	if (rc < 0)
		return rc;
	if (cv_os_access(dir, CV_CACHEDIR_TAG, CV_OS_MAY_EXIST) < 0) {
		if (!looks_ours(dir)) {
			*ret_why = "its 'v1' was not created by cvenv";
			return -CVENV_EREFUSED;
		}
		if (make)
			write_tag(dir);
	}
	*ret = cv_os_take_dir(&dir);
	return 0;
}

/* V1 is DIR/v1. If DIR itself is the problem, report that. */
static int open_dir(const char *dir, const char *v1, uint64_t owner, bool make,
	struct cv_os_dir *ret, const char **ret_why)
{
	OWN_OS_DIR struct cv_os_dir up = CV_OS_NO_DIR;
	int rc = open_format(v1, owner, make, ret, ret_why), up_rc;
	const char *why = NULL;

	if (rc == 0)
		return 0;
	up_rc = open_private(dir, owner, &up, &why);
	if (up_rc < 0)
		*ret_why = why;
	return up_rc < 0 ? up_rc : rc;
}

int cv_cache_open_dir(const char *dir, const char *v1, struct cv_os_dir *ret, const char **ret_why)
{
	return open_dir(dir, v1, cv_os_user(), false, ret, ret_why);
}

/* As cv_cache_open_dir(), but creates missing directories. */
static int make_and_open(struct cv_arena *a, const char *dir, const char *v1, uint64_t owner,
	struct cv_os_dir *ret, const char **ret_why)
{
	const char *parent = cv_path_dir(a, dir);
	OWN_OS_DIR struct cv_os_dir up = CV_OS_NO_DIR;
	const char *made;
	int rc = open_dir(dir, v1, owner, true, ret, ret_why);

	if (rc != -ENOENT || !parent)
		return rc;
	rc = cv_make_dirs(a, parent, &made, NULL);
	if (rc < 0)
		return rc;
	rc = cv_os_make_dir(CV_OS_ABSOLUTE, dir, 0700);
	if (rc == 0 || rc == -EEXIST)
		rc = open_private(dir, owner, &up, ret_why);
	if (rc == 0)
		rc = cv_os_make_dir(up, FORMAT, 0700);
	if (rc < 0 && rc != -EEXIST)
		return rc;
	return open_format(v1, owner, true, ret, ret_why);
}

void cv_cache_log_without(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *why)
{
	cv_log(ctx, cache->named ? CVENV_LOG_WARNING : CVENV_LOG_INFO,
		"working without a cache: %s", why);
}

static void open_cache(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	bool reading, struct cv_cache *ret)
{
	const char *dir = cv_cache_where(ctx, a, dir_wanted);
	const char *v1 = dir ? cv_path_join(a, dir, FORMAT) : NULL;
	const char *why = NULL;
	int rc;

	*ret = (struct cv_cache){ 0 };
	ret->named = named_by_user(ctx, dir_wanted);
	ret->reading = reading;
	ret->owner = cv_os_user();
	if (!dir) {
		ret->reason = cv_cache_nowhere(ctx, dir_wanted);
		cv_cache_log_without(ctx, ret, ret->reason);
		return;
	}
	if (!v1)
		return;
	rc = reading ? open_dir(dir, v1, ret->owner, false, &ret->root, &why)
		     : make_and_open(a, dir, v1, ret->owner, &ret->root, &why);
	if (rc < 0) {
		ret->reason = cv_strfmt(a, "'%s': %s", dir, why ? why : cv_err_text(-rc));
		if (rc == -ENOENT && reading)
			ret->missing = dir;
		if (ret->reason && (!reading || rc != -ENOENT))
			cv_cache_log_without(ctx, ret, ret->reason);
		return;
	}
	ret->dir = v1;
}

void cv_cache_open(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret)
{
	open_cache(ctx, a, dir_wanted, false, ret);
}

void cv_cache_open_reading(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_cache *ret)
{
	open_cache(ctx, a, dir_wanted, true, ret);
}

void cv_cache_close(const struct cv_ctx *ctx, struct cv_cache *cache)
{
	struct cvenv_error err;
	struct cv_os_stat st;
	int rc = cache->temporary[0] ? cv_os_stat_dir(cache->root, &st) : 0;

	if (rc < 0)
		cv_fail(&err, -rc, "cannot stat it");
	else if (cache->temporary[0])
		rc = cv_remove_dir(cache->temp_in, cache->temporary, &st, &err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_WARNING, "could not remove '%s': %s", cache->dir,
			err.message);
	cv_os_close_dir(&cache->root);
	cv_os_close_dir(&cache->temp_in);
	*cache = (struct cv_cache){ 0 };
}

/* Delete the manifest first: without it, no process uses the entry. */
static int remove_in_place(struct cv_os_dir root, const char *name, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_os_open_dir(root, name, CV_OS_NOFOLLOW, &dir);

	if (rc == 0) {
		rc = cv_os_unlink(dir, "manifest");
		if (rc < 0 && rc != -ENOENT)
			return cv_fail(err, -rc, "cannot remove '%s/manifest'", name);
	}
	return cv_remove_tree(root, name, err);
}

int cv_cache_remove(struct cv_os_dir root, const char *name, struct cvenv_error *err)
{
	char gone[CV_TEMP_NAME_MAX];
	int rc;

	cv_temp_name(gone);
	rc = cv_os_rename(root, name, root, gone, CV_OS_REPLACE);
	if (rc == 0)
		return cv_remove_tree(root, gone, err);
	/* overlayfs cannot rename a directory of the container's image */
	if (cv_err_unsupported(-rc))
		return remove_in_place(root, name, err);
	return rc == -ENOENT ? 0 : cv_fail(err, -rc, "cannot remove '%s'", name);
}

void cv_cache_used(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *file, int64_t mtime)
{
	if (!cache->reading && ctx->now && (ctx->now - mtime > DAY || mtime - ctx->now > DAY))
		(void)cv_os_touch_at(cache->root, file);
}

bool cv_cache_get(const struct cv_ctx *ctx, const struct cv_cache *cache, struct cv_arena *a,
	const char *name, struct cv_str *ret)
{
	struct cv_os_stat st;

	if (!cv_os_dir_ok(cache->root) ||
		cv_read_file_stat(cache->root, name, CV_OS_NOFOLLOW, SMALL_ENTRY_MAX, a, ret, &st,
			NULL) < 0 ||
		st.owner != cache->owner)
		return false;
	cv_cache_used(ctx, cache, name, st.mtime.s);
	return true;
}

void cv_cache_put(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	struct cv_str data)
{
	const char *slash = strrchr(name, '/');
	char folder[64];
	struct cvenv_error err;
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc;

	if (!cv_os_dir_ok(cache->root) || cache->reading || !slash ||
		(size_t)(slash - name) >= sizeof(folder))
		return;
	memcpy(folder, name, (size_t)(slash - name));
	folder[slash - name] = '\0';
	(void)cv_os_make_dir(cache->root, folder, 0700);
	rc = cv_os_open_dir(cache->root, folder, CV_OS_NOFOLLOW, &dir);
	if (rc == 0)
		cv_stage_sweep(dir);
	rc = rc < 0 ? cv_fail(&err, -rc, "cannot open '%s'", folder)
		    : cv_replace_file(dir, slash + 1, 0600, data, &err);
	if (rc == -EISDIR && cv_cache_remove(cache->root, name, NULL) == 0)
		rc = cv_replace_file(dir, slash + 1, 0600, data, &err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_INFO, "cannot write to the cache: %s", err.message);
}
