/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cache/cache.h"
#include "fs/dir.h"
#include "fs/pack.h"
#include "fs/sweep.h"

/* The temporary cache of cache.h. */

/* Its possible places; the first writable directory is used. */
enum place { TMPDIR, TMP, VAR_TMP, BESIDE_ENV_DIR, IN_ENV_DIR, PLACES }; /* see path_of() */

/* The nearest existing directory above PATH; NULL if memory is exhausted. */
static char *nearest_above(struct cv_arena *a, const char *path)
{
	char *up = cv_path_dir(a, path);
	struct cv_os_stat st;

	while (up && cv_path_base(up)[0] &&
		cv_os_stat(CV_OS_ABSOLUTE, up, CV_OS_FOLLOW, &st) == -ENOENT)
		up = cv_path_dir(a, up);
	return up;
}

/* The absolute path in the variable NAME, or NULL. */
static const char *directory_of(const struct cv_ctx *ctx, const char *name)
{
	const char *dir = cv_getenv(ctx, name);

	return dir && cv_path_is_abs(dir) ? dir : NULL;
}

/* NULL if there is no such directory. */
static const char *path_of(
	const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache, int place)
{
	switch (place) {
	case TMPDIR:
		return directory_of(ctx, CV_WINDOWS ? "TEMP" : "TMPDIR");
	case TMP:
		return CV_WINDOWS ? directory_of(ctx, "TMP") : "/tmp";
	case VAR_TMP:
		return CV_WINDOWS ? NULL : "/var/tmp";
	case BESIDE_ENV_DIR:
		return cache->env_dir ? nearest_above(a, cache->env_dir) : NULL;
	default:
		return cache->env_dir;
	}
}

const char *cv_cache_place(const struct cv_ctx *ctx, const struct cv_cache *cache)
{
	if (cache->dir || cache->missing)
		return cache->dir ? cache->dir : cache->missing;
	for (int place = TMPDIR; place <= VAR_TMP; place++) {
		const char *path = path_of(ctx, NULL, cache, place);

		if (path && cv_os_access(
				    CV_OS_ABSOLUTE, path, CV_OS_MAY_WRITE | CV_OS_MAY_EXECUTE) == 0)
			return path;
	}
	return CV_WINDOWS && cache->env_dir ? cache->env_dir : "/tmp";
}

static bool keeps_times(struct cv_os_dir dir)
{
	struct cv_os_stat st;

	return cv_os_set_mtime_dir(dir, CV_PACK_MTIME) == 0 && cv_os_stat_dir(dir, &st) == 0 &&
	       st.mtime.s == CV_PACK_MTIME;
}

static int make_in(
	struct cv_arena *a, struct cv_cache *cache, const char *path, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir at = CV_OS_NO_DIR, stage = CV_OS_NO_DIR;
	char *dir;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &at);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", path);
	cv_stage_sweep(at);
	rc = cv_stage_make(at, cache->temporary, &stage, err);
	if (rc < 0) {
		cache->temporary[0] = '\0';
		return cv_wrap(err, rc, "in '%s'", path);
	}
	dir = cv_path_join(a, path, cache->temporary);
	if (!dir) {
		(void)cv_os_remove_dir(at, cache->temporary);
		cache->temporary[0] = '\0';
		return cv_fail_nomem(err);
	}
	cache->owner = cv_os_user();
	cache->timeless = !keeps_times(stage);
	cache->root = cv_os_take_dir(&stage);
	cache->temp_in = cv_os_take_dir(&at);
	cache->dir = dir;
	return 0;
}

/*
 * Create it in the first usable place from FROM on. ERR is about the last place except IN_ENV_DIR.
 */
static int make(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache, int from,
	struct cvenv_error *err)
{
	int rc = cv_fail(err, ENOSPC, "no writable directory"), said = rc;

	for (int place = from; place < PLACES && rc < 0; place++) {
		const char *path = path_of(ctx, a, cache, place);

		if (!path || cv_err_passes(-rc))
			continue;
		rc = make_in(a, cache, path, place == IN_ENV_DIR ? NULL : err);
		said = place == IN_ENV_DIR ? said : rc;
		cache->place = place;
		cache->is_beside = rc == 0 && place >= BESIDE_ENV_DIR;
	}
	return rc < 0 ? said : 0;
}

int cv_cache_need(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	struct cvenv_error *err)
{
	int rc = cache->dir ? 0 : make(ctx, a, cache, TMPDIR, err);

	if (rc == 0)
		return 0;
	cv_wrap(err, rc, "cannot unpack wheels in %s",
		CV_WINDOWS ? "TEMP or TMP" : "TMPDIR, /tmp or /var/tmp");
	return cv_hint(err, rc, "name a writable directory with --cache-dir or %s",
		CV_WINDOWS ? "TEMP" : "TMPDIR");
}

/* Is the file system the reason: full, read-only, no permission, or an unsupported call? */
static bool is_fault_of_place(int code)
{
	static const int faults[] = { ENOSPC, EDQUOT, EROFS, EACCES, EIO, ESTALE, ENOENT, ENOTDIR };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (code == faults[i])
			return true;
	return cv_err_unsupported(code);
}

bool cv_cache_give_up(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache, int rc,
	const struct cvenv_error *why)
{
	int from = cache->temporary[0] ? cache->place + 1 : TMPDIR;
	const char *env_dir = cache->env_dir;

	if (!is_fault_of_place(-rc))
		return false;
	/* Another process keeps cleaning the cache: the directory that the user named is usable. */
	if (rc == -ESTALE || rc == -ENOENT || why->code == CVENV_ECORRUPT)
		cache->named = false;
	cv_cache_log_without(ctx, cache, why->message);
	cv_cache_close(ctx, cache);
	cache->env_dir = env_dir;
	return make(ctx, a, cache, from, NULL) == 0;
}
