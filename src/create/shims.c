/* SPDX-License-Identifier: MIT */
#include "create/shims.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/base_info.h"
#include "create/existing.h"
#include "create/pythons.h"
#include "fs/changes.h"
#include "fs/publish.h"
#include "interpreter/candidates.h"
#include "interpreter/managers/own_shim.h"
#include "interpreter/managers/shim.h"
#include "interpreter/which.h"

enum {
	SHIMS_MAX = 1024,
	LISTED_MAX = 100000, /* entries of DIR */
	ATTEMPTS_MAX = 3,
};

struct shims {
	struct cv_session *session;
	struct cv_arena *arena;
	const char *dir, *command;
	struct cvenv_python *pythons;
	size_t python_count;
	struct cvenv_shim *list;
	bool *searches; /* of each in `list`: see own_shim.h */
	size_t count;
	size_t wanted; /* the first so many are to exist, the others were removed */
	struct cv_plan plan;
	struct cvenv_error *err;
};

/* --- which shims ---------------------------------------------------------------------------- */

static bool has_name(const struct shims *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].name, name) == 0)
			return true;
	return false;
}

/* INFO is NULL if the interpreter depends on the current directory. */
static int append(struct shims *s, const char *name, const char *python, const struct cv_info *info,
	bool searches)
{
	struct cvenv_shim *shim = &s->list[s->count];
	char version[CV_INFO_VERSION_ROOM];

	if (s->count == SHIMS_MAX)
		return 0;
	shim->name = cv_strdup(s->arena, cv_str(name));
	shim->path = cv_path_join(s->arena, s->dir, name);
	shim->python = cv_strdup(s->arena, cv_str(python));
	if (info) {
		cv_info_full_version(info, version);
		shim->version = cv_strdup(s->arena, cv_str(version));
		shim->implementation = info->implementation;
	}
	if (!shim->name || !shim->path || !shim->python || (info && !shim->version))
		return cv_fail_nomem(s->err);
	s->searches[s->count++] = searches;
	return 0;
}

/* Is it one of the Pythons that the options ask for? */
static bool is_listed(const struct shims *s, const struct cv_info *info)
{
	struct cv_os_stat a, b;

	if (cv_os_stat(CV_OS_ABSOLUTE, info->base, CV_OS_FOLLOW, &a) < 0)
		return false;
	for (size_t i = 0; i < s->python_count; i++)
		if (cv_os_stat(CV_OS_ABSOLUTE, s->pythons[i].path, CV_OS_FOLLOW, &b) == 0 &&
			cv_os_same(&a, &b))
			return true;
	return false;
}

/* 1 and *ret: what NAME starts on PATH; 0: nothing. */
static int find_on_path(struct shims *s, const char *name, char **ret)
{
	struct cv_which w = cv_which(s->session->ctx);
	struct cv_own_shim own;

	while (cv_which_next(&w, s->arena, name, ret)) {
		int rc = cv_own_shim(s->arena, *ret, &own);

		if (rc < 0)
			return cv_fail_nomem(s->err);
		if (rc == 0 && !cv_existing_around(s->arena, *ret))
			return 1;
	}
	return w.nomem ? cv_fail_nomem(s->err) : 0;
}

/* 1 and *ret; 0: cvenv cannot use it; -EINTR, -ENOMEM. */
static int ask(struct shims *s, const char *python, struct cv_info *ret)
{
	struct cv_session *session = s->session;
	int rc = cv_base_info_of(session->ctx, s->arena, &session->cache, python, ret, s->err);

	if (rc == 0 || cv_err_passes(-rc))
		return rc < 0 ? rc : 1;
	cv_log(session->ctx, CVENV_LOG_INFO, "no shim for '%s': %s", python, s->err->message);
	return 0;
}

static int add_name(struct shims *s, const char *name)
{
	const struct cvenv_options *o = s->session->request;
	const char *variable;
	struct cv_info info;
	char *path;
	int rc = find_on_path(s, name, &path), manager;

	if (rc <= 0)
		return rc;
	manager = cv_shim_manager(s->session->ctx, s->arena, path, &variable);
	if (manager < 0)
		return cv_fail_nomem(s->err);
	if (manager != CV_SHIMS && !o->python) /* by the manager's rules, when it runs */
		return append(s, name, path, NULL, true);
	rc = ask(s, path, &info);
	if (rc <= 0 || !is_listed(s, &info))
		return rc < 0 ? rc : 0;
	return append(s, name, path, &info, manager != CV_SHIMS || !info.cacheable);
}

/* A Python that no name on PATH starts: the name with its version, if that is free. */
static int add_installed(struct shims *s, const struct cvenv_python *p)
{
	struct cv_info info;
	int rc = ask(s, p->path, &info);
	const char *name;

	if (rc <= 0)
		return rc;
	if (strcmp(info.implementation, "cpython") == 0)
		name = cv_strfmt(s->arena, "python%u.%u%s%s", info.major, info.minor,
			info.free_threaded ? "t" : "", info.debug ? "d" : "");
	else
		name = cv_strfmt(s->arena, "%s%u.%u", info.implementation, info.major, info.minor);
	if (!name)
		return cv_fail_nomem(s->err);
	return has_name(s, name) || !cv_path_safe(cv_str(name)) || strchr(name, '/')
		       ? 0
		       : append(s, name, p->path, &info, !info.cacheable);
}

static int no_python(struct shims *s)
{
	const struct cvenv_options *o = s->session->request;
	const char *wanted = o->python_source ? NULL : o->python; /* -p */

	cv_fail_msg(s->err, CVENV_ENOPYTHON, "no Python%s%s%s found for which to write a shim",
		wanted ? " that fits -p '" : "", wanted ? wanted : "",
		!wanted                       ? ""
		: o->pythons && o->pythons[0] ? "' or another -p"
					      : "'");
	return cv_hint(s->err, -CVENV_ENOPYTHON, "cvenv --pythons -v lists what exists");
}

static int choose(struct shims *s)
{
	char name[CV_CANDIDATE_NAME_MAX];
	int rc = cv_pythons(s->session, s->arena, &s->pythons, &s->python_count, s->err);

	for (size_t i = 0; rc == 0 && cv_candidate_name(i, name); i++)
		rc = add_name(s, name);
	for (size_t i = 0; rc == 0 && i < s->python_count; i++)
		rc = add_installed(s, &s->pythons[i]);
	s->wanted = s->count;
	return rc == 0 && s->count == 0 ? no_python(s) : rc;
}

/* --- what exists in DIR ---------------------------------------------------------------------- */

static int refuse(struct shims *s, const char *name)
{
	cv_fail_msg(s->err, CVENV_EREFUSED,
		"refusing to replace '%s/%s': it is not a shim of cvenv", s->dir, name);
	return cv_hint(s->err, -CVENV_EREFUSED, "remove it, or name another directory");
}

/* 1: DIR/NAME is our shim; 0: it is missing; -CVENV_EREFUSED. */
static int is_ours(struct shims *s, struct cv_os_dir dir, const char *name)
{
	char target[sizeof(CV_OWN_SHIM_LINK) + 1];
	int rc = cv_os_readlink(dir, name, target, sizeof(target));

	if (rc >= 0 && strcmp(target, CV_OWN_SHIM_LINK) == 0)
		return 1;
	return rc < 0 && cv_err_missing(-rc) && rc != -ELOOP ? 0 : refuse(s, name);
}

/* The directory .shims belongs to us if it is missing, or has the link to the command. */
static int check_own_dir(struct shims *s, struct cv_os_dir dir)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(dir, CV_OWN_SHIM_DIR, CV_OS_NOFOLLOW, &st);

	if (rc == -ENOENT)
		return 0;
	if (rc == 0 && st.type == CV_OS_DIR)
		rc = cv_os_stat(dir, CV_OWN_SHIM_LINK, CV_OS_NOFOLLOW, &st);
	return rc == 0 && st.type == CV_OS_LINK ? 0 : refuse(s, CV_OWN_SHIM_DIR);
}

/* What the shim starts now. */
static int compare(struct shims *s, struct cvenv_shim *shim, bool searches)
{
	struct cv_own_shim own;
	int rc = cv_own_shim(s->arena, shim->path, &own);

	if (rc < 0)
		return cv_fail_nomem(s->err);
	shim->change =
		rc == 0 ? CVENV_SHIM_CREATED
		: own.starts && strcmp(own.starts, shim->python) == 0 && own.searches == searches
			? CVENV_SHIM_KEPT
			: CVENV_SHIM_UPDATED;
	return 0;
}

static int add_removed(struct shims *s, const char *name)
{
	struct cvenv_shim *shim = &s->list[s->count];
	struct cv_own_shim own;

	if (s->count == SHIMS_MAX || has_name(s, name))
		return 0;
	*shim = (struct cvenv_shim){ .change = CVENV_SHIM_REMOVED };
	shim->name = cv_strdup(s->arena, cv_str(name));
	shim->path = cv_path_join(s->arena, s->dir, name);
	if (!shim->name || !shim->path || cv_own_shim(s->arena, shim->path, &own) < 0)
		return cv_fail_nomem(s->err);
	shim->python = own.starts;
	s->count++;
	return 0;
}

/* May a shim have this name? .shims has other files with those names. */
static bool is_shim_name(const char *name)
{
	return strcmp(name, CV_OWN_SHIM_COMMAND) != 0 &&
	       !cv_str_ends(cv_str(name), CV_LIT(CV_OWN_SHIM_SEARCHES));
}

/* Find our shims that are not wanted any more. */
static int find_removed(struct shims *s, struct cv_os_dir dir)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	char target[sizeof(CV_OWN_SHIM_LINK) + 1];
	int rc = cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list);

	for (int i = 0; rc == 0 && i < LISTED_MAX && (rc = cv_os_list_next(&list)) > 0; i++) {
		if (!is_shim_name(list.name))
			continue;
		rc = cv_os_readlink(dir, list.name, target, sizeof(target));
		rc = rc >= 0 && strcmp(target, CV_OWN_SHIM_LINK) == 0 ? add_removed(s, list.name)
								      : 0;
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? cv_fail(s->err, -rc, "cannot read directory '%s'", s->dir) : 0;
}

static int read_dir(struct shims *s, const struct cv_target *target)
{
	int rc = target->exists ? check_own_dir(s, target->dir) : 0;

	for (size_t i = 0; rc >= 0 && i < s->wanted; i++) {
		rc = target->exists ? is_ours(s, target->dir, s->list[i].name) : 0;
		if (rc >= 0)
			rc = compare(s, &s->list[i], s->searches[i]);
	}
	return rc >= 0 && target->exists ? find_removed(s, target->dir) : rc;
}

/* --- writing --------------------------------------------------------------------------------- */

/* The link in .shims of a shim; OTHER: the one that it does not have. */
static const char *inner(struct shims *s, size_t i, bool other)
{
	return cv_strfmt(s->arena, CV_OWN_SHIM_DIR "/%s%s", s->list[i].name,
		s->searches[i] != other ? CV_OWN_SHIM_SEARCHES : "");
}

static int make_plan(struct shims *s)
{
	s->plan = (struct cv_plan){ .arena = s->arena };
	cv_plan_dir(&s->plan, CV_OWN_SHIM_DIR);
	cv_plan_link(&s->plan, CV_OWN_SHIM_LINK, s->command, 0);
	for (size_t i = 0; i < s->wanted; i++) {
		cv_plan_link(&s->plan, inner(s, i, false), s->list[i].python, 0);
		cv_plan_link(&s->plan, s->list[i].name, CV_OWN_SHIM_LINK, 0);
		cv_plan_remove(&s->plan, inner(s, i, true), CV_OWN_SHIM_DIR);
	}
	for (size_t i = s->wanted; i < s->count; i++) {
		cv_plan_remove(&s->plan, s->list[i].name, "");
		cv_plan_remove(&s->plan, inner(s, i, false), CV_OWN_SHIM_DIR);
		cv_plan_remove(&s->plan, inner(s, i, true), CV_OWN_SHIM_DIR);
	}
	return s->plan.bad ? cv_fail_nomem(s->err) : 0;
}

static int install_once(struct shims *s, bool dry_run, struct cv_target *target)
{
	const struct cv_ctx *ctx = s->session->ctx;
	enum cvenv_link_mode used;
	int rc = cv_target_find(ctx, s->arena, s->dir, CV_CLEAR_NOTHING, target, s->err);

	target->noun = "directory";
	s->count = s->wanted;
	if (rc == 0 && !dry_run)
		rc = cv_target_lock(ctx, target, s->err);
	if (rc == 0)
		rc = cv_target_check(ctx, target, s->err);
	if (rc == 0)
		rc = read_dir(s, target);
	if (rc == 0)
		rc = make_plan(s);
	if (rc < 0 || dry_run)
		return rc;
	return cv_publish(ctx, s->arena, &s->plan, target, CVENV_LINK_AUTO, &used, s->err);
}

/* Errors of cv_target_find() say that an environment cannot be created. */
static int check_dir(struct shims *s)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, s->dir, CV_OS_FOLLOW, &st);

	if (rc == 0 && st.type != CV_OS_DIR)
		rc = -ENOTDIR;
	if (rc == -ENOENT && cv_os_stat(CV_OS_ABSOLUTE, s->dir, CV_OS_NOFOLLOW, &st) == -ENOENT)
		rc = 0; /* no broken link */
	return rc < 0 ? cv_fail(s->err, -rc, "cannot write shims to '%s'", s->dir) : 0;
}

/*
 * The command behind COMMAND, which may be the link to it in DIR: that would become a link to
 * itself. NULL: memory is exhausted.
 */
static const char *real_command(struct cv_arena *arena, const char *command)
{
	char target[CV_PATH_MAX];

	for (int links = 0; command && links < CV_LINKS_MAX; links++) {
		if (!cv_str_ends(cv_str(command), CV_LIT("/" CV_OWN_SHIM_LINK)) ||
			cv_os_readlink(CV_OS_ABSOLUTE, command, target, sizeof(target)) < 0 ||
			!cv_path_is_abs(target))
			break;
		command = cv_strdup(arena, cv_str(target));
	}
	return command;
}

int cv_shims_install(struct cv_session *session, struct cv_arena *arena, const char *dir,
	const char *command, bool dry_run, struct cvenv_shim **ret, size_t *ret_count,
	struct cvenv_error *err)
{
	struct shims s = { .session = session, .arena = arena, .err = err };
	int rc;

	if (CV_WINDOWS)
		return cv_hint(err,
			cv_fail_msg(err, ENOSYS, "cvenv cannot install shims on Windows"),
			"there no program can replace itself by another one");
	if (!dir[0] || !cv_path_has_abs(session->ctx, dir))
		return cv_fail(err, ENOENT, "cannot write shims to '%s'", dir);
	if (!cv_path_is_abs(command))
		return cv_fail(err, ENOENT, "cannot find the command '%s'", command);
	s.command = real_command(arena, command);
	s.dir = cv_path_abs(arena, session->ctx, dir);
	s.list = cv_new(arena, struct cvenv_shim, SHIMS_MAX);
	s.searches = cv_new(arena, bool, SHIMS_MAX);
	if (!s.command || !s.dir || !s.list || !s.searches)
		return cv_fail_nomem(err);
	cv_session_cache(session);
	rc = check_dir(&s);
	if (rc == 0)
		rc = choose(&s);
	for (int attempt = 0; rc == 0; attempt++) {
		struct cv_target target = { 0 };

		rc = install_once(&s, dry_run, &target);
		cv_target_close(&target);
		if (rc == 0 || !target.lost || attempt == ATTEMPTS_MAX)
			break;
		rc = 0;
	}
	*ret = s.list;
	*ret_count = s.count;
	return rc;
}
