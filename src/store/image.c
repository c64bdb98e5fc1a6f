/* SPDX-License-Identifier: MIT */
#include "store/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/pack.h"
#include "store/build.h"
#include "store/list.h"
#include "store/manifest.h"
#include "wheel/version.h"

/* May it be read, too? Whether opening works is not for its owner and mode alone to say. */
static bool is_intact(const struct cv_image *image, int dir_fd, const char *name,
	const struct cv_image_file *file, uid_t owner)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       cv_image_has(image, file, owner, &st) && cv_may(dir_fd, name, R_OK) == 0;
}

/* The files of DIR: those in the pack, or those that are not. */
static bool are_intact(const struct cv_image *image, const char *dir, bool packed, uid_t owner)
{
	OWN_FD int fd = cv_open_dir(AT_FDCWD, dir);
	char number[CV_U64_ROOM];

	for (size_t i = 0; i < image->count && fd >= 0; i++) {
		(void)cv_u64_text(i, number);
		if (cv_image_packed(image, &image->files[i]) == packed &&
			!is_intact(image, fd, number, &image->files[i], owner))
			return false;
	}
	return fd >= 0;
}

bool cv_image_intact(const struct cv_image *image)
{
	const struct cv_image_file whole = cv_image_pack(image);
	uid_t owner = geteuid();

	return (!image->pack || is_intact(image, AT_FDCWD, image->pack, &whole, owner)) &&
	       are_intact(image, image->dir, false, owner) &&
	       (!image->loose || are_intact(image, image->loose, true, owner));
}

enum found { MISSING, DAMAGED, FOUND };

/* NAME is "wheels/KEY" or "bytecode/KEY". *why says what kept one that is MISSING from being read.
 */
static enum found look(const struct cv_store *store, struct cv_arena *a, const char *name,
	struct cv_wheel_image *ret, int64_t *ret_used, struct cv_err *why)
{
	OWN_FD int fd = store->fd < 0 ? -ENOENT : cv_open_dir(store->fd, name);
	struct cv_str text;
	struct stat st;
	int rc;

	if (fd < 0 && fd != -ENOENT && !cv_err_passes(-fd))
		return DAMAGED;
	if (fd < 0) {
		cv_fail(why, -fd, "cannot open '%s' in the store", name);
		return MISSING;
	}
	*ret = (struct cv_wheel_image){ 0 };
	rc = cv_read_file_stat(fd, "manifest", O_NOFOLLOW, CV_MANIFEST_MAX, a, &text, &st, why);
	if (rc < 0)
		return cv_err_passes(-rc) ? MISSING : DAMAGED;
	if (st.st_uid != geteuid() || !cv_manifest_decode(a, text, ret))
		return DAMAGED;
	*ret_used = st.st_mtim.tv_sec;
	ret->image.timeless = store->timeless;
	ret->image.dir = cv_strfmt(a, "%s/%s/files", store->dir, name);
	if (cv_str_starts(cv_str(name), CV_LIT("wheels/"))) {
		ret->image.pack = cv_strfmt(a, "%s/%s/pack", store->dir, name);
		if (!ret->image.pack)
			return MISSING;
	}
	return ret->image.dir ? FOUND : MISSING;
}

static void discard(const struct cv_ctx *ctx, const struct cv_store *store, const char *name)
{
	struct cv_err err;

	if (store->reading)
		return;
	cv_log(ctx, CV_LOG_INFO, "'%s' in the store is damaged, making it anew", name);
	if (cv_store_remove(store->fd, name, &err) < 0)
		cv_log(ctx, CV_LOG_INFO, "%s", err.msg);
}

/* Where what is in the pack stands loose; NULL where it does not, or memory is exhausted. */
static char *loose_of(const struct cv_store *store, struct cv_arena *a, const char *name)
{
	char *path = cv_strfmt(a, "%s/%s/loose", store->dir, name);
	struct stat st;

	return path && fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? path : NULL;
}

static bool stands_damaged(const struct cv_store *store, struct cv_arena *a, const char *name)
{
	struct cv_wheel_image image;
	int64_t used;
	enum found found = look(store, a, name, &image, &used, NULL);

	if (found == FOUND && image.image.pack)
		image.image.loose = loose_of(store, a, name);
	return found == DAMAGED || (found == FOUND && !cv_image_intact(&image.image));
}

bool cv_store_drop(const struct cv_ctx *ctx, const struct cv_store *store, const char *dir)
{
	struct cv_arena a OWN_ARENA = { 0 };
	size_t len = store->dir ? strlen(store->dir) : 0;
	char *name;

	if (!len || strncmp(dir, store->dir, len) != 0 || dir[len] != '/' ||
		!cv_str_ends(cv_str(dir), CV_LIT("/files")))
		return true;
	name = cv_strdup(
		&a, (struct cv_str){ dir + len + 1, strlen(dir) - len - 1 - strlen("/files") });
	/* Another process may have made it anew already. */
	if (!name || !stands_damaged(store, &a, name))
		return true;
	discard(ctx, store, name);
	return !stands_damaged(store, &a, name);
}

static void mark_used(
	const struct cv_ctx *ctx, const struct cv_store *store, const char *name, int64_t used)
{
	char path[256]; /* names are hashes, and a word or two */
	int n = snprintf(path, sizeof(path), "%s/manifest", name);

	if (n > 0 && (size_t)n < sizeof(path))
		cv_store_used(ctx, store, path, used);
}

static bool find(const struct cv_ctx *ctx, const struct cv_store *store, struct cv_arena *a,
	const char *name, struct cv_wheel_image *ret, struct cv_err *why)
{
	int64_t used = 0;
	enum found found = MISSING;

	if (name)
		found = look(store, a, name, ret, &used, why);
	else
		(void)cv_fail_nomem(why);

	if (found == DAMAGED) {
		cv_fail(why, CV_ECORRUPT, "'%s' in the store", name);
		discard(ctx, store, name);
	}
	if (found == FOUND)
		mark_used(ctx, store, name, used);
	return found == FOUND;
}

/* What was just made is not there or damaged: somebody cleans, or worse, faster than we look. */
static int vanished(const struct cv_err *why)
{
	return why->code == CV_ECORRUPT ? -ESTALE : -why->code;
}

static int build(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const char *name, const char *path, struct cv_str data, struct cv_wheel_image *ret,
	struct cv_err *err)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	int rc;

	cv_log(ctx, CV_LOG_INFO, "unpacking '%s' into the store", path);
	do {
		rc = cv_build_wheel(ctx, &scratch, store, name, path, data, err);
		if (rc == 0 && !find(ctx, store, a, name, ret, err))
			rc = cv_wrap(err, vanished(err), "unpacking '%s'", path);
	} while (rc < 0 && cv_store_give_up(ctx, a, store, rc, err));
	return rc < 0 ? -err->code : 0;
}

int cv_store_wheel(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const char *path, const char *sha256, struct cv_wheel_image *ret, struct cv_err *err)
{
	struct cv_arena wheel_arena OWN_ARENA = { 0 }; /* megabytes that nobody needs later */
	struct cv_str data;
	const char *name;
	char sum[CV_SHA256_HEX + 1];
	int rc;

	rc = store->reading ? 0 : cv_store_need(ctx, a, store, err);
	if (rc < 0)
		return rc;
	if (sha256 && sha256[0]) {
		if (find(ctx, store, a, cv_strfmt(a, "wheels/%s", sha256), ret, err)) {
			ret->key = sha256;
			return 0;
		}
	}
	rc = cv_read_file(AT_FDCWD, path, 0, CV_WHEEL_FILE_MAX, &wheel_arena, &data, err);
	if (rc < 0)
		return rc;
	cv_sha256_hex(data.p, data.n, sum);
	name = cv_strfmt(a, "wheels/%s", sum);
	if (!name)
		return cv_fail_nomem(err);
	if (!find(ctx, store, a, name, ret, err)) {
		rc = store->reading ? cv_list_wheel(a, path, data, ret, err)
				    : build(ctx, a, store, name, path, data, ret, err);
		if (rc < 0)
			return rc;
	}
	ret->key = name + strlen("wheels/");
	return 0;
}

void cv_store_loosen(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	bool copies, struct cv_wheel_image *wheel)
{
	const char *name = cv_strfmt(a, "wheels/%s", wheel->key);
	struct cv_err err;

	if (!name || !wheel->image.pack)
		return;
	wheel->image.loose = loose_of(store, a, name);
	if (wheel->image.loose || store->reading)
		return;
	if (cv_build_loose(ctx, store, name, &wheel->image, copies, &err) < 0)
		cv_log(ctx, CV_LOG_INFO, "cannot keep files to link: %s", err.msg);
	else
		wheel->image.loose = loose_of(store, a, name);
}

void cv_store_wheel_ahead(const struct cv_ctx *ctx, const struct cv_store *store, const char *path)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_wheel_image image;
	struct cv_str data;
	const char *name;
	char sum[CV_SHA256_HEX + 1];

	if (cv_read_file(AT_FDCWD, path, 0, CV_WHEEL_FILE_MAX, &a, &data, NULL) < 0)
		return;
	cv_sha256_hex(data.p, data.n, sum);
	name = cv_strfmt(&a, "wheels/%s", sum);
	if (!name || find(ctx, store, &a, name, &image, NULL))
		return;
	cv_log(ctx, CV_LOG_INFO, "unpacking '%s' into the store", path);
	(void)cv_build_wheel(ctx, &a, store, name, path, data, NULL);
}

bool cv_store_newest(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	struct cv_str name, struct cv_str python_version, struct cv_wheel_image *ret)
{
	OWN_DIR DIR *dir = store->fd < 0 ? NULL : cv_list_dir(store->fd, "wheels");
	bool any = false;
	int64_t used = 0, used_one;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct cv_wheel_image one;
		const char *entry = cv_strfmt(a, "wheels/%s", e->d_name);
		enum found found = MISSING;

		if (strlen(e->d_name) == CV_SHA256_HEX && entry)
			found = look(store, a, entry, &one, &used_one, NULL);
		if (found == DAMAGED)
			discard(ctx, store, entry);
		if (found != FOUND || !cv_str_eq(one.name, name) ||
			!cv_version_in(one.requires_python, python_version))
			continue;
		if (any && cv_version_cmp(one.version, ret->version) <= 0)
			continue;
		*ret = one;
		ret->key = entry + strlen("wheels/");
		used = used_one;
		any = true;
	}
	if (any)
		mark_used(ctx, store, ret->key - strlen("wheels/"), used);
	return any;
}

static char *bytecode_name(
	struct cv_arena *a, const struct cv_wheel_image *wheel, const struct cv_bytecode *kind)
{
	return cv_strfmt(a, "bytecode/%s-%s-%s", wheel->key, kind->cache_tag, kind->magic);
}

static bool find_bytecode(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_store *store, const char *name, struct cv_image *ret, struct cv_err *why)
{
	struct cv_wheel_image image;

	if (!find(ctx, store, a, name, &image, why))
		return false;
	*ret = image.image;
	return true;
}

bool cv_store_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, struct cv_image *ret)
{
	return kind->cache_tag[0] &&
	       find_bytecode(ctx, a, store, bytecode_name(a, wheel, kind), ret, NULL);
}

bool cv_store_adopt(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, struct cv_image *ret)
{
	const char *name = bytecode_name(a, wheel, kind);
	struct cv_err err;
	int rc;

	if (!name || !kind->cache_tag[0])
		return false;
	rc = cv_build_adopted(ctx, a, store, name, wheel, kind, &err);
	if (rc < 0)
		cv_log(ctx, CV_LOG_INFO, "cannot keep bytecode: %s", err.msg);
	return rc > 0 && cv_store_bytecode(ctx, a, store, wheel, kind, ret);
}

int cv_store_compile(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_store *store,
	const struct cv_wheel_image *wheel, const struct cv_bytecode *kind, unsigned jobs,
	struct cv_image *ret, struct cv_err *err)
{
	const char *name = bytecode_name(a, wheel, kind);
	int rc;

	if (!name)
		return cv_fail_nomem(err);
	do {
		rc = cv_build_bytecode(ctx, a, store, name, wheel, kind, jobs, err);
		if (rc == 0 && !find_bytecode(ctx, a, store, name, ret, err))
			rc = cv_wrap(err, vanished(err), "compiling '%.*s'", CV_ARG(wheel->name));
	} while (rc < 0 && cv_store_give_up(ctx, a, store, rc, err));
	return rc < 0 ? -err->code : 0;
}
