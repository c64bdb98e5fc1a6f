/* SPDX-License-Identifier: MIT */
#include "fs/walk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/dir.h"
#include "os/thread.h"

#define CONFIG "pyvenv.cfg"

enum { PROGRESS_DIRS = 256 };

/*
 * A directory, and the names of its subdirectories that are still to be searched. Names end with a
 * NUL each, and are in `names` of the worker from NEXT to END.
 */
struct frame {
	struct cv_os_dir dir; /* that of `list` if this is open */
	struct cv_os_list list;
	uint64_t device;
	size_t path_len; /* in `path` of the worker; 0: the names are roots */
	size_t first, next, end;
	unsigned depth;
};

/* Names of a frame on the way to another worker. */
struct gift {
	struct cv_os_dir dir;
	uint64_t device;
	unsigned depth;
	struct cv_buf path, names;
};

struct search {
	const struct cv_ctx *ctx;
	struct cv_walk *walk;
	struct cv_os_id *not_below; /* roots, and what is excluded; sorted */
	size_t not_below_count;
	atomic_size_t dirs;
	atomic_int rc;      /* the first error */
	atomic_bool hungry; /* a worker waits for a gift */
	struct cv_os_mutex mutex;
	/* by the mutex */
	struct gift gift;
	bool full; /* there is a gift */
	bool done;
	unsigned started, waiting; /* workers */
};

struct worker {
	struct search *search;
	unsigned number;
	struct cv_buf path, names;
	unsigned count;
	struct frame frames[CV_WALK_DEPTH_MAX + 2];
};

static bool is_skipped(const char *name)
{
	static const char *const skipped[] = { ".git", ".hg", ".svn", ".jj", "conda-meta" };

	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
		if (cv_path_same(name, skipped[i]))
			return true;
	return cv_is_temp_name(name) || cv_aside_target(name);
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct cv_os_id));
}

static bool is_not_below(const struct search *s, const struct cv_os_id *id)
{
	return bsearch(id, s->not_below, s->not_below_count, sizeof(*id), compare_ids) != NULL;
}

/* --- one directory ------------------------------------------------------------ */

static void failed(struct worker *w, int rc)
{
	const struct cv_walk *walk = w->search->walk;

	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP) /* it was replaced meanwhile */
		return;
	if (walk->failed)
		walk->failed(walk->data, w->number, w->path.p, -rc);
}

/* Set `path` to the directory NAME in the directory whose path has LEN bytes. */
static int set_path(struct worker *w, size_t len, const char *name)
{
	w->path.n = len;
	if (len && !cv_path_is_sep(w->path.p[len - 1]))
		cv_buf_char(&w->path, CV_PATH_SEP);
	cv_buf_cstr(&w->path, name);
	return w->path.bad ? -ENOMEM : 0;
}

static bool is_config(const struct cv_os_list *list)
{
	struct cv_os_stat st;

	if (!cv_path_same(list->name, CONFIG))
		return false;
	if (list->type != CV_OS_UNKNOWN)
		return list->type == CV_OS_FILE;
	return cv_os_stat(list->dir, list->name, CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_FILE;
}

/* Collect the names of subdirectories. 1: it is an environment; 0: it is not; negative: error. */
static int read_entries(struct worker *w, struct cv_os_list *list)
{
	int rc;

	while ((rc = cv_os_list_next(list)) > 0) {
		if (is_config(list))
			return 1;
		if ((list->type == CV_OS_DIR || list->type == CV_OS_UNKNOWN) &&
			!is_skipped(list->name))
			cv_buf_add(&w->names, list->name, strlen(list->name) + 1);
	}
	if (rc < 0)
		failed(w, rc); /* continue with what was read until then */
	return w->names.bad ? -ENOMEM : 0;
}

static int count_dir(struct worker *w)
{
	struct search *s = w->search;
	size_t dirs = atomic_fetch_add(&s->dirs, 1) + 1;

	if (dirs > CV_WALK_DIRS_MAX)
		return -CVENV_ELIMIT;
	if (w->number == 0 && dirs % PROGRESS_DIRS <= 1 && s->walk->progress)
		s->walk->progress(s->walk->data, dirs);
	return cv_stopped(s->ctx) ? -EINTR : 0;
}

/* 1: open; 0: not to be searched; negative: error. NAME is a directory of the frame UP. */
static int open_frame(struct worker *w, const struct frame *up, const char *name, struct frame *f)
{
	bool root = !up->path_len;
	unsigned how = root ? CV_OS_FOLLOW : CV_OS_NOFOLLOW;
	struct cv_os_stat st;
	int rc = cv_os_stat(up->dir, name, how, &st);

	/* Before it is opened: that would mount what an automounter has there. */
	if (rc == 0 &&
		(st.type != CV_OS_DIR ||
			(!root && (st.id.device != up->device || is_not_below(w->search, &st.id)))))
		return 0;
	*f = (struct frame){ .device = st.id.device,
		.path_len = w->path.n,
		.first = w->names.n,
		.next = w->names.n,
		.depth = up->depth + 1 };
	if (rc == 0)
		rc = cv_os_list_open(up->dir, name, how | CV_OS_QUIET, &f->list);
	f->dir = f->list.dir;
	if (rc < 0)
		failed(w, rc);
	return rc == 0;
}

/* Search the directory NAME of the frame UP, and make it a frame if it has subdirectories. */
static int enter(struct worker *w, const struct frame *up, const char *name)
{
	const struct cv_walk *walk = w->search->walk;
	struct frame *f = &w->frames[w->count];
	int rc = set_path(w, up->path_len, name);

	if (rc == 0)
		rc = open_frame(w, up, name, f);
	if (rc <= 0)
		return rc;
	rc = count_dir(w);
	if (rc == 0)
		rc = read_entries(w, &f->list);
	f->end = w->names.n;
	if (rc == 0 && f->end > f->first && f->depth <= CV_WALK_DEPTH_MAX) {
		w->count++;
		return 0;
	}
	w->names.n = f->first;
	cv_os_list_close(&f->list);
	return rc > 0 ? walk->found(walk->data, w->number, w->path.p) : rc;
}

static void leave(struct worker *w)
{
	struct frame *f = &w->frames[--w->count];

	w->names.n = f->first;
	if (f->list.state)
		cv_os_list_close(&f->list);
	else if (cv_os_dir_ok(f->dir)) /* not CV_OS_ABSOLUTE */
		cv_os_close_dir(&f->dir);
}

/* --- sharing ------------------------------------------------------------------ */

static void drop_gift(struct gift *gift)
{
	if (cv_os_dir_ok(gift->dir)) /* not CV_OS_ABSOLUTE */
		cv_os_close_dir(&gift->dir);
	cv_buf_done(&gift->path);
	cv_buf_done(&gift->names);
}

/* Where the second half of the names in a frame begins, or the last one. */
static size_t half_of(const struct worker *w, const struct frame *f)
{
	size_t middle = f->next + (f->end - f->next) / 2, at = f->next, begin = at;

	while (at < f->end && begin < middle) {
		begin = at;
		at += strlen(w->names.p + at) + 1;
	}
	return begin;
}

/*
 * The topmost frame of which names can be given away; NULL: none. *ret_from is where these begin.
 * Of the last frame, the first name is for this worker.
 */
static struct frame *spare(struct worker *w, size_t *ret_from)
{
	for (unsigned i = 0; i < w->count; i++) {
		struct frame *f = &w->frames[i];

		if (f->next >= f->end)
			continue;
		*ret_from = half_of(w, f);
		if (i + 1 < w->count || *ret_from > f->next)
			return f;
	}
	return NULL;
}

/* Another worker waits: give it half of what is left, as close to the root as possible. */
static void give(struct worker *w)
{
	struct search *s = w->search;
	size_t from;
	struct frame *f = spare(w, &from);
	struct gift gift = { .dir = CV_OS_ABSOLUTE };

	if (!f)
		return;
	gift.device = f->device;
	gift.depth = f->depth;
	cv_buf_add(&gift.path, w->path.p, f->path_len);
	cv_buf_add(&gift.names, w->names.p + from, f->end - from);
	if (f->path_len && cv_os_open_dir(f->dir, ".", CV_OS_NOFOLLOW, &gift.dir) < 0)
		gift.path.bad = true; /* no descriptor is free: this worker does it */
	cv_os_lock(&s->mutex);
	if (!s->full && !gift.path.bad && !gift.names.bad) {
		s->gift = gift;
		s->full = true;
		atomic_store(&s->hungry, false);
		f->end = from;
		gift = (struct gift){ .dir = CV_OS_ABSOLUTE };
		cv_os_wake_all(&s->mutex);
	}
	cv_os_unlock(&s->mutex);
	drop_gift(&gift);
}

/* Wait for a gift, and make it the first frame. False: the search has ended. */
static bool receive(struct worker *w, struct gift *ret)
{
	struct search *s = w->search;
	bool any;

	cv_os_lock(&s->mutex);
	s->waiting++;
	while (!s->full && !s->done) {
		s->done = s->waiting == s->started;
		if (s->done)
			break;
		atomic_store(&s->hungry, true);
		cv_os_wait(&s->mutex);
	}
	s->waiting--;
	any = s->full && !s->done;
	if (any) {
		*ret = s->gift;
		s->full = false;
	} else {
		cv_os_wake_all(&s->mutex);
	}
	cv_os_unlock(&s->mutex);
	return any;
}

static bool begin(struct worker *w)
{
	struct gift gift = { .dir = CV_OS_NO_DIR };

	if (!receive(w, &gift))
		return false;
	cv_buf_done(&w->path);
	cv_buf_done(&w->names);
	w->path = gift.path;
	w->names = gift.names;
	w->frames[0] = (struct frame){ .dir = gift.dir,
		.device = gift.device,
		.path_len = gift.path.n,
		.end = gift.names.n,
		.depth = gift.depth };
	w->count = 1;
	return true;
}

static void end_search(struct search *s, int rc)
{
	int none = 0;

	(void)atomic_compare_exchange_strong(&s->rc, &none, rc);
	cv_os_lock(&s->mutex);
	s->done = true;
	cv_os_wake_all(&s->mutex);
	cv_os_unlock(&s->mutex);
}

static int search_frames(struct worker *w)
{
	struct search *s = w->search;
	int rc = 0;

	while (w->count && rc == 0 && atomic_load(&s->rc) == 0) {
		struct frame *f = &w->frames[w->count - 1];
		const char *name;

		if (f->next >= f->end) {
			leave(w);
			continue;
		}
		if (atomic_load(&s->hungry))
			give(w);
		name = w->names.p + f->next;
		f->next += strlen(name) + 1;
		/* NAME moves when names are added, but only after its last use. */
		rc = enter(w, f, name);
	}
	return rc;
}

static void work(void *data, unsigned number)
{
	struct search *s = data;
	struct worker *w = calloc(1, sizeof(*w));
	int rc = 0;

	if (!w) /* if no worker begins, cv_walk() finds the first gift */
		return;
	w->search = s;
	w->number = number;
	cv_os_lock(&s->mutex);
	s->started++;
	cv_os_unlock(&s->mutex);
	while (rc == 0 && begin(w)) {
		rc = search_frames(w);
		while (w->count)
			leave(w);
	}
	if (rc < 0)
		end_search(s, rc);
	cv_buf_done(&w->path);
	cv_buf_done(&w->names);
	free(w);
}

/* Each root once, even if two have different names. */
static int add_roots(struct search *s)
{
	const struct cv_walk *walk = s->walk;
	struct cv_os_stat st;

	for (size_t i = 0; i < walk->root_count; i++) {
		const char *path = walk->roots[i];
		int rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st);
		bool known = rc < 0;

		if (rc < 0 && walk->failed)
			walk->failed(walk->data, 0, path, -rc);
		for (size_t k = 0; k < s->not_below_count && !known; k++)
			known = cv_os_same_id(&s->not_below[k], &st.id);
		if (known)
			continue;
		s->not_below[s->not_below_count++] = st.id;
		cv_buf_add(&s->gift.names, path, strlen(path) + 1);
		s->full = true;
	}
	for (size_t i = 0; i < walk->excluded_count; i++)
		if (cv_os_stat(CV_OS_ABSOLUTE, walk->excluded[i], CV_OS_FOLLOW, &st) == 0)
			s->not_below[s->not_below_count++] = st.id;
	qsort(s->not_below, s->not_below_count, sizeof(*s->not_below), compare_ids);
	return s->gift.names.bad ? -ENOMEM : 0;
}

int cv_walk(const struct cv_ctx *ctx, struct cv_walk *walk, struct cvenv_error *err)
{
	OWN_MEM struct cv_os_id *not_below =
		calloc(walk->root_count + walk->excluded_count + 1, sizeof(*not_below));
	struct search s = {
		.ctx = ctx, .walk = walk, .not_below = not_below, .gift.dir = CV_OS_ABSOLUTE
	};
	unsigned workers = walk->workers ? walk->workers : 1;
	int rc = not_below ? add_roots(&s) : -ENOMEM;

	if (rc == 0 && s.full) {
		cv_os_mutex_init(&s.mutex);
		cv_os_threads(
			workers < CV_WALK_WORKERS_MAX ? workers : CV_WALK_WORKERS_MAX, work, &s);
		cv_os_mutex_done(&s.mutex);
		rc = s.started ? atomic_load(&s.rc) : -ENOMEM;
	}
	if (s.full) /* nobody took it */
		drop_gift(&s.gift);
	walk->dirs = atomic_load(&s.dirs);
	if (rc == -CVENV_ELIMIT)
		cv_fail_msg(
			err, CVENV_ELIMIT, "more than %d directories to search", CV_WALK_DIRS_MAX);
	else if (rc < 0)
		cv_fail(err, -rc, "cannot search for environments");
	return rc;
}
