/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/path.h"
#include "finished/check_in.h"
#include "fs/dir.h"
#include "fs/remains.h"

enum { EVERYBODY_WRITES = 02 };

/* The first entry of a kind, and how many others there are. */
struct seen {
	const char *first;
	size_t count;
};

static void see(struct seen *s, const char *path)
{
	if (!s->first || strcmp(path, s->first) < 0)
		s->first = path;
	s->count++;
}

static void report(struct cv_check *c, const struct seen *s, enum cv_finding_kind kind,
	const char *what, const char *cure)
{
	const char *file = s->count && s->first[0] ? s->first : NULL;
	const char *name = file ? file : "the directory";

	if (s->count == 1)
		cv_finding_add(c->to, kind, file, "%s%s%s %s: %s", file ? "'" : "", name,
			file ? "'" : "", what, cure);
	else if (s->count)
		cv_finding_add(c->to, kind, file, "%s%s%s and %zu other file%s %s: %s",
			file ? "'" : "", name, file ? "'" : "", s->count - 1,
			s->count == 2 ? "" : "s", what, cure);
}

/* Files of a user cannot be replaced by another one, and are not trusted by another one. */
static void check_owners(struct cv_check *c)
{
	uint64_t owner = c->env->st.owner, user = cv_os_user();
	struct seen other = { 0 };

	for (size_t i = 0; i < c->contents.count; i++)
		if (!c->contents.all[i].error && c->contents.all[i].owner != owner)
			see(&other, c->contents.all[i].path);
	report(c, &other, CV_FINDING_OWNER_OTHER, "belongs to another user than the environment",
		"change the owner with chown");
	if (owner != user && owner != CV_OS_ADMINISTRATOR && user != CV_OS_ADMINISTRATOR)
		cv_finding_add(c->to, CV_FINDING_OWNER_OTHER, NULL,
			"the environment belongs to another user, who can change it");
}

/* uv's lock, which it makes writable for everybody, has no content that could be changed. */
static bool is_lock(const struct cv_content *file)
{
	return strcmp(file->path, ".lock") == 0 && file->size == 0;
}

static void check_modes(struct cv_check *c)
{
	struct seen writable = { 0 };

	if (c->env->st.mode & EVERYBODY_WRITES)
		see(&writable, "");
	for (size_t i = 0; i < c->contents.count; i++) {
		const struct cv_content *file = &c->contents.all[i];

		if ((file->type == CV_OS_FILE || file->type == CV_OS_DIR) &&
			file->mode & EVERYBODY_WRITES && !is_lock(file))
			see(&writable, file->path);
	}
	report(c, &writable, CV_FINDING_WRITABLE_BY_OTHERS, "can be changed by every user",
		"use chmod o-w");
}

/* A link leads outside if its text does: what it names may itself be a link. */
static bool leads_out(struct cv_check *c, const struct cv_content *link)
{
	const char *dir;
	char *path;

	if (cv_path_is_abs(link->target)) {
		path = cv_path_abs(c->arena, NULL, link->target);
		c->to->bad |= path == NULL;
		return path && !cv_path_within(path, c->env->env_dir);
	}
	dir = cv_path_dir(c->arena, link->path);
	path = dir && link->target[0] ? cv_path_inside(c->arena, dir, link->target) : NULL;
	return link->target[0] && !path;
}

static bool is_interpreter(struct cv_check *c, const char *path)
{
	const char *name = cv_path_below(path, c->env->layout.bin);

	if (!name || strchr(name, '/'))
		return false;
	return strncmp(name, "python", 6) == 0 || strncmp(name, "pypy", 4) == 0 ||
	       strncmp(name, "libpypy", 7) == 0 || strncmp(name, "libpython", 9) == 0;
}

static void check_links(struct cv_check *c)
{
	for (size_t i = 0; i < c->contents.count; i++) {
		const struct cv_content *file = &c->contents.all[i];

		if (file->type == CV_OS_LINK && !is_interpreter(c, file->path) &&
			leads_out(c, file))
			cv_finding_add(c->to, CV_FINDING_LINK_OUTSIDE, file->path,
				"'%s' is a link to '%s'", file->path, file->target);
	}
}

/* lib/pythonX.Y/site-packages of another X.Y, if it contains more than pip would leave there. */
static void check_other_pythons(struct cv_check *c)
{
	for (size_t i = 0; i < c->contents.count; i++) {
		const struct cv_content *file = &c->contents.all[i];
		const char *dir = cv_path_below(file->path, "lib"), *end;
		struct cv_on_disk is;

		end = dir ? strchr(dir, '/') : NULL;
		if (!end || strcmp(end, "/site-packages") != 0 || file->type != CV_OS_DIR ||
			!cv_on_disk_name((struct cv_str){ dir, (size_t)(end - dir) }, &is))
			continue;
		if (c->version.minor >= 0 &&
			(is.major != c->version.major || is.minor != c->version.minor))
			cv_finding_add(c->to, CV_FINDING_OTHER_PYTHON, file->path,
				"packages in '%s' are for another Python", file->path);
	}
}

static void check_leftovers(struct cv_check *c)
{
	for (size_t i = 0; i < c->contents.count; i++) {
		const char *path = c->contents.all[i].path, *name = cv_path_base(path);

		if (cv_is_temp_name(name) || cv_aside_target(name) ||
			(name == path && strcmp(name, CV_CLEARING) == 0))
			cv_finding_add(c->to, CV_FINDING_INTERRUPTED, path,
				"'%s' was left behind by an interrupted run of cvenv", path);
	}
}

void cv_check_files(struct cv_check *c)
{
	check_owners(c);
	check_modes(c);
	check_links(c);
	check_other_pythons(c);
	check_leftovers(c);
}
