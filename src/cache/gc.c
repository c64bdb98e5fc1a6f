/* SPDX-License-Identifier: MIT */
#include "cache/gc.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "cache/cache.h"
#include "cache/manifest.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/sweep.h"
#include "fs/usage.h"
#include "interpreter/info.h"

static const char *const folders[] = {
	[CVENV_CACHE_INTERPRETER] = "info",
	[CVENV_CACHE_WHEEL] = "wheels",
	[CVENV_CACHE_BYTECODE] = "bytecode",
};

enum { KINDS = sizeof(folders) / sizeof(folders[0]) };

/* A directory without v1 is an empty cache if it is empty, else it is no cache. */
static bool holds_other_things(const char *where)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };

	return cv_os_list_open(CV_OS_ABSOLUTE, where, CV_OS_FOLLOW, &list) == 0 &&
	       cv_os_list_next(&list) > 0;
}

/* 1: open; 0: there is no cache; negative: error. */
static int open_cache(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	const char **ret_dir, struct cv_os_dir *ret, struct cvenv_error *err)
{
	const char *where = cv_cache_where(ctx, a, dir_wanted);
	const char *why = NULL;
	int rc;

	if (!where) {
		cv_fail_msg(err, ENOENT, "cannot locate the cache: %s",
			cv_cache_nowhere(ctx, dir_wanted));
		return cv_hint(err, -ENOENT, "name it with --cache-dir or CVENV_CACHE_DIR");
	}
	*ret_dir = cv_path_join(a, where, "v1");
	if (!*ret_dir)
		return cv_fail_nomem(err);
	rc = cv_cache_open_dir(where, *ret_dir, ret, &why);
	if (rc == 0)
		return 1;
	if (rc == -CVENV_EREFUSED)
		return cv_fail_msg(err, CVENV_EREFUSED, "refusing the cache '%s': %s", where, why);
	if (rc != -ENOENT)
		return cv_fail(err, -rc, "cannot open the cache '%s'", where);
	if (holds_other_things(where))
		return cv_fail_msg(err, CVENV_EREFUSED, "'%s' is not a cache of cvenv", where);
	return 0;
}

/* *ret_shared: in files that have names outside of this file or directory. */
static int measure(struct cv_os_dir at, const char *name, uint64_t *ret_bytes, uint64_t *ret_shared,
	struct cv_os_stat *ret_st)
{
	struct cv_usage usage = { 0 };
	int rc = cv_usage_add_tree(&usage, at, name, ret_st);

	cv_usage_end(&usage);
	*ret_bytes = usage.bytes;
	*ret_shared = usage.bytes - usage.frees;
	cv_usage_done(&usage);
	return rc;
}

static bool is_hex(const char *p, size_t n)
{
	return strspn(p, "0123456789abcdef") >= n;
}

/* Is NAME the name of an entry? For bytecode *ret_tag is the part between the hashes. */
static bool is_key(enum cvenv_cache_kind kind, const char *name, struct cv_str *ret_tag)
{
	const char *last = strrchr(name, '-');
	size_t len = strlen(name);

	switch (kind) {
	case CVENV_CACHE_INTERPRETER:
		return len == CV_SHA256_HEX / 2 && is_hex(name, len);
	case CVENV_CACHE_WHEEL:
		return len == CV_SHA256_HEX && is_hex(name, len);
	case CVENV_CACHE_BYTECODE:
		if (len < CV_SHA256_HEX || !is_hex(name, CV_SHA256_HEX) ||
			name[CV_SHA256_HEX] != '-' || last <= name + CV_SHA256_HEX || !last[1] ||
			!is_hex(last + 1, strlen(last + 1)))
			return false;
		*ret_tag = (struct cv_str){ name + CV_SHA256_HEX + 1,
			(size_t)(last - name) - CV_SHA256_HEX - 1 };
		return true;
	}
	return false;
}

static void describe_info(struct cv_arena *a, struct cv_os_dir folder, struct cvenv_cache_entry *e)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_info info;
	struct cv_str text;

	if (cv_read_file(folder, e->key, CV_OS_NOFOLLOW, CV_INFO_MAX, &scratch, &text, NULL) < 0 ||
		!cv_info_decode(&scratch, text, &info))
		return;
	e->name = cv_strdup(a, cv_str(info.implementation));
	e->version = cv_strdup(a, cv_str(info.version));
	e->python = cv_strdup(a, cv_str(info.path));
}

static void describe_tree(struct cv_arena *a, struct cv_os_dir folder, struct cvenv_cache_entry *e)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_cached_wheel tree = { 0 };
	struct cv_str text;
	struct cv_os_stat st;

	if (cv_os_open_dir(folder, e->key, CV_OS_NOFOLLOW, &dir) < 0 ||
		cv_read_file_stat(dir, "manifest", CV_OS_NOFOLLOW, CV_MANIFEST_MAX, &scratch, &text,
			&st, NULL) < 0)
		return;
	e->last_used = st.mtime.s;
	if (!cv_manifest_decode(&scratch, text, &tree))
		return;
	e->name = cv_strdup(a, tree.name);
	e->version = cv_strdup(a, tree.version);
}

static int describe(struct cv_arena *a, struct cv_os_dir folder, enum cvenv_cache_kind kind,
	const char *name, struct cv_str tag, struct cvenv_cache_entry *e, struct cvenv_error *err)
{
	struct cv_os_stat st;

	*e = (struct cvenv_cache_entry){ .kind = kind,
		.key = cv_strdup(a, cv_str(name)),
		.name = "",
		.version = "",
		.python = "",
		.tag = cv_strdup(a, tag) };
	if (!e->key || !e->tag || measure(folder, name, &e->bytes, &e->shared, &st) < 0)
		return cv_fail_nomem(err);
	e->last_used = st.mtime.s;
	(kind == CVENV_CACHE_INTERPRETER ? describe_info : describe_tree)(a, folder, e);
	return e->name && e->version && e->python ? 0 : cv_fail_nomem(err);
}

struct list {
	struct cv_arena *a;
	struct cv_gc *gc;
	struct cvenv_cache_entry *entries;
	size_t count, room;
};

static int add_entry(struct list *l, struct cv_os_dir folder, enum cvenv_cache_kind kind,
	const char *name, struct cv_str tag, struct cvenv_error *err)
{
	if (!cv_grow(l->a, &l->entries, l->count, &l->room))
		return cv_fail_nomem(err);
	return describe(l->a, folder, kind, name, tag, &l->entries[l->count++], err);
}

static int add_leftover(
	struct cv_gc *gc, struct cv_os_dir at, const char *name, struct cvenv_error *err)
{
	uint64_t bytes, shared;

	gc->info.leftovers++;
	if (measure(at, name, &bytes, &shared, NULL) < 0)
		return cv_fail_nomem(err);
	gc->info.leftover_bytes += bytes;
	gc->info.shared += shared;
	return 0;
}

static int list_folder(
	struct list *l, struct cv_os_dir root, enum cvenv_cache_kind kind, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = 0;

	(void)cv_os_list_open(root, folders[kind], CV_OS_NOFOLLOW, &list);
	while (rc == 0 && cv_os_list_next(&list) > 0) {
		struct cv_str tag = CV_LIT("");

		if (cv_is_temp_name(list.name))
			rc = add_leftover(l->gc, list.dir, list.name, err);
		else if (is_key(kind, list.name, &tag))
			rc = add_entry(l, list.dir, kind, list.name, tag, err);
	}
	return rc;
}

static int by_what_it_is(const void *a, const void *b)
{
	const struct cvenv_cache_entry *x = a, *y = b;
	int order = (x->kind > y->kind) - (x->kind < y->kind);

	if (order == 0)
		order = strcmp(x->name, y->name);
	if (order == 0)
		order = strcmp(x->version, y->version);
	if (order == 0)
		order = strcmp(x->tag, y->tag);
	if (order == 0)
		order = strcmp(x->python, y->python);
	return order ? order : strcmp(x->key, y->key);
}

static int list_cache(
	struct cv_arena *a, struct cv_os_dir root, struct cv_gc *ret, struct cvenv_error *err)
{
	struct list l = { .a = a, .gc = ret };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(root, ".", CV_OS_NOFOLLOW, &list);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot read the cache '%s'", ret->info.dir);
	while (rc == 0 && cv_os_list_next(&list) > 0)
		if (cv_is_temp_name(list.name))
			rc = add_leftover(ret, root, list.name, err);
	for (unsigned kind = 0; kind < KINDS && rc == 0; kind++)
		rc = list_folder(&l, root, kind, err);
	ret->entries = l.entries;
	ret->info.entry_count = l.count;
	ret->info.bytes = ret->info.leftover_bytes;
	for (size_t i = 0; i < l.count; i++) {
		ret->info.bytes += l.entries[i].bytes;
		ret->info.shared += l.entries[i].shared;
	}
	if (l.count)
		qsort(l.entries, l.count, sizeof(*l.entries), by_what_it_is);
	return rc;
}

int cv_gc_scan(const struct cv_ctx *ctx, struct cv_arena *a, const char *dir_wanted,
	struct cv_gc *ret, struct cvenv_error *err)
{
	struct cv_gc gc = { 0 };
	OWN_OS_DIR struct cv_os_dir root = CV_OS_NO_DIR;
	int rc = open_cache(ctx, a, dir_wanted, &gc.info.dir, &root, err);

	gc.info.exists = rc > 0;
	if (rc > 0)
		rc = list_cache(a, root, &gc, err);
	if (rc == 0)
		*ret = gc;
	return rc;
}

static void count_leftovers(struct cv_arena *a, struct cv_os_dir root, const struct cv_gc *before,
	struct cvenv_cache_freed *freed)
{
	struct cv_gc after = { .info.dir = "" };

	if (!before->info.leftovers || list_cache(a, root, &after, NULL) < 0)
		return;
	if (before->info.leftovers > after.info.leftovers)
		freed->leftovers = before->info.leftovers - after.info.leftovers;
	if (before->info.leftover_bytes > after.info.leftover_bytes)
		freed->bytes += before->info.leftover_bytes - after.info.leftover_bytes;
}

static void sweep(struct cv_os_dir root)
{
	cv_stage_sweep(root);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;

		if (cv_os_open_dir(root, folders[kind], CV_OS_NOFOLLOW, &dir) == 0)
			cv_stage_sweep(dir);
	}
}

/*
 * A date in the future comes from a wrong clock, and does not keep an entry. One day is allowed,
 * for the clock of another machine. Each use corrects a date that is farther ahead (cv_cache_used).
 */
static bool used_lately(
	const struct cv_ctx *ctx, const struct cvenv_cache_entry *e, int64_t unused_s)
{
	int64_t age = ctx->now - e->last_used;

	return age < unused_s && age >= -CV_GC_DAY;
}

int cv_gc_clean(const struct cv_ctx *ctx, const char *dir_wanted, int64_t unused_s,
	struct cvenv_cache_freed *ret, struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_gc gc = { 0 };
	OWN_OS_DIR struct cv_os_dir root = CV_OS_NO_DIR;
	int rc = open_cache(ctx, &a, dir_wanted, &gc.info.dir, &root, err);

	*ret = (struct cvenv_cache_freed){ 0 };
	if (rc > 0)
		rc = list_cache(&a, root, &gc, err);
	if (rc < 0 || !cv_os_dir_ok(root))
		return rc;
	sweep(root);
	count_leftovers(&a, root, &gc, ret);
	for (size_t i = 0; i < gc.info.entry_count; i++) {
		const struct cvenv_cache_entry *e = &gc.entries[i];
		const char *name = cv_strfmt(&a, "%s/%s", folders[e->kind], e->key);
		struct cvenv_error *first; /* the first error is reported */
		int rc_one;

		if (unused_s > 0 && used_lately(ctx, e, unused_s))
			continue;
		if (cv_stopped(ctx))
			return cv_fail_msg(err, EINTR, "interrupted");
		first = rc == 0 ? err : NULL;
		rc_one = name ? cv_cache_remove(root, name, first) : cv_fail_nomem(first);
		if (rc_one == 0) {
			ret->entries++;
			ret->bytes += e->bytes - e->shared;
		} else if (rc == 0) {
			rc = rc_one;
		}
	}
	return rc < 0 ? cv_wrap(err, rc, "cleaning '%s'", gc.info.dir) : 0;
}
