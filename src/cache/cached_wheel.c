/* SPDX-License-Identifier: MIT */
#include "cache/cached_wheel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "cache/build.h"
#include "cache/list.h"
#include "cache/manifest.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/pack.h"
#include "wheel/version.h"

/* The absolute path of PART of the entry NAME; NULL if memory is exhausted. */
static char *path_of(
	const struct cv_cache *cache, struct cv_arena *a, const char *name, const char *part)
{
	char *below = cv_path_join(a, name, part);

	return below ? cv_path_join(a, cache->dir, below) : NULL;
}

/* Is the file intact and readable? Owner and mode alone do not show whether it can be opened. */
static bool is_intact(const struct cv_tree *tree, struct cv_os_dir at, const char *name,
	const struct cv_tree_file *file, uint64_t owner)
{
	struct cv_os_stat st;

	return cv_os_stat(at, name, CV_OS_NOFOLLOW, &st) == 0 &&
	       cv_tree_has(tree, file, owner, &st) && cv_os_access(at, name, CV_OS_MAY_READ) == 0;
}

/* Check the files in DIR: those that are also in the pack (PACKED), or the others. */
static bool are_intact(const struct cv_tree *tree, const char *dir, bool packed, uint64_t owner)
{
	OWN_OS_DIR struct cv_os_dir at = CV_OS_NO_DIR;
	char number[CV_U64_ROOM];

	if (cv_os_open_dir(CV_OS_ABSOLUTE, dir, CV_OS_NOFOLLOW, &at) < 0)
		return false;
	for (size_t i = 0; i < tree->count; i++) {
		(void)cv_u64_text(i, number);
		if (cv_pack_has(tree, &tree->files[i]) == packed &&
			!is_intact(tree, at, number, &tree->files[i], owner))
			return false;
	}
	return true;
}

bool cv_cached_wheel_intact(const struct cv_tree *tree)
{
	const struct cv_tree_file whole = cv_pack_file(tree);
	uint64_t owner = cv_os_user();

	return (!tree->pack || is_intact(tree, CV_OS_ABSOLUTE, tree->pack, &whole, owner)) &&
	       are_intact(tree, tree->dir, false, owner) &&
	       (!tree->loose || are_intact(tree, tree->loose, true, owner));
}

enum found { MISSING, CORRUPT, FOUND };

/* NAME is "wheels/KEY" or "bytecode/KEY". *why is the reason why a MISSING one cannot be read. */
static enum found look(const struct cv_cache *cache, struct cv_arena *a, const char *name,
	struct cv_cached_wheel *ret, int64_t *ret_used, struct cvenv_error *why)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_str text;
	struct cv_os_stat st;
	int rc = -ENOENT;

	if (cv_os_dir_ok(cache->root))
		rc = cv_os_open_dir(cache->root, name, CV_OS_NOFOLLOW, &dir);
	if (rc < 0 && rc != -ENOENT && !cv_err_passes(-rc))
		return CORRUPT;
	if (rc < 0) {
		cv_fail(why, -rc, "cannot open '%s' in the cache", name);
		return MISSING;
	}
	*ret = (struct cv_cached_wheel){ 0 };
	rc = cv_read_file_stat(
		dir, "manifest", CV_OS_NOFOLLOW, CV_MANIFEST_MAX, a, &text, &st, why);
	if (rc < 0)
		return cv_err_passes(-rc) ? MISSING : CORRUPT;
	if (st.owner != cv_os_user() || !cv_manifest_decode(a, text, ret))
		return CORRUPT;
	*ret_used = st.mtime.s;
	ret->tree.timeless = cache->timeless;
	ret->tree.dir = path_of(cache, a, name, "files");
	if (cv_str_starts(cv_str(name), CV_LIT("wheels/"))) {
		ret->tree.pack = path_of(cache, a, name, "pack");
		if (!ret->tree.pack)
			return MISSING;
	}
	return ret->tree.dir ? FOUND : MISSING;
}

static void discard(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name)
{
	struct cvenv_error err;

	if (cache->reading)
		return;
	cv_log(ctx, CVENV_LOG_INFO, "'%s' in the cache is corrupt, creating it again", name);
	if (cv_cache_remove(cache->root, name, &err) < 0)
		cv_log(ctx, CVENV_LOG_INFO, "%s", err.message);
}

/* The directory `loose`; NULL if it is missing, or memory is exhausted. */
static char *loose_of(const struct cv_cache *cache, struct cv_arena *a, const char *name)
{
	char *path = path_of(cache, a, name, "loose");
	struct cv_os_stat st;

	return path && cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &st) == 0 ? path : NULL;
}

static bool is_still_corrupt(const struct cv_cache *cache, struct cv_arena *a, const char *name)
{
	struct cv_cached_wheel tree;
	int64_t used;
	enum found found = look(cache, a, name, &tree, &used, NULL);

	if (found == FOUND && tree.tree.pack)
		tree.tree.loose = loose_of(cache, a, name);
	return found == CORRUPT || (found == FOUND && !cv_cached_wheel_intact(&tree.tree));
}

bool cv_cached_wheel_evict(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *dir)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *below = cache->dir ? cv_path_below(dir, cache->dir) : NULL;
	char *name;

	if (!below || strcmp(cv_path_base(below), "files") != 0)
		return true;
	name = cv_path_inside(&a, below, "..");
	/* Another process may have created it again. */
	if (!name || !is_still_corrupt(cache, &a, name))
		return true;
	discard(ctx, cache, name);
	return !is_still_corrupt(cache, &a, name);
}

static void mark_used(
	const struct cv_ctx *ctx, const struct cv_cache *cache, const char *name, int64_t used)
{
	char path[256]; /* names consist of hashes and one or two words */
	int n = snprintf(path, sizeof(path), "%s/manifest", name);

	if (n > 0 && (size_t)n < sizeof(path))
		cv_cache_used(ctx, cache, path, used);
}

static bool find(const struct cv_ctx *ctx, const struct cv_cache *cache, struct cv_arena *a,
	const char *name, struct cv_cached_wheel *ret, struct cvenv_error *why)
{
	int64_t used = 0;
	enum found found = MISSING;

	if (name)
		found = look(cache, a, name, ret, &used, why);
	else
		(void)cv_fail_nomem(why);

	if (found == CORRUPT) {
		cv_fail(why, CVENV_ECORRUPT, "'%s' in the cache", name);
		discard(ctx, cache, name);
	}
	if (found == FOUND)
		mark_used(ctx, cache, name, used);
	return found == FOUND;
}

/* A new entry is missing or corrupt: another process cleans the cache at the same time. */
static int vanished(const struct cvenv_error *why)
{
	return why->code == CVENV_ECORRUPT ? -ESTALE : -why->code;
}

static int build(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const char *name, const char *path, struct cv_str data, struct cv_cached_wheel *ret,
	struct cvenv_error *err)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	int rc;

	cv_log(ctx, CVENV_LOG_INFO, "unpacking '%s' into the cache", path);
	do {
		rc = cv_build_wheel(ctx, &scratch, cache, name, path, data, err);
		if (rc == 0 && !find(ctx, cache, a, name, ret, err))
			rc = cv_wrap(err, vanished(err), "unpacking '%s'", path);
	} while (rc < 0 && cv_cache_give_up(ctx, a, cache, rc, err));
	return rc < 0 ? -err->code : 0;
}

int cv_cached_wheel_get(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const char *path, const char *sha256, struct cv_cached_wheel *ret, struct cvenv_error *err)
{
	struct cv_arena wheel_arena OWN_ARENA = { 0 }; /* megabytes, freed at return */
	struct cv_str data;
	const char *name;
	char sum[CV_SHA256_HEX + 1];
	int rc;

	rc = cache->reading ? 0 : cv_cache_need(ctx, a, cache, err);
	if (rc < 0)
		return rc;
	if (sha256 && sha256[0]) {
		if (find(ctx, cache, a, cv_strfmt(a, "wheels/%s", sha256), ret, err)) {
			ret->key = sha256;
			return 0;
		}
	}
	rc = cv_read_file(
		CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, CV_WHEEL_FILE_MAX, &wheel_arena, &data, err);
	if (rc < 0)
		return rc;
	cv_sha256_hex(data.p, data.n, sum);
	name = cv_strfmt(a, "wheels/%s", sum);
	if (!name)
		return cv_fail_nomem(err);
	if (!find(ctx, cache, a, name, ret, err)) {
		rc = cache->reading ? cv_list_wheel(a, path, data, ret, err)
				    : build(ctx, a, cache, name, path, data, ret, err);
		if (rc < 0)
			return rc;
	}
	ret->key = name + strlen("wheels/");
	return 0;
}

/* Read the file of SIZE bytes that is AT this place in the pack. */
static int read_packed(struct cv_arena *a, const struct cv_tree *tree, uint64_t at, size_t size,
	struct cv_str *ret, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file pack = CV_OS_NO_FILE;
	char *data = cv_new(a, char, size + 1);
	int rc = data ? cv_pack_open(tree, cv_os_user(), &pack, err) : cv_fail_nomem(err);

	if (rc < 0)
		return rc;
	if (cv_os_read_at(pack, data, size, at) != (int64_t)size)
		return cv_fail(err, CVENV_ECORRUPT, "'%s'", tree->pack);
	*ret = (struct cv_str){ data, size };
	return 1;
}

int cv_cached_wheel_read(struct cv_arena *a, const struct cv_cached_wheel *wheel, const char *name,
	struct cv_str *ret, struct cvenv_error *err)
{
	const struct cv_tree *tree = &wheel->tree;
	uint64_t at = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const struct cv_tree_file *f = &tree->files[i];

		if (strcmp(f->path, name) == 0)
			return wheel->path ? cv_list_read(a, wheel->path, i, ret, err)
					   : read_packed(a, tree, at, (size_t)f->size, ret, err);
		if (cv_pack_has(tree, f))
			at = cv_pack_next(at, f);
	}
	return 0;
}

void cv_cached_wheel_loosen(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, bool copies, struct cv_cached_wheel *wheel)
{
	const char *name = cv_strfmt(a, "wheels/%s", wheel->key);
	struct cvenv_error err;

	if (!name || !wheel->tree.pack)
		return;
	wheel->tree.loose = loose_of(cache, a, name);
	if (wheel->tree.loose || cache->reading)
		return;
	if (cv_build_loose(ctx, cache, name, &wheel->tree, copies, &err) < 0)
		cv_log(ctx, CVENV_LOG_INFO, "cannot keep files to link: %s", err.message);
	else
		wheel->tree.loose = loose_of(cache, a, name);
}

void cv_cached_wheel_ahead(const struct cv_ctx *ctx, const struct cv_cache *cache, const char *path)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cached_wheel tree;
	struct cv_str data;
	const char *name;
	char sum[CV_SHA256_HEX + 1];

	if (cv_read_file(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, CV_WHEEL_FILE_MAX, &a, &data, NULL) <
		0)
		return;
	cv_sha256_hex(data.p, data.n, sum);
	name = cv_strfmt(&a, "wheels/%s", sum);
	if (!name || find(ctx, cache, &a, name, &tree, NULL))
		return;
	cv_log(ctx, CVENV_LOG_INFO, "unpacking '%s' into the cache", path);
	(void)cv_build_wheel(ctx, &a, cache, name, path, data, NULL);
}

bool cv_cached_wheel_newest(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, struct cv_str name, struct cv_str python_version,
	struct cv_cached_wheel *ret)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	bool any = false;
	int64_t used = 0, used_one;

	if (cv_os_dir_ok(cache->root))
		(void)cv_os_list_open(cache->root, "wheels", CV_OS_NOFOLLOW, &list);
	while (cv_os_list_next(&list) > 0) {
		struct cv_cached_wheel one;
		const char *entry = cv_strfmt(a, "wheels/%s", list.name);
		enum found found = MISSING;

		if (strlen(list.name) == CV_SHA256_HEX && entry)
			found = look(cache, a, entry, &one, &used_one, NULL);
		if (found == CORRUPT)
			discard(ctx, cache, entry);
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
		mark_used(ctx, cache, ret->key - strlen("wheels/"), used);
	return any;
}

static char *bytecode_name(struct cv_arena *a, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind)
{
	return cv_strfmt(a, "bytecode/%s-%s%s-%s", wheel->key, kind->cache_tag,
		kind->fixed ? "-fixed" : "", kind->magic);
}

static bool find_bytecode(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const char *name, struct cv_tree *ret,
	struct cvenv_error *why)
{
	struct cv_cached_wheel tree;

	if (!find(ctx, cache, a, name, &tree, why))
		return false;
	*ret = tree.tree;
	return true;
}

bool cv_cached_bytecode_get(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret)
{
	return kind->cache_tag[0] &&
	       find_bytecode(ctx, a, cache, bytecode_name(a, wheel, kind), ret, NULL);
}

bool cv_cached_bytecode_reuse(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_cache *cache, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, struct cv_tree *ret)
{
	const char *name = bytecode_name(a, wheel, kind);
	struct cvenv_error err;
	int rc;

	if (!name || !kind->cache_tag[0])
		return false;
	rc = cv_build_reused(ctx, a, cache, name, wheel, kind, &err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_INFO, "cannot keep bytecode: %s", err.message);
	return rc > 0 && cv_cached_bytecode_get(ctx, a, cache, wheel, kind, ret);
}

int cv_cached_bytecode_compile(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_cached_wheel *wheel, const struct cv_bytecode_kind *kind, unsigned jobs,
	struct cv_tree *ret, struct cvenv_error *err)
{
	const char *name = bytecode_name(a, wheel, kind);
	int rc;

	if (!name)
		return cv_fail_nomem(err);
	do {
		rc = cv_build_bytecode(ctx, a, cache, name, wheel, kind, jobs, err);
		if (rc == 0 && !find_bytecode(ctx, a, cache, name, ret, err))
			rc = cv_wrap(err, vanished(err), "compiling '%.*s'", CV_ARG(wheel->name));
	} while (rc < 0 && cv_cache_give_up(ctx, a, cache, rc, err));
	return rc < 0 ? -err->code : 0;
}
