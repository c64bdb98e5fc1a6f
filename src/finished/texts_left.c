/* SPDX-License-Identifier: MIT */
#include "finished/texts_left.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "wheel/record.h"

enum {
	QUIETLY = CV_OS_NOFOLLOW | CV_OS_QUIET,
	SLOTS_FIRST = 1024,
	PART = 256 << 10, /* bytes of a file that are searched at a time */
};

/* Of A and B, one after the other; never 0. */
static uint64_t hash_of(struct cv_str a, struct cv_str b)
{
	uint64_t h = cv_str_hash(cv_str_hash(CV_HASH_NOTHING, a), b);

	return h ? h : 1;
}

/* The slot of HASH, or the unused one where it would be. */
static uint64_t *slot_of(const struct cv_listed *listed, uint64_t hash)
{
	size_t i = (size_t)hash & (listed->room - 1);

	while (listed->slots[i] && listed->slots[i] != hash)
		i = (i + 1) & (listed->room - 1);
	return &listed->slots[i];
}

static bool add_hash(struct cv_arena *a, struct cv_listed *listed, uint64_t hash)
{
	uint64_t *slot;

	if (listed->count * 2 >= listed->room) {
		struct cv_listed more = { .room = listed->room ? listed->room * 2 : SLOTS_FIRST };

		more.slots = cv_new(a, uint64_t, more.room);
		if (!more.slots)
			return false;
		for (size_t i = 0; i < listed->room; i++) {
			if (listed->slots[i])
				*slot_of(&more, listed->slots[i]) = listed->slots[i];
		}
		more.count = listed->count;
		*listed = more;
	}
	slot = slot_of(listed, hash);
	listed->count += *slot == 0;
	*slot = hash;
	return true;
}

bool cv_listed_add(struct cv_arena *a, struct cv_listed *listed, const char *path)
{
	return add_hash(a, listed, hash_of(cv_str(path), (struct cv_str){ 0 }));
}

bool cv_listed_has(const struct cv_listed *listed, const char *path)
{
	return listed->room && *slot_of(listed, hash_of(cv_str(path), (struct cv_str){ 0 })) != 0;
}

static bool is_library(struct cv_str path)
{
	return cv_str_ends(path, CV_LIT(".so")) || cv_str_find(path, CV_LIT(".so.")) ||
	       cv_str_ends(path, CV_LIT(".dylib")) || cv_str_ends(path, CV_LIT(".pyd"));
}

bool cv_listed_record(struct cv_arena *a, struct cv_listed *listed, const char *site,
	struct cv_str record, bool built_here)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	const char *dir = cv_strfmt(&scratch, "%s/", site);
	struct cv_record_row *rows = NULL;
	size_t count = 0;
	int rc = cv_record_parse(&scratch, record, &rows, &count, NULL);

	if (!dir || rc == -ENOMEM)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct cv_str path = rows[i].path;
		char *whole;

		if (!rows[i].hash.n || (built_here && is_library(path)))
			continue;
		if (path.p[0] == '.' || path.p[0] == '/') {
			whole = cv_strdup(&scratch, path);
			whole = whole ? cv_path_inside(&scratch, site, whole) : NULL;
			if (whole && !cv_listed_add(a, listed, whole))
				return false;
		} else if (!add_hash(a, listed, hash_of(cv_str(dir), path))) {
			return false;
		}
	}
	return true;
}

bool cv_wheel_is_local(struct cv_str wheel)
{
	struct cv_str line;

	while (cv_str_cut(&wheel, '\n', &line)) {
		if (cv_str_starts(line, CV_LIT("Tag: ")) && cv_str_find(line, CV_LIT("-linux_")))
			return true;
	}
	return false;
}

int cv_left_add(struct cv_arena *a, struct cv_left *left, const char *path, struct cvenv_error *err)
{
	if (!cv_grow(a, &left->paths, left->count + 1, &left->room))
		return cv_fail_nomem(err);
	left->paths[left->count] = cv_strdup(a, cv_str(path));
	return left->paths[left->count++] ? 0 : cv_fail_nomem(err);
}

struct search {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_rewriting *how;
	const struct cv_listed *listed;
	struct cv_left *left;
	struct cvenv_error *err;
	char *part; /* the end of the last part of a file, then the next part */
	size_t overlap;
	size_t files;
};

/*
 * Does FILE contain an old path? What is near the end of a part is decided with the next part, and
 * what is before it is kept so long.
 */
static bool mentions(struct search *s, struct cv_os_file file)
{
	size_t kept = 0, begin = 0;

	for (uint64_t total = 0; total < CV_LEFT_SEARCH_MAX;) {
		int64_t n = cv_os_read(file, s->part + kept, PART);
		size_t len = kept + (n > 0 ? (size_t)n : 0);
		size_t end = n > 0 ? (len > s->overlap ? len - s->overlap : 0) : len;

		if (begin < end &&
			cv_rewrite_mentions_in(s->how, (struct cv_str){ s->part, len }, begin, end))
			return true;
		if (n <= 0)
			return false;
		end = begin < end ? end : begin;
		kept = len < 2 * s->overlap ? len : 2 * s->overlap;
		memmove(s->part, s->part + len - kept, kept);
		begin = end - (len - kept);
		total += (uint64_t)n;
	}
	return false;
}

static int search_file(struct search *s, struct cv_os_dir dir, const char *name, const char *path)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	struct cv_os_stat st;

	if (cv_listed_has(s->listed, path) || cv_str_ends(cv_str(name), CV_LIT(".pyc")))
		return 0;
	if (++s->files > CV_LEFT_FILES_MAX || cv_os_open(dir, name, QUIETLY, &file) < 0 ||
		cv_os_stat_file(file, &st) < 0 || st.type != CV_OS_FILE)
		return 0;
	return mentions(s, file) ? cv_left_add(s->arena, s->left, path, s->err) : 0;
}

static int search_dir(
	struct search *s, struct cv_os_dir at, const char *name, const char *path, unsigned depth)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc;

	if (cv_stopped(s->ctx))
		return cv_fail(s->err, EINTR, "cannot search '%s'", path);
	if (cv_os_list_open(at, name, QUIETLY, &list) < 0)
		return 0;
	while ((rc = cv_os_list_next(&list)) > 0) {
		enum cv_os_type type = list.type;
		struct cv_os_stat st;
		char *below = *path ? cv_strfmt(&scratch, "%s/%s", path, list.name)
				    : cv_strdup(&scratch, cv_str(list.name));

		if (!below)
			return cv_fail_nomem(s->err);
		if (type == CV_OS_UNKNOWN)
			type = cv_os_stat(list.dir, list.name, CV_OS_NOFOLLOW, &st) == 0
				       ? st.type
				       : CV_OS_OTHER;
		if (type == CV_OS_DIR && depth < CV_LEFT_DEPTH_MAX &&
			strcmp(list.name, "__pycache__") != 0)
			rc = search_dir(s, list.dir, list.name, below, depth + 1);
		else if (type == CV_OS_FILE)
			rc = search_file(s, list.dir, list.name, below);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int cv_left_search(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir env,
	const struct cv_rewriting *how, const struct cv_listed *listed, struct cv_left *left,
	struct cvenv_error *err)
{
	struct search s = { ctx, a, how, listed, left, err, NULL, 0, 0 };
	OWN_MEM char *part = NULL;

	for (size_t i = 0; i < how->count; i++) {
		size_t from = strlen(how->pairs[i].from), to = strlen(how->pairs[i].to);

		size_t most =
			(1 + CV_WINDOWS) * (from + to) + 1; /* there, a backslash may be two */

		s.overlap = s.overlap < most ? most : s.overlap;
	}
	if (!how->count)
		return 0;
	part = malloc(PART + 2 * s.overlap);
	if (!part)
		return cv_fail_nomem(err);
	s.part = part;
	return search_dir(&s, env, ".", "", 0);
}
