/* SPDX-License-Identifier: MIT */
#include "finished/search.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "create/redirect.h"
#include "finished/finished.h"
#include "finished/places.h"
#include "fs/usage.h"
#include "fs/walk.h"
#include "os/thread.h"

enum { WORKERS = 4 }; /* also on fewer processors: some wait for the disk */

/* What a worker has found. */
struct part {
	struct cv_arena strings;
	struct cvenv_environment *entries;
	size_t count, room;
	size_t failures;
	int code; /* of the first failure */
	struct cv_buf path;
};

struct search {
	const struct cv_ctx *ctx;
	unsigned flags;
	struct cv_walk walk;
	const struct cv_place *places;
	size_t place_count;
	atomic_size_t found;
	struct part parts[WORKERS];
	struct cv_os_mutex mutex;
	struct cv_usage total; /* by the mutex */
};

/* --- one environment, in any worker ------------------------------------------- */

static void later(const struct cv_os_time *time, int64_t *last)
{
	if (time->s > *last)
		*last = time->s;
}

/*
 * 0: unknown. The times of changes alone do not tell: an environment may be used every day without
 * one, and --prune would remove it.
 */
static int64_t last_used(const struct cv_finished *env)
{
	uint64_t user = cv_os_user();
	int64_t last = 0;

	/* Others than the owner and root cannot read it without changing the time. */
	if ((env->cfg_st.owner != user && user != CV_OS_ADMINISTRATOR) ||
		!cv_os_keeps_atime(env->dir))
		return 0;
	later(&env->cfg_st.atime, &last);
	later(&env->cfg_st.mtime, &last);
	for (size_t i = 0; i < env->site_count; i++)
		later(&env->site_st[i].mtime, &last);
	return last;
}

static int measure(struct search *s, const struct cv_finished *env, struct cvenv_environment *ret)
{
	struct cv_usage usage = { .extents = true };
	int rc = cv_usage_add_tree(&usage, env->dir, ".", NULL);

	cv_usage_end(&usage);
	ret->files = usage.files;
	ret->bytes = usage.bytes;
	ret->frees = usage.frees;
	if (rc == 0) {
		cv_os_lock(&s->mutex);
		rc = cv_usage_merge(&s->total, &usage);
		cv_os_unlock(&s->mutex);
	}
	cv_usage_done(&usage);
	return rc;
}

/* Copy the strings of *ENV. False: memory is exhausted. */
static bool keep(struct cv_arena *a, struct cvenv_environment *env)
{
	const char **texts[] = { &env->path, &env->maker_version, &env->python,
		&env->implementation, &env->version, &env->home, &env->base, &env->prompt,
		&env->manager };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!*texts[i])
			continue;
		*texts[i] = cv_strdup(a, cv_str(*texts[i]));
		if (!*texts[i])
			return false;
	}
	return true;
}

/* The manager of the nearest place around PATH. */
static const char *manager_of(const struct search *s, const char *path)
{
	const struct cv_place *nearest = NULL;

	for (size_t i = 0; i < s->place_count; i++) {
		const struct cv_place *place = &s->places[i];

		if (place->manager && cv_path_within(path, place->path) &&
			(!nearest || strlen(place->path) > strlen(nearest->path)))
			nearest = place;
	}
	return nearest ? nearest->manager : NULL;
}

static struct cvenv_environment *new_entry(struct part *part)
{
	if (part->count == part->room) {
		size_t room = part->room ? 2 * part->room : 16;
		struct cvenv_environment *more = realloc(part->entries, room * sizeof(*more));

		if (!more)
			return NULL;
		part->entries = more;
		part->room = room;
	}
	part->entries[part->count] = (struct cvenv_environment){ 0 };
	return &part->entries[part->count++];
}

static void failed(void *data, unsigned worker, const char *path, int code)
{
	struct search *s = data;
	struct part *part = &s->parts[worker];

	if (part->failures++)
		return;
	part->code = code;
	cv_buf_cstr(&part->path, path);
}

static bool is_root(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->walk.root_count; i++)
		if (cv_path_same(path, s->walk.roots[i]))
			return true;
	return false;
}

static int found(void *data, unsigned worker, const char *path)
{
	struct search *s = data;
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_finished env = { 0 };
	struct cvenv_error err;
	struct cvenv_environment *entry;
	/* The walk follows no link but a root. */
	int rc = cv_finished_open(s->ctx, &scratch, path,
		CV_FINISHED_BRIEF | (is_root(s, path) ? 0 : CV_FINISHED_NOFOLLOW), &env, &err);

	if (rc == -ENOMEM)
		return rc;
	if (rc < 0) {
		if (rc != -CVENV_ENOTENV) /* it is gone meanwhile */
			failed(s, worker, path, -rc);
		cv_finished_close(&env);
		return 0;
	}
	entry = new_entry(&s->parts[worker]);
	if (entry) {
		cv_finished_describe(&env, entry);
		if (!entry->manager)
			entry->manager = manager_of(s, path);
		if (!(s->flags & CVENV_QUICK)) {
			entry->last_used = last_used(&env);
			rc = measure(s, &env, entry);
		}
		if (!keep(&s->parts[worker].strings, entry))
			rc = -ENOMEM;
	}
	cv_finished_close(&env);
	(void)atomic_fetch_add(&s->found, 1);
	return entry ? rc : -ENOMEM;
}

static void progress(void *data, size_t dirs)
{
	struct search *s = data;
	size_t environments = atomic_load(&s->found);
	char text[80];

	(void)snprintf(text, sizeof(text), "%zu directories, %zu environment%s", dirs, environments,
		environments == 1 ? "" : "s");
	cv_progress(s->ctx, CVENV_PHASE_SEARCH, text, dirs, 0);
}

/* --- roots -------------------------------------------------------------------- */

/* *RET becomes the directory that the user named, or that a redirect file names. */
static int named_root(const struct cv_ctx *ctx, struct cv_arena *a, const char *root,
	const char **ret, struct cvenv_error *err)
{
	const char *path;
	struct cv_os_stat st;
	int rc;

	if (!root[0])
		return cv_fail_msg(err, ENOENT, "cannot search '': an empty name");
	if (!cv_path_has_abs(ctx, root))
		return cv_fail(err, ENOENT, "cannot find the current directory");
	path = cv_path_abs(a, ctx, root);
	if (!path)
		return cv_fail_nomem(err);
	*ret = path;
	rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st);
	if (rc == 0 && st.type == CV_OS_DIR)
		return 0;
	if (rc == 0 && st.type == CV_OS_FILE && cv_redirect_read(a, path, ret, &st, err) == 0)
		rc = cv_os_stat(CV_OS_ABSOLUTE, *ret, CV_OS_FOLLOW, &st);
	if (rc == 0 && st.type != CV_OS_DIR)
		rc = -ENOTDIR;
	if (rc == -ENOENT)
		return cv_fail_missing(err, ENOENT, root);
	return rc < 0 ? cv_fail(err, -rc, "cannot search '%s'", root) : 0;
}

/* The places that exist; and of all roots, what they are for. */
static int find_roots(
	struct search *s, struct cv_arena *a, const char *const *named, struct cvenv_error *err)
{
	struct cv_place *places;
	const char **roots;
	struct cv_os_stat st;
	size_t count = 0;

	if (cv_places(s->ctx, a, &places, &s->place_count) < 0 ||
		cv_places_excluded(s->ctx, a, &s->walk.excluded, &s->walk.excluded_count) < 0)
		return cv_fail_nomem(err);
	s->places = places;
	while (named && named[count])
		count++;
	roots = cv_new(a, const char *, (named ? count : s->place_count) + 1);
	if (!roots)
		return cv_fail_nomem(err);
	s->walk.roots = roots;
	for (size_t i = 0; i < count; i++) {
		int rc = named_root(s->ctx, a, named[i], &roots[s->walk.root_count++], err);

		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < s->place_count && !named; i++)
		if (cv_os_stat(CV_OS_ABSOLUTE, places[i].path, CV_OS_FOLLOW, &st) == 0 &&
			st.type == CV_OS_DIR)
			roots[s->walk.root_count++] = places[i].path;
	return 0;
}

/* --- the result --------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
	const struct cvenv_environment *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* All entries in one array, sorted by path. */
static int collect(struct search *s, struct cv_search_list *list)
{
	OWN_MEM struct cvenv_environment *all = NULL;
	size_t count = 0, n = 0;

	for (unsigned i = 0; i < WORKERS; i++)
		count += s->parts[i].count;
	all = calloc(count + 1, sizeof(*all));
	list->entries = cv_new(&list->arena, struct cvenv_environment, count + 1);
	if (!all || !list->entries)
		return -ENOMEM;
	for (unsigned i = 0; i < WORKERS; i++) {
		if (s->parts[i].count)
			memcpy(all + n, s->parts[i].entries, s->parts[i].count * sizeof(*all));
		n += s->parts[i].count;
	}
	qsort(all, count, sizeof(*all), by_path);
	for (size_t i = 0; i < count; i++) {
		struct cvenv_environment *to = &list->entries[list->count++];

		*to = all[i];
		if (!keep(&list->arena, to))
			return -ENOMEM;
	}
	cv_usage_end(&s->total);
	list->total.files = s->total.files;
	list->total.bytes = s->total.bytes;
	list->total.frees = s->total.frees;
	return 0;
}

/* Directories without permission are usual; other failures mean that something is missing. */
static void report_failures(const struct search *s)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		const struct part *part = &s->parts[i];

		if (part->failures && part->path.p)
			cv_log(s->ctx,
				part->code == EACCES || part->code == EPERM ? CVENV_LOG_INFO
									    : CVENV_LOG_WARNING,
				"could not search %zu director%s, such as '%s': %s", part->failures,
				part->failures == 1 ? "y" : "ies", part->path.p,
				cv_err_text(part->code));
	}
}

static void end(struct search *s)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		struct part *part = &s->parts[i];

		cv_arena_done(&part->strings);
		cv_buf_done(&part->path);
		free(part->entries);
	}
	cv_usage_done(&s->total);
	cv_os_mutex_done(&s->mutex);
}

int cv_search(const struct cv_ctx *ctx, const char *const *roots, unsigned flags,
	struct cv_search_list *ret, struct cvenv_error *err)
{
	struct search s = { .ctx = ctx,
		.flags = flags,
		.walk = { .workers = WORKERS,
			.found = found,
			.failed = failed,
			.progress = progress } };
	struct cv_arena a OWN_ARENA = { 0 };
	int rc;

	*ret = (struct cv_search_list){ 0 };
	s.walk.data = &s;
	cv_os_mutex_init(&s.mutex);
	rc = find_roots(&s, &a, roots, err);
	if (rc == 0) {
		progress(&s, 0);
		rc = cv_walk(ctx, &s.walk, err);
		cv_progress(ctx, CVENV_PHASE_SEARCH, "", 1, 1); /* the end */
	}
	if (rc == 0 && collect(&s, ret) < 0)
		rc = cv_fail_nomem(err);
	if (rc == 0)
		report_failures(&s);
	end(&s);
	return rc;
}

void cv_search_done(struct cv_search_list *list)
{
	cv_arena_done(&list->arena);
	*list = (struct cv_search_list){ 0 };
}
