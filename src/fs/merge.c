/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/retry.h"
#include "fs/stage.h"

/* The second half of stage.h: moves a staging directory into an existing directory. */

#define CONFIG "pyvenv.cfg"

enum { REPLACE_MS = 150 }; /* how long to try before the old file is renamed */

/* The directories from ENV_DIR to the current one, for messages. */
struct way {
	const struct way *up; /* NULL: ENV_DIR */
	const char *name;
};

/* One directory of the recursive walk through the stage. */
struct walk {
	const struct way *way; /* NULL: at ENV_DIR itself */
	bool check;            /* only check whether the entries can be moved */
	bool top;              /* the top directory, whose pyvenv.cfg is moved last */
	int depth;
	struct cv_os_dir env;       /* ENV_DIR */
	const struct cv_plan *plan; /* NULL: only check */
	struct cv_retry *retry;
	struct cvenv_error *err;
};

static int walk_dir(struct cv_os_dir from, struct cv_os_dir to, struct walk w);

/*
 * Windows: a program that runs can neither be replaced nor removed, but its file can be renamed.
 * Give NAME a temporary name in ENV; a later sweep deletes it when the program has ended.
 */
static int rename_away(struct cv_retry *retry, struct cv_os_dir at, const char *name,
	struct cv_os_dir env, char ret_name[CV_TEMP_NAME_MAX])
{
	struct cv_os_stat st;
	int rc = cv_os_stat(at, name, CV_OS_NOFOLLOW, &st);

	if (rc < 0 || st.type == CV_OS_DIR)
		return rc < 0 ? rc : -EISDIR;
	cv_temp_name(ret_name);
	return cv_rename_new(retry, at, name, env, ret_name);
}

/* cv_os_rename() with CV_OS_REPLACE, also if a program uses what is to be replaced. */
static int replace(struct cv_os_dir from, struct cv_os_dir to, const char *name,
	struct cv_os_dir env, struct cv_retry *retry)
{
	struct cv_retry soon = { .ctx = retry->ctx, .left_ms = REPLACE_MS };
	char away[CV_TEMP_NAME_MAX];
	int rc = cv_rename(&soon, from, name, to, name, CV_OS_REPLACE), moved;

	if (rc == 0 || !cv_os_in_use(rc))
		return rc;
	moved = rename_away(retry, to, name, env, away);
	if (moved < 0 && moved != -ENOENT)
		return moved;
	rc = cv_rename(retry, from, name, to, name, CV_OS_REPLACE);
	if (moved == 0 && rc < 0)
		(void)cv_rename_new(&soon, env, away, to, name);
	else if (moved == 0)
		(void)cv_os_unlink(env, away);
	return rc;
}

/* cv_os_unlink() in the same way. */
static int discard(
	struct cv_os_dir at, const char *name, struct cv_os_dir env, struct cv_retry *retry)
{
	char away[CV_TEMP_NAME_MAX];
	int rc = cv_os_unlink(at, name);

	return cv_os_in_use(rc) ? rename_away(retry, at, name, env, away) : rc;
}

static void add_way(const struct way *way, struct cv_buf *b)
{
	if (!way)
		return;
	add_way(way->up, b);
	cv_buf_addf(b, "%s/", way->name);
}

/* "WHAT 'path/of/NAME': REASON", or with the text of CODE if REASON is NULL. */
static int fail(
	const struct walk *w, int code, const char *what, const char *name, const char *reason)
{
	OWN_BUF struct cv_buf way = { 0 };
	const char *before;

	add_way(w->way, &way);
	before = way.n && !way.bad ? way.p : "";
	if (reason)
		return cv_fail_msg(w->err, code, "%s '%s%s': %s", what, before, name, reason);
	return cv_fail(w->err, code, "%s '%s%s'", what, before, name);
}

static int open_both(
	struct cv_os_dir from_at, struct cv_os_dir to_at, const char *name, struct walk w)
{
	OWN_OS_DIR struct cv_os_dir from = CV_OS_NO_DIR, to = CV_OS_NO_DIR;
	int rc = cv_os_open_dir(from_at, name, CV_OS_NOFOLLOW, &from);

	if (rc < 0)
		return fail(&w, -rc, "cannot open", name, NULL);
	rc = w.check ? 0 : cv_os_make_dir(to_at, name, 0777);
	if (rc < 0 && rc != -EEXIST)
		return fail(&w, -rc, "cannot create directory", name, NULL);
	rc = cv_os_open_dir(to_at, name, CV_OS_NOFOLLOW, &to);
	if (w.check && rc == -ENOENT)
		return 0;
	if (rc == -ELOOP || rc == -ENOTDIR)
		return fail(&w, ENOTDIR, "cannot use directory", name,
			"a file or symbolic link has that name");
	if (rc < 0)
		return fail(&w, -rc, "cannot open", name, NULL);
	if (w.check && cv_os_renames(to_at, to) == 0)
		return fail(&w, EXDEV, "cannot write to directory", name, NULL);
	rc = w.check ? cv_os_access(to, ".", CV_OS_MAY_WRITE | CV_OS_MAY_EXECUTE) : 0;
	if (rc < 0)
		return fail(&w, -rc, "cannot write to directory", name, NULL);
	w.way = &(struct way){ w.way, name };
	w.top = false;
	w.depth++;
	return walk_dir(from, to, w);
}

static int move_file(struct cv_os_dir from, struct cv_os_dir to, const char *name, struct walk w)
{
	struct cv_os_stat st;
	int rc;

	if (w.check) {
		if (cv_os_stat(to, name, CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_DIR)
			return fail(&w, EISDIR, "cannot replace", name, NULL);
		return 0;
	}
	rc = replace(from, to, name, w.env, w.retry);
	return rc < 0 ? fail(&w, -rc, "cannot replace", name, NULL) : 0;
}

static int walk_entry(
	const struct cv_os_list *list, struct cv_os_dir from, struct cv_os_dir to, struct walk w)
{
	struct cv_os_stat st = { .type = list->type };
	int rc = 0;

	if (w.top && !w.check && strcmp(list->name, CONFIG) == 0)
		return 0;
	if (st.type == CV_OS_UNKNOWN)
		rc = cv_os_stat(from, list->name, CV_OS_NOFOLLOW, &st);
	if (rc < 0)
		return fail(&w, -rc, "cannot stat", list->name, NULL);
	return (st.type == CV_OS_DIR ? open_both : move_file)(from, to, list->name, w);
}

/* Errors are ignored: cv_stage_date() has warned if this file system keeps no times. */
static void date(struct cv_os_dir dir, const struct cv_plan *plan)
{
	if (plan && plan->dated)
		(void)cv_os_set_mtime_dir(dir, plan->mtime);
}

static int walk_dir(struct cv_os_dir from, struct cv_os_dir to, struct walk w)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(from, ".", CV_OS_NOFOLLOW, &list);

	if (rc == 0 && w.depth > CV_DEPTH_MAX)
		return fail(
			&w, CVENV_ELIMIT, "cannot open", ".", "directories are nested too deeply");
	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = walk_entry(&list, from, to, w);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return fail(&w, -rc, "cannot read directory", ".", NULL);
	date(to, w.plan);
	return 0;
}

/*
 * Delete the file PATH, the end of WHOLE, below AT. Then delete the directories of PATH that are
 * empty, as long as their paths are longer than KEEP bytes. No component may be a link, which could
 * lead outside. Does nothing if a directory of PATH is missing or is another kind of file.
 */
static int remove_path(
	struct cv_os_dir at, const char *whole, const char *path, size_t keep, struct walk w)
{
	const char *slash = strchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char name[CV_NAME_MAX + 1];
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc;

	if (!slash) {
		rc = discard(at, path, w.env, w.retry);
		if (rc == 0 || cv_err_missing(-rc) || rc == -EISDIR)
			return 0;
		return cv_fail(w.err, -rc, "cannot remove '%s'", whole);
	}
	if (len >= sizeof(name) || w.depth++ > CV_DEPTH_MAX)
		return 0; /* longer than any existing name */
	memcpy(name, path, len);
	name[len] = '\0';
	rc = cv_os_open_dir(at, name, CV_OS_NOFOLLOW, &dir);
	if (rc < 0 && cv_err_missing(-rc))
		return 0;
	if (rc < 0)
		return cv_fail(w.err, -rc, "cannot open '%.*s'", (int)(slash - whole), whole);
	rc = remove_path(dir, whole, slash + 1, keep > len + 1 ? keep - len - 1 : 0, w);
	if (rc < 0 || keep >= len)
		return rc;
	rc = cv_os_remove_dir(at, name);
	if (rc == 0 || cv_err_missing(-rc) || rc == -ENOTEMPTY || rc == -EEXIST || rc == -EBUSY)
		return 0;
	return cv_fail(w.err, -rc, "cannot remove directory '%.*s'", (int)(slash - whole), whole);
}

int cv_stage_check(struct cv_os_dir stage, struct cv_os_dir to, struct cvenv_error *err)
{
	return walk_dir(stage, to, (struct walk){ .check = true, .top = true, .err = err });
}

static bool configures(const struct cv_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].kind == CVENV_ENTRY_FILE &&
			strcmp(plan->entries[i].path, CONFIG) == 0)
			return true;
	return false;
}

int cv_stage_merge(struct cv_os_dir stage, struct cv_os_dir to, const struct cv_plan *plan,
	struct cv_retry *retry, struct cvenv_error *err)
{
	struct walk w = { .top = true, .env = to, .plan = plan, .retry = retry, .err = err };
	int rc = walk_dir(stage, to, w);

	for (size_t i = 0; i < plan->count && rc == 0; i++) {
		const struct cv_entry *e = &plan->entries[i];

		if (e->kind == CVENV_ENTRY_REMOVE)
			rc = remove_path(to, e->path, e->path,
				e->source ? strlen(e->source) : CV_PATH_MAX, w);
	}
	if (rc < 0)
		return rc;
	/*
	 * If the plan has a pyvenv.cfg and it is missing here, another process has taken the stage.
	 */
	rc = replace(stage, to, CONFIG, to, retry);
	if (rc < 0 && (rc != -ENOENT || configures(plan)))
		return cv_fail(err, -rc, "cannot replace '" CONFIG "'");
	date(to, plan);
	return 0;
}
