/* SPDX-License-Identifier: MIT */
#include "store/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/adopt.h"

int cv_list_files(struct cv_arena *a, const struct cv_wheel *wheel, struct cv_wheel_image *ret,
	struct cv_err *err)
{
	struct cv_image_file *files = cv_new(a, struct cv_image_file, wheel->count);
	struct cv_str *hashes = cv_new(a, struct cv_str, wheel->count);

	if (!files || !hashes)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < wheel->count; i++) {
		const struct cv_wheel_file *f = &wheel->files[i];

		files[i] = (struct cv_image_file){ .path = cv_strdup(a, f->path),
			.size = f->size,
			.mtime = f->mtime,
			.exec = f->exec };
		hashes[i] = f->hash;
		if (!files[i].path)
			return cv_fail_nomem(err);
	}
	*ret = (struct cv_wheel_image){
		.image = { .dir = "", .files = files, .count = wheel->count },
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

static int find_targets(struct cv_arena *a, const struct cv_image *image, const char *cache_tag,
	struct target *targets, size_t *ret_count, struct cv_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < image->count; i++) {
		const char *source = image->files[i].path;

		if (!cv_str_ends(cv_str(source), CV_LIT(".py")) ||
			cv_image_file_shared(&image->files[i]))
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

int cv_list_targets(struct cv_arena *a, const struct cv_wheel_image *wheel, const char *cache_tag,
	struct cv_targets *ret, struct cv_err *err)
{
	const struct cv_image *image = &wheel->image;
	struct target *targets = cv_new(a, struct target, image->count);
	int rc;

	*ret = (struct cv_targets){ .files = cv_new(a, struct cv_image_file, image->count),
		.sources = cv_new(a, size_t, image->count) };
	if (!targets || !ret->files || !ret->sources)
		return cv_fail_nomem(err);
	rc = find_targets(a, image, cache_tag, targets, &ret->count, err);
	for (size_t i = 0; i < ret->count; i++) {
		ret->files[i].path = targets[i].path;
		ret->sources[i] = targets[i].source;
	}
	return rc;
}

int cv_list_wheel(struct cv_arena *a, const char *path, struct cv_str data,
	struct cv_wheel_image *ret, struct cv_err *err)
{
	struct cv_wheel wheel;
	int rc = cv_wheel_open(a, cv_path_base(path), data, &wheel, err);

	if (rc == 0)
		rc = cv_list_files(a, &wheel, ret, err);
	cv_wheel_close(&wheel);
	return rc < 0 ? cv_wrap(err, rc, "wheel '%s'", path) : 0;
}

bool cv_list_bytecode(struct cv_arena *a, const struct cv_wheel_image *wheel,
	const struct cv_bytecode *kind, bool compile, struct cv_image *ret)
{
	struct cv_targets t;
	struct cv_adopt adopt;
	bool all = cv_list_targets(a, wheel, kind->cache_tag, &t, NULL) == 0;

	cv_adopt_open(&adopt, wheel, kind);
	for (size_t i = 0; i < t.count && all && !compile; i++)
		all = cv_adopt_offers(&adopt, t.sources[i], t.files[i].path);
	cv_adopt_close(&adopt);
	*ret = (struct cv_image){ .dir = "", .files = t.files, .count = t.count };
	return all && t.count > 0;
}
