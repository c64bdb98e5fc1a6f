/* SPDX-License-Identifier: MIT */
#include "cache/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "cache/build.h"
#include "cache/reuse.h"
#include "fs/file.h"

int cv_list_files(struct cv_arena *a, const struct cv_wheel *wheel, struct cv_cached_wheel *ret,
	struct cvenv_error *err)
{
	struct cv_tree_file *files = cv_new(a, struct cv_tree_file, wheel->count);
	struct cv_str *hashes = cv_new(a, struct cv_str, wheel->count);

	if (!files || !hashes)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < wheel->count; i++) {
		const struct cv_wheel_file *f = &wheel->files[i];

		files[i] = (struct cv_tree_file){ .path = cv_strdup(a, f->path),
			.size = f->size,
			.mtime = f->mtime,
			.exec = f->exec };
		hashes[i] = f->hash;
		if (!files[i].path)
			return cv_fail_nomem(err);
	}
	*ret = (struct cv_cached_wheel){
		.tree = { .dir = "", .files = files, .count = wheel->count },
		.hashes = hashes,
		.name = wheel->name,
		.version = wheel->version,
		.dist_info = wheel->dist_info,
		.entry_points = wheel->entry_points,
		.requires_python = wheel->requires_python
	};
	return 0;
}

struct target {
	const char *path;
	size_t source;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct target *)a)->path, ((const struct target *)b)->path);
}

static int find_targets(struct cv_arena *a, const struct cv_tree *tree, const char *cache_tag,
	struct target *targets, size_t *ret_count, struct cvenv_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->count; i++) {
		const char *source = tree->files[i].path;

		if (!cv_str_ends(cv_str(source), CV_LIT(".py")) ||
			cv_tree_file_shared(&tree->files[i]))
			continue;
		targets[n] = (struct target){ cv_path_bytecode(a, source, cache_tag, ""), i };
		if (!targets[n++].path)
			return cv_fail_nomem(err);
	}
	if (n)
		qsort(targets, n, sizeof(*targets), by_path);
	*ret_count = n;
	return 0;
}

int cv_list_targets(struct cv_arena *a, const struct cv_cached_wheel *wheel, const char *cache_tag,
	struct cv_targets *ret, struct cvenv_error *err)
{
	const struct cv_tree *tree = &wheel->tree;
	struct target *targets = cv_new(a, struct target, tree->count);
	int rc;

	*ret = (struct cv_targets){ .files = cv_new(a, struct cv_tree_file, tree->count),
		.sources = cv_new(a, size_t, tree->count) };
	if (!targets || !ret->files || !ret->sources)
		return cv_fail_nomem(err);
	rc = find_targets(a, tree, cache_tag, targets, &ret->count, err);
	for (size_t i = 0; i < ret->count; i++) {
		ret->files[i].path = targets[i].path;
		ret->sources[i] = targets[i].source;
	}
	return rc;
}

int cv_list_wheel(struct cv_arena *a, const char *path, struct cv_str data,
	struct cv_cached_wheel *ret, struct cvenv_error *err)
{
	struct cv_wheel wheel;
	int rc = cv_wheel_open(a, cv_path_base(path), data, &wheel, err);

	if (rc == 0)
		rc = cv_list_files(a, &wheel, ret, err);
	ret->path = path;
	cv_wheel_close(&wheel);
	return rc < 0 ? cv_wrap(err, rc, "wheel '%s'", path) : 0;
}

/* Another process may have replaced the wheel, so that it has no file INDEX. */
static int read_member(struct cv_arena *a, const struct cv_wheel *wheel, size_t index,
	struct cv_str *ret, struct cvenv_error *err)
{
	size_t size = index < wheel->count ? (size_t)wheel->files[index].size : 0;
	char *out = cv_new(a, char, size + 1);

	if (!out)
		return cv_fail_nomem(err);
	*ret = (struct cv_str){ out, size };
	return index < wheel->count ? cv_wheel_read(wheel, index, out, err)
				    : cv_fail(err, CVENV_ECORRUPT, "'%s'", wheel->file_name);
}

int cv_list_read(struct cv_arena *a, const char *path, size_t index, struct cv_str *ret,
	struct cvenv_error *err)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_wheel wheel = { 0 };
	struct cv_str data;
	int rc = cv_read_file(
		CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, CV_WHEEL_FILE_MAX, &scratch, &data, err);

	if (rc == 0)
		rc = cv_wheel_open(&scratch, cv_path_base(path), data, &wheel, err);
	if (rc == 0)
		rc = read_member(a, &wheel, index, ret, err);
	cv_wheel_close(&wheel);
	return rc < 0 ? cv_wrap(err, rc, "wheel '%s'", path) : 1;
}

bool cv_list_bytecode(struct cv_arena *a, const struct cv_cached_wheel *wheel,
	const struct cv_bytecode_kind *kind, bool compile, struct cv_tree *ret)
{
	struct cv_targets t;
	struct cv_reuse reuse;
	bool all = cv_list_targets(a, wheel, kind->cache_tag, &t, NULL) == 0;

	cv_reuse_open(&reuse, wheel, kind);
	for (size_t i = 0; i < t.count && all && !compile; i++)
		all = cv_reuse_offers(&reuse, t.sources[i], t.files[i].path);
	cv_reuse_close(&reuse);
	*ret = (struct cv_tree){ .dir = "", .files = t.files, .count = t.count };
	return all && t.count > 0;
}
