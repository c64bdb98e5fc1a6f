/* SPDX-License-Identifier: MIT */
#include "finished/contents.h"

#include <errno.h>
#include <string.h>

#include "fs/dir.h"

struct reader {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const char *env_dir;
	uint64_t device;
	struct cv_contents *to;
	size_t room;
};

static int add(struct reader *r, struct cv_content **ret, struct cvenv_error *err)
{
	struct cv_contents *to = r->to;

	if (to->count == CV_CONTENTS_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT, "'%s' contains more than %d files",
			r->env_dir, CV_CONTENTS_MAX);
	if (!cv_grow(r->arena, &to->all, to->count, &r->room))
		return cv_fail_nomem(err);
	*ret = &to->all[to->count++];
	return 0;
}

static const char *read_target(struct cv_arena *a, struct cv_os_dir at, const char *name)
{
	char target[CV_CONTENTS_TARGET_MAX];

	if (cv_os_readlink(at, name, target, sizeof(target)) < 0)
		return "";
	return cv_strdup(a, cv_str(target));
}

static int list_dir(struct reader *r, struct cv_os_dir at, const char *name, size_t self, int depth,
	struct cvenv_error *err);

static int add_entry(struct reader *r, struct cv_os_list *list, const char *path, int depth,
	struct cvenv_error *err)
{
	struct cv_content *c = NULL;
	struct cv_os_stat st = { 0 };
	int rc = add(r, &c, err), got;

	if (rc < 0 || !c)
		return rc;
	got = cv_os_stat(list->dir, list->name, CV_OS_NOFOLLOW, &st);
	if (cv_err_missing(-got)) { /* removed meanwhile */
		r->to->count--;
		return 0;
	}
	*c = (struct cv_content){ path, NULL, st.type, st.mode, st.owner, st.size,
		got < 0 ? -got : 0 };
	if (st.type == CV_OS_LINK) {
		c->target = read_target(r->arena, list->dir, list->name);
		return c->target ? 0 : cv_fail_nomem(err);
	}
	if (st.type != CV_OS_DIR)
		return 0;
	if (st.id.device != r->device) {
		c->error = EXDEV;
		return 0;
	}
	return list_dir(r, list->dir, list->name, (size_t)(c - r->to->all), depth + 1, err);
}

/* SELF is the index of the directory; none for ENV_DIR itself. */
static int list_dir(struct reader *r, struct cv_os_dir at, const char *name, size_t self, int depth,
	struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	const char *dir = depth ? r->to->all[self].path : "";
	int rc;

	if (depth > CV_DEPTH_MAX) {
		r->to->all[self].error = ENAMETOOLONG;
		return 0;
	}
	rc = cv_os_list_open(at, name, CV_OS_NOFOLLOW | CV_OS_QUIET, &list);
	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0) {
		const char *path = cv_strfmt(r->arena, "%s%s%s", dir, depth ? "/" : "", list.name);

		if (cv_stopped(r->ctx))
			return cv_fail(err, EINTR, "cannot read '%s'", r->env_dir);
		rc = path ? add_entry(r, &list, path, depth, err) : cv_fail_nomem(err);
		if (rc < 0)
			return rc;
	}
	if (rc == 0 || cv_err_missing(-rc))
		return 0;
	if (cv_err_passes(-rc) || !depth)
		return cv_fail(err, -rc, "cannot read '%s%s%s'", r->env_dir, depth ? "/" : "", dir);
	r->to->all[self].error = -rc;
	return 0;
}

static size_t hash(struct cv_str path)
{
	uint64_t h = cv_str_hash(CV_HASH_NOTHING, path);

	return (size_t)(h ^ h >> 32);
}

static int make_table(struct cv_arena *a, struct cv_contents *c, struct cvenv_error *err)
{
	size_t room = 64;

	while (room < c->count * 2)
		room *= 2;
	c->table = cv_new(a, uint32_t, room);
	if (!c->table)
		return cv_fail_nomem(err);
	c->mask = room - 1;
	for (size_t i = 0; i < c->count; i++) {
		size_t at = hash(cv_str(c->all[i].path)) & c->mask;

		while (c->table[at])
			at = (at + 1) & c->mask;
		c->table[at] = (uint32_t)i + 1;
	}
	return 0;
}

int cv_contents_read(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir env,
	const char *env_dir, struct cv_contents *ret, struct cvenv_error *err)
{
	struct reader r = { .ctx = ctx, .arena = a, .env_dir = env_dir, .to = ret };
	struct cv_os_stat st;
	int rc = cv_os_stat_dir(env, &st);

	*ret = (struct cv_contents){ 0 };
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", env_dir);
	r.device = st.id.device;
	rc = list_dir(&r, env, ".", 0, 0, err);
	return rc < 0 ? rc : make_table(a, ret, err);
}

static const struct cv_content *find(const struct cv_contents *c, struct cv_str path)
{
	size_t at = hash(path) & c->mask;

	for (; c->table[at]; at = (at + 1) & c->mask) {
		const struct cv_content *found = &c->all[c->table[at] - 1];

		if (cv_str_eq(cv_str(found->path), path))
			return found;
	}
	return NULL;
}

const struct cv_content *cv_contents_find(const struct cv_contents *contents, const char *path)
{
	return find(contents, cv_str(path));
}

const struct cv_content *cv_contents_obstacle(const struct cv_contents *contents, const char *path)
{
	for (const char *end = strchr(path, '/'); end; end = strchr(end + 1, '/')) {
		const struct cv_content *dir =
			find(contents, (struct cv_str){ path, (size_t)(end - path) });

		if (!dir)
			return NULL;
		if (dir->type != CV_OS_DIR || dir->error)
			return dir;
	}
	return NULL;
}
