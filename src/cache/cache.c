/* SPDX-License-Identifier: MIT */
#include "cache/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cachedir.h"
#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"

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
	const char *xdg = cv_getenv_nonempty(ctx, "XDG_CACHE_HOME");
	const char *home = cv_getenv_nonempty(ctx, "HOME");

	if (dir)
		return dir[0] == '/' || ctx->cwd ? cv_path_abs(a, ctx->cwd, dir) : NULL;
	if (xdg && xdg[0] == '/')
		return cv_path_join(a, xdg, "cvenv");
	if (home && home[0] == '/')
		return cv_path_join(a, home, ".cache/cvenv");
	return NULL;
}

const char *cv_cache_nowhere(const struct cv_ctx *ctx, const char *wanted)
{
	return named_by_user(ctx, wanted) ? "the current directory is unknown"
					  : "the home directory is unknown";
}

/* Does it belong to OWNER, and can nobody else write to it? If not *ret_why says so. */
static bool is_private(const struct stat *st, uid_t owner, const char **ret_why)
{
	if (st->st_uid == owner && !(st->st_mode & (S_IWGRP | S_IWOTH)))
		return true;
	*ret_why = st->st_uid == owner ? "others may write to it" : "it belongs to somebody else";
	return false;
}

/* DIR, ours alone. -errno, or -CVENV_EREFUSED and why. */
static int open_private(const char *dir, uid_t owner, const char **ret_why)
{
	OWN_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return is_private(&st, owner, ret_why) ? take_fd(&fd) : -CVENV_EREFUSED;
}

/* The same of V1, and of the directory that it is in. */
static int open_v1(const char *v1, uid_t owner, const char **ret_why)
{
	OWN_FD int fd = open(v1, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st, above;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatat(fd, "..", &above, 0) < 0)
		return -errno;
	return is_private(&st, owner, ret_why) && is_private(&above, owner, ret_why)
		       ? take_fd(&fd)
		       : -CVENV_EREFUSED;
}

/* True when nothing is in it but what we put there: it has lost its tag, or never got one. */
static bool looks_ours(int fd)
{
	static const char *const ours[] = { "info", "wheels", "bytecode", CV_CACHEDIR_TAG };
	OWN_DIR DIR *dir = cv_list_dir(fd, ".");
	struct dirent *e;

	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		bool known = cv_is_dots(e->d_name) || cv_is_temp_name(e->d_name);

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known |= strcmp(e->d_name, ours[i]) == 0;
		if (!known)
			return false;
	}
	return true;
}

static void write_tag(int fd)
{
	(void)cv_replace_file(fd, CV_CACHEDIR_TAG, 0666, CV_LIT(CV_CACHEDIR_TEXT), NULL);
}

/* MAKE: what is missing in it, too. */
static int open_format(const char *v1, uid_t owner, bool make, const char **ret_why)
{
	OWN_FD int fd = open_v1(v1, owner, ret_why);

	if (fd < 0 || cv_may(fd, CV_CACHEDIR_TAG, F_OK) == 0)
		return take_fd(&fd);
	if (!looks_ours(fd)) {
		*ret_why = "its 'v1' was not made by cvenv";
		return -CVENV_EREFUSED;
	}
	if (make)
		write_tag(fd);
	return take_fd(&fd);
}

/* V1 is DIR/v1. What is wrong with DIR itself goes before what follows from that. */
static int open_dir(const char *dir, const char *v1, uid_t owner, bool make, const char **ret_why)
{
	OWN_FD int fd = open_format(v1, owner, make, ret_why), up_fd = -1;
	const char *why = NULL;

	if (fd >= 0)
		return take_fd(&fd);
	up_fd = open_private(dir, owner, &why);
	if (up_fd < 0)
		*ret_why = why;
	return up_fd < 0 ? up_fd : fd;
}

int cv_cache_open_dir(const char *dir, const char *v1, const char **ret_why)
{
	return open_dir(dir, v1, geteuid(), false, ret_why);
}

/* As cv_cache_open_dir(), but creates missing directories. */
static int make_and_open(
	struct cv_arena *a, const char *dir, const char *v1, uid_t owner, const char **ret_why)
{
	const char *parent = cv_path_dir(a, dir);
	const char *made;
	OWN_FD int fd = -1;
	struct cvenv_error err;
	int rc = open_dir(dir, v1, owner, true, ret_why);

	if (rc != -ENOENT || !parent)
		return rc;
	rc = cv_make_dirs(a, parent, &made, &err);
	if (rc < 0)
		return rc;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open_private(dir, owner, ret_why);
	if (fd < 0)
		return fd;
	if (mkdirat(fd, FORMAT, 0700) < 0 && errno != EEXIST)
		return -errno;
	return open_format(v1, owner, true, ret_why);
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
	int fd;

	*ret = CV_CACHE_NONE;
	ret->named = named_by_user(ctx, dir_wanted);
	ret->reading = reading;
	ret->owner = geteuid();
	if (!dir) {
		ret->reason = cv_cache_nowhere(ctx, dir_wanted);
		cv_cache_log_without(ctx, ret, ret->reason);
		return;
	}
	if (!v1)
		return;
	fd = reading ? open_dir(dir, v1, ret->owner, false, &why)
		     : make_and_open(a, dir, v1, ret->owner, &why);
	if (fd < 0) {
		ret->reason = cv_strfmt(a, "'%s': %s", dir, why ? why : cv_err_text(-fd));
		if (fd == -ENOENT && reading)
			ret->missing = dir;
		if (ret->reason && (!reading || fd != -ENOENT))
			cv_cache_log_without(ctx, ret, ret->reason);
		return;
	}
	ret->dir = v1;
	ret->fd = fd;
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
	struct stat st;
	int rc = 0;

	if (cache->temporary[0])
		rc = fstat(cache->fd, &st) < 0
			     ? cv_fail(&err, errno, "cannot look at it")
			     : cv_remove_dir(cache->temp_fd, cache->temporary, &st, &err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_WARNING, "could not remove '%s': %s", cache->dir,
			err.message);
	if (cache->fd >= 0)
		(void)close(cache->fd);
	if (cache->temp_fd >= 0)
		(void)close(cache->temp_fd);
	*cache = CV_CACHE_NONE;
}

/* First what makes it a cached wheel. */
static int remove_in_place(int cache_fd, const char *name, struct cvenv_error *err)
{
	OWN_FD int fd = cv_open_dir(cache_fd, name);

	if (fd >= 0 && unlinkat(fd, "manifest", 0) < 0 && errno != ENOENT)
		return cv_fail(err, errno, "cannot remove '%s/manifest'", name);
	return cv_remove_tree(cache_fd, name, err);
}

int cv_cache_remove(int cache_fd, const char *name, struct cvenv_error *err)
{
	char gone[CV_TEMP_NAME_MAX];

	cv_temp_name(gone);
	if (renameat(cache_fd, name, cache_fd, gone) == 0)
		return cv_remove_tree(cache_fd, gone, err);
	if (cv_err_unsupported(
		    errno)) /* overlayfs cannot rename a directory of the container cached wheel */
		return remove_in_place(cache_fd, name, err);
	return errno == ENOENT ? 0 : cv_fail(err, errno, "cannot remove '%s'", name);
}

void cv_cache_used(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *file, int64_t mtime)
{
	static const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_nsec = UTIME_NOW } };

	if (!cache->reading && ctx->now && (ctx->now - mtime > DAY || mtime - ctx->now > DAY))
		(void)utimensat(cache->fd, file, times, AT_SYMLINK_NOFOLLOW);
}

bool cv_cache_get(const struct cv_ctx *ctx, const struct cv_cache *cache, struct cv_arena *a,
	const char *name, struct cv_str *ret)
{
	struct stat st;

	if (cache->fd < 0 ||
		cv_read_file_stat(cache->fd, name, O_NOFOLLOW, SMALL_ENTRY_MAX, a, ret, &st, NULL) <
			0 ||
		st.st_uid != cache->owner)
		return false;
	cv_cache_used(ctx, cache, name, st.st_mtim.tv_sec);
	return true;
}

void cv_cache_put(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name,
	struct cv_str data)
{
	const char *slash = strrchr(name, '/');
	char folder[64];
	struct cvenv_error err;
	OWN_FD int fd = -1;
	int rc;

	if (cache->fd < 0 || cache->reading || !slash || (size_t)(slash - name) >= sizeof(folder))
		return;
	memcpy(folder, name, (size_t)(slash - name));
	folder[slash - name] = '\0';
	(void)mkdirat(cache->fd, folder, 0700);
	fd = cv_open_dir(cache->fd, folder);
	if (fd >= 0)
		cv_stage_sweep_once(fd);
	rc = fd < 0 ? cv_fail(&err, -fd, "cannot open '%s'", folder)
		    : cv_replace_file(fd, slash + 1, 0600, data, &err);
	if (rc == -EISDIR && cv_cache_remove(cache->fd, name, NULL) == 0)
		rc = cv_replace_file(fd, slash + 1, 0600, data, &err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_INFO, "cannot write to the cache: %s", err.message);
}
