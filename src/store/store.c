/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"

#define FORMAT "v1"

enum { SMALL_ENTRY_MAX = 1 << 20 };

static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
			  "# Made by cvenv. See https://bford.info/cachedir/\n";

static const char *choose(const struct cv_ctx *ctx, struct cv_arena *a, const char *wanted)
{
	const char *dir = wanted && wanted[0] ? wanted : cv_getenv_nonempty(ctx, "CVENV_CACHE_DIR");
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

/* The directory NAME below FD, ours alone; made when missing. -errno, or -CV_EREFUSED. */
static int open_private(int dir_fd, const char *name, bool follow)
{
	OWN_FD int fd = -1;
	struct stat st;

	if (mkdirat(dir_fd, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -CV_EREFUSED;
	return take_fd(&fd);
}

static int open_format(int fd)
{
	OWN_FD int inner = cv_open_dir(fd, FORMAT);
	struct cv_err ignored;
	struct stat st;

	if (inner == -ENOENT) {
		inner = open_private(fd, FORMAT, false);
		if (inner >= 0)
			(void)cv_write_new(fd, "CACHEDIR.TAG",
				&(struct cv_new_file){ .mode = 0666 },
				(struct cv_str){ tag, sizeof(tag) - 1 }, &ignored);
	}
	if (inner < 0)
		return inner;
	if (fstat(inner, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return -CV_EREFUSED;
	return take_fd(&inner);
}

void cv_store_open(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted, struct cv_store *ret)
{
	const char *dir = choose(ctx, a, dir_wanted);
	enum cv_level level = dir_wanted ? CV_LOG_WARNING : CV_LOG_INFO;
	OWN_FD int fd = -1;
	struct cv_err err;
	const char *made;
	int inner;

	*ret = CV_STORE_NONE;
	if (!dir) {
		cv_log(ctx, level, "working without a store: no home directory is known");
		return;
	}
	fd = open_private(AT_FDCWD, dir, true);
	if (fd == -ENOENT) {
		const char *parent = cv_path_dir(a, dir);

		if (parent && cv_make_dirs(a, parent, &made, &err) == 0)
			fd = open_private(AT_FDCWD, dir, true);
	}
	inner = fd < 0 ? fd : open_format(fd);
	if (inner < 0) {
		cv_log(ctx, level, "working without a store: '%s': %s", dir,
			inner == -CV_EREFUSED ? "belongs to or can be written by others"
					      : cv_err_text(-inner));
		return;
	}
	ret->dir = cv_path_join(a, dir, FORMAT);
	if (ret->dir)
		ret->fd = inner;
	else
		(void)close(inner);
}

int cv_store_need(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store, struct cv_err *err)
{
	const char *tmp = cv_getenv_nonempty(ctx, "TMPDIR");
	OWN_FD int fd = -1, stage = -1;
	int rc;

	if (store->dir)
		return 0;
	if (!tmp || tmp[0] != '/')
		tmp = "/tmp";
	fd = open(tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		cv_stage_sweep(fd);
	rc = fd < 0 ? cv_fail(err, errno, "cannot open '%s'", tmp)
		    : cv_stage_make(fd, store->temporary, &stage, err);
	if (rc < 0) {
		store->temporary[0] = '\0';
		cv_wrap(err, rc, "no place to unpack wheels");
		return cv_cure(err, rc, "give one with --cache-dir or TMPDIR");
	}
	store->fd = take_fd(&stage);
	store->temp_fd = take_fd(&fd);
	store->dir = cv_path_join(a, tmp, store->temporary);
	if (!store->dir) {
		cv_store_close(store);
		return cv_fail_nomem(err);
	}
	return 0;
}

bool cv_store_give_up(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store, int rc,
	const struct cv_err *why)
{
	static const int faults[] = { ENOSPC, EDQUOT, EROFS, EACCES, EPERM, EIO, ESTALE, ENOENT,
		ENOTDIR };
	struct cv_err err;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (rc != -faults[i] || store->temporary[0])
			continue;
		cv_log(ctx, CV_LOG_INFO, "working without a store: %s", why->msg);
		cv_store_close(store);
		return cv_store_need(ctx, a, store, &err) == 0;
	}
	return false;
}

void cv_store_close(struct cv_store *store)
{
	struct cv_err ignored;

	if (store->temporary[0])
		(void)cv_remove_tree(store->temp_fd, store->temporary, &ignored);
	if (store->fd >= 0)
		(void)close(store->fd);
	if (store->temp_fd >= 0)
		(void)close(store->temp_fd);
	*store = CV_STORE_NONE;
}

bool cv_store_get(
	const struct cv_store *store, struct cv_arena *a, const char *name, struct cv_str *ret)
{
	struct cv_err ignored;

	return store->fd >= 0 &&
	       cv_read_file(store->fd, name, O_NOFOLLOW, SMALL_ENTRY_MAX, a, ret, &ignored) == 0;
}

void cv_store_put(const struct cv_ctx *ctx, const struct cv_store *store, const char *name,
	struct cv_str data)
{
	const char *slash = strrchr(name, '/');
	char folder[64];
	struct cv_err err;
	OWN_FD int fd = -1;

	if (store->fd < 0 || !slash || (size_t)(slash - name) >= sizeof(folder))
		return;
	memcpy(folder, name, (size_t)(slash - name));
	folder[slash - name] = '\0';
	(void)mkdirat(store->fd, folder, 0700);
	fd = cv_open_dir(store->fd, folder);
	if (fd < 0 || cv_replace_file(fd, slash + 1, 0600, data, &err) < 0)
		cv_log(ctx, CV_LOG_INFO, "cannot write to the store: %s",
			fd < 0 ? cv_err_text(-fd) : err.msg);
}
