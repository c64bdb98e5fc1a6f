/* SPDX-License-Identifier: MIT */
#include "finished/finished_in.h"

#include <string.h>

#include "base/path.h"
#include "create/existing.h"

static bool has(const char *const *paths, size_t count, const char *path)
{
	size_t i = 0;

	while (i < count && !cv_path_same(paths[i], path))
		i++;
	return i < count;
}

static int add(struct cv_finished_reader *r, const char ***paths, size_t *count, size_t *room,
	const char *path)
{
	if (*count == CV_RECORDED_MAX || has(*paths, *count, path))
		return 0;
	if (!cv_grow(r->a, paths, *count, room))
		return cv_fail_nomem(r->err);
	(*paths)[(*count)++] = path;
	return 0;
}

/* Add PATH to the names of the environment if it leads to it. 1: it does. */
static int add_name(struct cv_finished_reader *r, const char *path)
{
	struct cv_finished *env = r->env;
	struct cv_os_stat st;
	int rc;

	if (has(env->names, env->name_count, path))
		return 1;
	if (cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) < 0 || !cv_os_same(&st, &env->st))
		return 0;
	rc = add(r, &env->names, &env->name_count, &r->name_room, path);
	return rc < 0 ? rc : 1;
}

static int add_recorded(struct cv_finished_reader *r, const char *path)
{
	return add(r, &r->env->recorded, &r->env->recorded_count, &r->recorded_room, path);
}

static bool exists(struct cv_arena *a, const char *dir, const char *name)
{
	const char *path = cv_path_join(a, dir, name);
	struct cv_os_stat st;

	return path && cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) == 0 &&
	       st.type == CV_OS_FILE;
}

/*
 * A script names the interpreter PYTHON in PLACE, which is not this environment. Was the
 * environment there? OWN: other scripts name this environment.
 */
static bool was_there(
	const struct cv_finished_reader *r, const char *place, const char *python, bool own)
{
	const struct cv_finished *env = r->env;
	const char *bin = cv_path_dir(r->a, python);
	struct cv_os_stat st;

	if (env->home && bin && cv_path_same(bin, env->home))
		return false;
	if (env->base && cv_path_within(env->base, place))
		return false;
	/* The original of a copy, unless the user has written a script for another environment. */
	if (exists(r->a, place, "pyvenv.cfg"))
		return !own;
	/* A directory that has no pyvenv.cfg is another one: /usr, which has lost that Python. */
	return cv_err_missing(-cv_os_stat(CV_OS_ABSOLUTE, place, CV_OS_FOLLOW, &st));
}

/* *RET_PLACE: the environment whose interpreter the script names; NULL: none. */
static int place_of(struct cv_finished_reader *r, const struct cv_program *p,
	const char **ret_python, const char **ret_place)
{
	bool bad = false;

	*ret_place = NULL;
	if (!p->python || p->line.form == CV_FIRST_LINE_BESIDE)
		return 0;
	*ret_python = cv_path_abs(r->a, NULL, p->python);
	if (*ret_python)
		*ret_place = cv_environment_of(
			r->a, *ret_python, r->env->bin ? r->env->bin : CV_EXISTING_BIN, &bad);
	return bad || !*ret_python ? cv_fail_nomem(r->err) : 0;
}

/* A place that several scripts name is looked up once. */
struct place {
	const char *path, *python;
};

int cv_finished_read_places(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	struct place places[CV_RECORDED_MAX];
	size_t count = 0;
	bool own = false, bad = false;
	const char *command = cv_cfg_command_dir(r->a, &env->cfg, &bad);
	int rc = bad ? cv_fail_nomem(r->err) : add_name(r, env->env_dir);

	if (rc == 0) /* replaced meanwhile; it is its name in any case */
		rc = add(r, &env->names, &env->name_count, &r->name_room, env->env_dir);
	if (rc >= 0 && command) {
		rc = add_name(r, command);
		if (rc == 0)
			rc = add_recorded(r, command);
	}
	for (size_t i = 0; i < env->program_count && rc >= 0; i++) {
		struct place place = { 0 };
		size_t known = 0;

		rc = place_of(r, &env->programs[i], &place.python, &place.path);
		if (rc < 0 || !place.path)
			continue;
		while (known < count && !cv_path_same(places[known].path, place.path))
			known++;
		if (known < count || count == CV_RECORDED_MAX)
			continue;
		rc = add_name(r, place.path);
		own = own || rc > 0;
		if (rc == 0)
			places[count++] = place;
	}
	for (size_t i = 0; i < count && rc >= 0; i++)
		if (was_there(r, places[i].path, places[i].python, own))
			rc = add_recorded(r, places[i].path);
	return rc < 0 ? rc : 0;
}
