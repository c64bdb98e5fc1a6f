/* SPDX-License-Identifier: MIT */
#include "finished/packed.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "fs/dir.h"

enum { EXECUTABLE = 0100 };

struct listing {
	const struct cv_ctx *ctx;
	enum cv_packed_root root;
	cv_packed_skip *skip;
	const void *data;
	struct cv_packed_list *to;
	struct cvenv_error *err;
};

static int cannot_read(int rc, const char *name, struct cvenv_error *err)
{
	return cv_fail(err, -rc, "cannot read '%s'", *name ? name : ".");
}

static void remember(struct cv_packed *m, const struct cv_os_stat *st)
{
	m->exec = st->mode & EXECUTABLE;
	m->size = st->type == CV_OS_FILE ? st->size : 0;
	m->mtime = st->mtime.s;
	m->mtime_ns = st->mtime.ns;
	m->id[0] = st->id.device;
	m->id[1] = st->id.number[0];
	m->id[2] = st->id.number[1];
}

static int add_link(
	struct listing *l, struct cv_os_dir at, const char *base, struct cv_packed *member)
{
	char target[CV_PACKED_NAME_MAX];
	int rc = cv_os_readlink(at, base, target, sizeof(target));

	if (rc < 0)
		return cannot_read(rc, member->name, l->err);
	member->target = cv_strdup(l->to->arena, cv_str(target));
	return member->target ? 0 : cv_fail_nomem(l->err);
}

static int list_dir(
	struct listing *l, struct cv_os_dir at, const char *base, const char *name, int depth);

static int add(
	struct listing *l, struct cv_os_dir at, const char *base, const char *name, int depth)
{
	static const enum cv_packed_type types[] = { [CV_OS_FILE] = CV_PACKED_FILE,
		[CV_OS_DIR] = CV_PACKED_DIR,
		[CV_OS_LINK] = CV_PACKED_LINK };
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat(at, base, CV_OS_NOFOLLOW, &st);
	bool other = st.type == CV_OS_OTHER || st.type == CV_OS_UNKNOWN;
	struct cv_packed *m;

	if (rc < 0)
		return cannot_read(rc, name, l->err);
	if (l->skip(l->data, name, other))
		return 0;
	if (other) {
		cv_log(l->ctx, CVENV_LOG_WARNING, "'%s' is left out: not a file", name);
		return 0;
	}
	if (l->to->count >= CV_PACKED_MAX)
		return cv_fail(l->err, CVENV_ELIMIT, "cannot pack '%s'", name);
	m = cv_packed_add(l->to, name);
	if (!m)
		return cv_fail_nomem(l->err);
	m->type = types[st.type];
	m->root = l->root;
	m->source = name;
	remember(m, &st);
	if (st.type == CV_OS_LINK)
		return add_link(l, at, base, m);
	return st.type == CV_OS_DIR ? list_dir(l, at, base, name, depth + 1) : 0;
}

static int list_dir(
	struct listing *l, struct cv_os_dir at, const char *base, const char *name, int depth)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc;

	if (depth > CV_DEPTH_MAX)
		return cv_fail(l->err, CVENV_ELIMIT, "cannot pack '%s'", name);
	if (cv_stopped(l->ctx))
		return cv_fail(l->err, EINTR, "cannot pack '%s'", name);
	rc = cv_os_list_open(at, base, CV_OS_NOFOLLOW | CV_OS_QUIET, &list);
	if (rc < 0)
		return cannot_read(rc, name, l->err);
	while ((rc = cv_os_list_next(&list)) > 0) {
		const char *path =
			cv_strfmt(l->to->arena, "%s%s%s", name, *name ? "/" : "", list.name);

		rc = path ? add(l, list.dir, cv_path_base(path), path, depth)
			  : cv_fail_nomem(l->err);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? cannot_read(rc, name, l->err) : 0;
}

int cv_packed_of_dir(const struct cv_ctx *ctx, struct cv_os_dir dir, enum cv_packed_root root,
	cv_packed_skip *skip, const void *data, struct cv_packed_list *to, struct cvenv_error *err)
{
	struct listing l = { ctx, root, skip, data, to, err };

	return list_dir(&l, dir, ".", "", 0);
}

static int enter(struct cv_packed_opener *o, const struct cv_packed *m)
{
	size_t n = (size_t)(cv_path_base(m->source) - m->source);
	struct cv_str name = { m->source, n ? n - 1 : 0 };

	if (cv_os_dir_ok(o->dir) && o->root == m->root && cv_str_eq(name, cv_str(o->name)))
		return 0;
	cv_os_close_dir(&o->dir);
	if (name.n >= sizeof(o->name))
		return -ENAMETOOLONG;
	memcpy(o->name, name.p, name.n);
	o->name[name.n] = '\0';
	o->root = m->root;
	return cv_open_below(o->roots[m->root], name, CV_OS_ANCHOR, &o->dir);
}

static bool is_as(const struct cv_packed *now, const struct cv_packed *then)
{
	return now->size == then->size && now->mtime == then->mtime &&
	       now->mtime_ns == then->mtime_ns && memcmp(now->id, then->id, sizeof(now->id)) == 0;
}

static int changed(const struct cv_packed *member, struct cvenv_error *err)
{
	int rc = cv_fail_msg(err, EAGAIN, "'%s' was changed while it was packed", member->name);

	return cv_hint(err, rc, "run the command again");
}

int cv_packed_check(const struct cv_packed *member, struct cv_os_file file, struct cvenv_error *err)
{
	struct cv_packed now = { 0 };
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat_file(file, &st);

	if (rc < 0)
		return cannot_read(rc, member->name, err);
	remember(&now, &st);
	return st.type == CV_OS_FILE && is_as(&now, member) ? 0 : changed(member, err);
}

int cv_packed_check_dirs(struct cv_packed_opener *o, const struct cv_packed_list *list,
	const struct cv_os_stat *top, struct cvenv_error *err)
{
	static const struct cv_packed itself = { .name = "." };
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat_dir(o->roots[CV_ROOT_ENV], &st);

	if (rc < 0)
		return cannot_read(rc, "", err);
	if (st.mtime.s != top->mtime.s || st.mtime.ns != top->mtime.ns)
		return changed(&itself, err);
	for (size_t i = 0; i < list->count; i++) {
		const struct cv_packed *m = &list->all[i];
		struct cv_packed now = { 0 };

		if (m->type != CV_PACKED_DIR || m->root != CV_ROOT_ENV || !m->source)
			continue;
		rc = enter(o, m);
		if (rc == 0)
			rc = cv_os_stat(o->dir, cv_path_base(m->source), CV_OS_NOFOLLOW, &st);
		if (rc < 0 && !cv_err_missing(-rc))
			return cannot_read(rc, m->name, err);
		remember(&now, &st);
		if (rc < 0 || !is_as(&now, m))
			return changed(m, err);
	}
	return 0;
}

int cv_packed_open(struct cv_packed_opener *opener, const struct cv_packed *member,
	struct cv_os_file *ret, struct cvenv_error *err)
{
	int rc = enter(opener, member);

	*ret = CV_OS_NO_FILE;
	if (rc == 0)
		rc = cv_os_open(opener->dir, cv_path_base(member->source),
			CV_OS_NOFOLLOW | CV_OS_QUIET, ret);
	if (rc < 0)
		return cannot_read(rc, member->name, err);
	rc = cv_packed_check(member, *ret, err);
	if (rc < 0)
		(void)cv_os_close(ret);
	return rc;
}

static int read_all(
	const struct cv_packed *member, struct cv_os_file file, char *p, struct cvenv_error *err)
{
	for (uint64_t done = 0; done < member->size;) {
		int64_t n = cv_os_read(file, p + done, (size_t)(member->size - done));

		if (n <= 0)
			return cannot_read(n < 0 ? (int)n : -EAGAIN, member->name, err);
		done += (uint64_t)n;
	}
	return cv_packed_check(member, file, err);
}

int cv_packed_read(const struct cv_os_dir roots[CV_ROOTS], const struct cv_packed *member,
	struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err)
{
	struct cv_packed_opener *opener = cv_new(a, struct cv_packed_opener, 1);
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char *p = cv_new(a, char, (size_t)member->size + 1);
	int rc;

	if (!opener || !p)
		return cv_fail_nomem(err);
	memcpy(opener->roots, roots, sizeof(opener->roots));
	rc = cv_packed_open(opener, member, &file, err);
	cv_packed_opener_close(opener);
	if (rc == 0)
		rc = read_all(member, file, p, err);
	*ret = (struct cv_str){ p, (size_t)member->size };
	return rc;
}

void cv_packed_opener_close(struct cv_packed_opener *opener)
{
	cv_os_close_dir(&opener->dir);
}
