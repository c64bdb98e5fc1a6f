/* SPDX-License-Identifier: MIT */
#include "interpreter/candidates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "interpreter/managers/installed.h"
#include "interpreter/managers/own_shim.h"
#include "interpreter/managers/place.h"
#include "interpreter/managers/shim.h"
#include "interpreter/which.h"
#include "os/os.h"

enum { LISTED_SIZE_MAX = 16 * 1024 }; /* of a directory: about 500 entries */

enum stage { ON_PATH, INSTALLED, ON_MACOS, AT_END };

struct found {
	struct cv_os_id id;
	bool has_id; /* false: an alias of Windows */
	struct cv_candidate is;
	int rank; /* of its name: higher says more */
};

struct cv_candidates {
	struct cv_ctx ctx; /* without a log: shims that nobody asked for must not warn */
	struct cv_arena *arena;
	enum stage stage;
	struct cv_which which;
	size_t macos;        /* next of macos_places */
	size_t entries;      /* listed so far */
	size_t place, begin; /* of the current place: its number, and its first in `found` */
	struct found *found;
	size_t count;
	struct cv_os_id *dirs; /* that were listed */
	size_t dir_count;
	struct cv_candidate *list; /* what the last call returned */
	bool nomem;
	struct cvenv_error why; /* of shims; nobody reads it */
};

/* --- names --------------------------------------------------------------------------------- */

static const struct cv_pyversion unknown = { CV_VERSION_ANY, CV_VERSION_ANY, CV_VERSION_ANY, false,
	0 };

static bool cut(struct cv_str *s, struct cv_str prefix)
{
	if (!cv_str_starts(*s, prefix))
		return false;
	s->p += prefix.n;
	s->n -= prefix.n;
	return true;
}

/* Is COMMAND a name of interpreters that cvenv supports? */
static bool parse_name(struct cv_str command, struct cv_candidate *ret, int *ret_rank)
{
	ret->said = unknown;
	if (cut(&command, CV_LIT("pypy")))
		ret->implementation = "pypy";
	else if (cut(&command, CV_LIT("graalpy")))
		ret->implementation = "graalpy";
	else if (!cut(&command, CV_LIT("python")))
		return false;
	if (command.n > 1 && command.p[command.n - 1] == 'd') {
		ret->debug = true;
		command.n--;
	}
	if (command.n &&
		(memchr(command.p, '-', command.n) || !cv_pyversion_parse(command, &ret->said)))
		return false;
	*ret_rank = (ret->said.minor != CV_VERSION_ANY) * 8 +
		    (ret->said.free_threaded || ret->debug) * 4 +
		    (ret->said.major != CV_VERSION_ANY) * 2 + (ret->implementation != NULL);
	return (ret->said.major == CV_VERSION_ANY || ret->said.major == 3) &&
	       (ret->said.minor == CV_VERSION_ANY || ret->said.minor >= CV_PYTHON_MINOR_MIN);
}

/* --- what was found ------------------------------------------------------------------------ */

/* A program that acts by the name of its link is another interpreter for each version. */
static bool names_differ(const struct cv_pyversion *a, const struct cv_pyversion *b)
{
	return a->minor != CV_VERSION_ANY && b->minor != CV_VERSION_ANY && a->minor != b->minor;
}

static struct found *find_same(struct cv_candidates *c, const struct found *new)
{
	for (size_t i = 0; i < c->count; i++) {
		struct found *f = &c->found[i];

		if (f->has_id && new->has_id ? cv_os_same_id(&f->id, &new->id) &&
						       !names_differ(&f->is.said, &new->is.said)
					     : cv_path_same(f->is.path, new->is.path))
			return f;
	}
	return NULL;
}

static void add(struct cv_candidates *c, struct found *new)
{
	struct cv_os_stat st;
	struct found *same;

	new->has_id = cv_os_stat(CV_OS_ABSOLUTE, new->is.path, CV_OS_FOLLOW, &st) == 0;
	if (new->has_id)
		new->id = st.id;
	new->is.place = c->place;
	same = find_same(c, new);
	if (same && same->is.place == c->place && new->rank > same->rank)
		*same = *new;
	if (!same && c->count < CV_CANDIDATES_MAX)
		c->found[c->count++] = *new;
}

/*
 * The manager in whose directory PATH is; else the directory of PATH. If the manager's directory
 * says the version, it becomes *said. NULL: memory is exhausted.
 */
static const char *find_origin(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path,
	struct cv_pyversion *said)
{
	for (enum cv_manager m = 0; m < CV_MANAGER_COUNT; m++) {
		struct cv_pyversion version;
		struct cv_str rest, name;
		const char *below;
		char *versions;

		if (cv_manager_versions(ctx, arena, m, &versions) < 0)
			return NULL;
		below = versions ? cv_path_below(path, versions) : NULL;
		if (!below || !below[0])
			continue;
		rest = cv_str(below);
		(void)cv_str_cut(&rest, CV_PATH_SEP, &name);
		if (cv_pyversion_of_dir(name, &version))
			*said = version;
		return cv_manager_name(m);
	}
	return cv_path_dir(arena, path);
}

const char *cv_candidate_origin(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path)
{
	struct cv_pyversion said;

	return find_origin(ctx, arena, path, &said);
}

/* --- directories of commands ---------------------------------------------------------------- */

/* The directory of PATH that is being read. */
struct place {
	const char *dir;
	bool shims;
	char *versions[CV_SHIM_DIRS_MAX]; /* that the shims start */
	size_t version_count;
};

/* 0 and *path: an interpreter, no shim, and no batch file. */
static int find_program(struct cv_candidates *c, const struct place *p, struct cv_str command,
	const char *name, char **path)
{
	char *shim = p->shims ? cv_strdup(c->arena, command) : NULL;
	struct cv_own_shim own;
	int rc = -ENOENT;

	if (!p->shims) {
		*path = cv_path_join(c->arena, p->dir, name);
		rc = *path ? cv_exe_check(*path) : -ENOMEM;
		if (rc == 0)
			rc = cv_own_shim(c->arena, *path, &own);
		if (rc > 0) /* what it starts has its own place */
			rc = -ENOENT;
		if (rc == 0)
			rc = cv_shim_resolve(&c->ctx, c->arena, path, NULL, &c->why);
		return rc == 0 && cv_exe_is_batch(*path) ? -ENOENT : rc;
	}
	for (size_t i = 0; i < p->version_count && rc < 0 && rc != -ENOMEM; i++) {
		*path = shim ? cv_manager_exe(c->arena, p->versions[i], shim) : NULL;
		rc = *path ? cv_exe_check(*path) : -ENOMEM;
	}
	return rc;
}

/* NAME exists in that directory: add it if it is an interpreter. */
static void consider(struct cv_candidates *c, const struct place *p, const char *name)
{
	const struct cv_str command = cv_exe_stem(&c->ctx, cv_str(name));
	struct found new = { 0 };
	int rc;

	if (!parse_name(command, &new.is, &new.rank))
		return;
	rc = find_program(c, p, command, name, &new.is.path);
	c->nomem |= rc == -ENOMEM;
	if (rc < 0)
		return;
	new.is.origin = find_origin(&c->ctx, c->arena, new.is.path, &new.is.said);
	if (new.is.origin)
		add(c, &new);
	c->nomem |= !new.is.origin;
}

static void try_name(
	struct cv_candidates *c, const struct place *p, struct cv_os_dir dir, const char *name)
{
	if (cv_os_access(dir, name, CV_OS_MAY_EXIST) == 0)
		consider(c, p, name);
}

bool cv_candidate_name(size_t index, char ret_name[CV_CANDIDATE_NAME_MAX])
{
	static const char *const plain[] = { "python", "python3", "pypy", "pypy3", "graalpy" };
	static const struct {
		const char *begin, *end;
	} of_minor[] = { { "pypy3.", "" }, { "python3.", "" }, { "python3.", "t" },
		{ "python3.", "d" }, { "python3.", "td" } };
	enum {
		PLAIN = sizeof(plain) / sizeof(plain[0]),
		OF_MINOR = sizeof(of_minor) / sizeof(of_minor[0])
	};
	size_t minor;

	if (index < PLAIN) {
		(void)snprintf(ret_name, CV_CANDIDATE_NAME_MAX, "%s", plain[index]);
		return true;
	}
	index -= PLAIN;
	minor = CV_PYTHON_MINOR_MIN + index / OF_MINOR;
	(void)snprintf(ret_name, CV_CANDIDATE_NAME_MAX, "%s%zu%s", of_minor[index % OF_MINOR].begin,
		minor, of_minor[index % OF_MINOR].end);
	return minor <= CV_TRIED_MINOR_MAX;
}

/* Listing a large directory takes longer than asking for all names that count. */
static void try_names(struct cv_candidates *c, const struct place *p, struct cv_os_dir dir)
{
	char name[CV_CANDIDATE_NAME_MAX];

	for (size_t i = 0; cv_candidate_name(i, name); i++)
		try_name(c, p, dir, name);
}

/* Is the directory new? It is remembered. */
static bool is_new(struct cv_candidates *c, struct cv_os_dir dir, struct cv_os_stat *ret_st)
{
	if (c->dir_count == CV_PLACES_MAX || cv_os_stat_dir(dir, ret_st) < 0)
		return false;
	for (size_t i = 0; i < c->dir_count; i++)
		if (cv_os_same_id(&c->dirs[i], &ret_st->id))
			return false;
	c->dirs[c->dir_count++] = ret_st->id;
	return true;
}

static void read_dir(struct cv_candidates *c, const char *dir)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct place p = { .dir = dir };
	struct cv_os_stat st;
	int rc;

	if (c->dir_count == CV_PLACES_MAX || c->entries >= CV_PLACE_ENTRIES_MAX ||
		cv_os_list_open(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &list) < 0 ||
		!is_new(c, list.dir, &st))
		return;
	rc = cv_shim_dirs(&c->ctx, c->arena, dir, p.versions, &p.version_count);
	p.shims = rc > 0;
	c->nomem |= rc < 0;
	if (st.size > LISTED_SIZE_MAX && !CV_WINDOWS) {
		try_names(c, &p, list.dir);
		return;
	}
	while (!c->nomem && c->entries < CV_PLACE_ENTRIES_MAX && cv_os_list_next(&list) > 0) {
		c->entries++;
		if ((list.name[0] == 'p' || list.name[0] == 'g' || CV_WINDOWS) &&
			list.type != CV_OS_DIR)
			consider(c, &p, list.name);
	}
}

/* --- other places --------------------------------------------------------------------------- */

static void read_installed(struct cv_candidates *c)
{
	struct cv_installed *list;
	size_t count;

	if (cv_installed(&c->ctx, c->arena, NULL, &list, &count, &c->why) < 0) {
		c->nomem = true;
		return;
	}
	for (size_t i = 0; i < count && !c->nomem; i++) {
		struct found new = { .is.path = list[i].exe, .is.origin = list[i].origin };
		const struct cv_str name = cv_exe_stem(&c->ctx, cv_str(cv_path_base(list[i].exe)));

		if (list[i].version.minor != CV_VERSION_ANY &&
			(list[i].version.major < 3 || list[i].version.minor < CV_PYTHON_MINOR_MIN))
			continue;
		if (!parse_name(name, &new.is, &new.rank) || cv_exe_check(list[i].exe) < 0)
			continue;
		if (list[i].version.major != CV_VERSION_ANY)
			new.is.said = list[i].version;
		if (list[i].implementation)
			new.is.implementation = list[i].implementation;
		add(c, &new);
	}
}

/* What is installed there is usually also on PATH, but not for programs with windows. */
static const struct {
	const char *dir;
	const char *prefix; /* of its directories that contain `bin`; NULL: it is a bin itself */
} macos_places[] = {
	{ "/opt/homebrew/bin", NULL },
	{ "/usr/local/bin", NULL },
	{ "/opt/homebrew/opt", "python@" },
	{ "/usr/local/opt", "python@" },
	{ "/Library/Frameworks/Python.framework/Versions", "3." },
};
enum { MACOS_PLACES = sizeof(macos_places) / sizeof(macos_places[0]) };

static void read_macos(struct cv_candidates *c)
{
	const char *dir = macos_places[c->macos].dir;
	const char *prefix = macos_places[c->macos++].prefix;
	OWN_OS_LIST struct cv_os_list list = { 0 };

	if (!prefix) {
		read_dir(c, dir);
		return;
	}
	if (cv_os_list_open(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &list) < 0)
		return;
	while (!c->nomem && c->entries++ < CV_PLACE_ENTRIES_MAX && cv_os_list_next(&list) > 0) {
		char *bin;

		if (strncmp(list.name, prefix, strlen(prefix)) != 0)
			continue;
		bin = cv_strfmt(c->arena, "%s/%s/bin", dir, list.name);
		if (bin)
			read_dir(c, bin);
		c->nomem |= !bin;
	}
}

/* --- place by place -------------------------------------------------------------------------- */

/* Read the next place, which may have no candidates. False at the end. */
static bool read_place(struct cv_candidates *c)
{
	char *dir;

	if (c->stage == ON_PATH) {
		if (cv_which_dir(&c->which, c->arena, &dir)) {
			read_dir(c, dir);
			return true;
		}
		c->nomem |= c->which.nomem;
		c->stage++;
	}
	if (c->stage == INSTALLED) {
		read_installed(c);
		c->stage++;
		return true;
	}
	if (CV_MACOS && c->stage == ON_MACOS && c->macos < MACOS_PLACES) {
		read_macos(c);
		return true;
	}
	c->stage = AT_END;
	return false;
}

/* The order within a place. 0: keep the order in which they were found. */
static int compare(const struct found *a, const struct found *b)
{
	const struct cv_pyversion *v = &a->is.said, *w = &b->is.said;
	int d = (v->minor != CV_VERSION_ANY) - (w->minor != CV_VERSION_ANY);

	if (d == 0 && v->minor != CV_VERSION_ANY)
		d = cv_pyversion_cmp(w, v);
	if (d == 0)
		d = v->free_threaded - w->free_threaded;
	return d ? d : a->is.debug - b->is.debug;
}

/* A directory is listed in any order. */
static int compare_on_path(const struct found *a, const struct found *b)
{
	int d = compare(a, b);

	if (d == 0)
		d = b->rank - a->rank;
	return d ? d : strcmp(a->is.path, b->is.path);
}

/* Put those of the current place into c->list, in order. */
static void sort_place(struct cv_candidates *c, size_t count)
{
	struct found *found = &c->found[c->begin];

	for (size_t i = 1; i < count; i++) {
		const struct found new = found[i];
		size_t at = i;

		for (; at > 0 && (c->stage == ON_PATH ? compare_on_path(&new, &found[at - 1])
						      : compare(&new, &found[at - 1])) < 0;
			at--)
			found[at] = found[at - 1];
		found[at] = new;
	}
	for (size_t i = 0; i < count; i++)
		c->list[i] = found[i].is;
}

int cv_candidates_next(struct cv_candidates *c, const struct cv_candidate **ret, size_t *ret_count)
{
	c->begin = c->count;
	while (c->count == c->begin && read_place(c)) {
		if (c->nomem)
			return -ENOMEM;
		if (cv_stopped(&c->ctx))
			return -EINTR;
	}
	if (c->nomem)
		return -ENOMEM;
	*ret_count = c->count - c->begin;
	if (*ret_count == 0)
		return 0;
	c->list = cv_new(c->arena, struct cv_candidate, *ret_count);
	if (!c->list)
		return -ENOMEM;
	sort_place(c, *ret_count);
	*ret = c->list;
	c->place++;
	return 1;
}

int cv_candidates(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_candidates **ret)
{
	struct cv_candidates *c = cv_new(arena, struct cv_candidates, 1);

	*ret = c;
	if (!c)
		return -ENOMEM;
	c->ctx = *ctx;
	c->ctx.log = NULL;
	c->arena = arena;
	c->which = cv_which(&c->ctx);
	c->found = cv_new(arena, struct found, CV_CANDIDATES_MAX);
	c->dirs = cv_new(arena, struct cv_os_id, CV_PLACES_MAX);
	return c->found && c->dirs ? 0 : -ENOMEM;
}
