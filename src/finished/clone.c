/* SPDX-License-Identifier: MIT */
#include "finished/clone.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/create.h"
#include "finished/clone_places.h"
#include "finished/finished.h"
#include "finished/texts.h"
#include "fs/changes.h"
#include "fs/copied.h"
#include "fs/publish.h"
#include "fs/remove.h"

/* What is known during one attempt. Memory is in session->once. */
struct clone {
	struct cv_session *s;
	const struct cvenv_relocation *how; /* or NULL */
	unsigned flags;
	bool move;
	struct cv_target src, dest;
	struct cv_finished env;   /* SRC */
	struct cv_copied *copied; /* as long as the plan, which has it */
	struct cv_rewriting rewriting;
	struct cv_left left;
	enum cvenv_link_mode used;
};

static bool dry_run(const struct clone *c)
{
	return c->flags & CVENV_DRY_RUN;
}

/* --- what moves where --------------------------------------------------------------------- */

/* The same directory as the system names it, or PATH itself. */
static const char *real_path(struct cv_arena *a, const char *path)
{
	char *real;

	return cv_os_realpath(a, path, &real) == 0 ? real : path;
}

/* Each OLD=NEW of the user. */
static int add_roots(struct clone *c, struct cvenv_error *err)
{
	const struct cv_ctx *ctx = c->s->ctx;
	struct cv_arena *a = &c->s->once;

	for (size_t i = 0; c->how && i < c->how->root_count; i++) {
		const struct cvenv_root *root = &c->how->roots[i];
		const char *old, *new;

		if (!root->from || !root->from[0] || !root->to || !root->to[0])
			return cv_fail_msg(err, CVENV_EUSAGE, "argument --root: an empty name");
		if (!cv_path_has_abs(ctx, root->from) || !cv_path_has_abs(ctx, root->to))
			return cv_fail(err, ENOENT, "cannot find the current directory");
		old = cv_path_abs(a, ctx, root->from);
		new = cv_path_abs(a, ctx, root->to);
		if (!old || !new || !cv_rewriting_add(a, &c->rewriting, old, new) ||
			!cv_rewriting_add(a, &c->rewriting, real_path(a, old), new))
			return cv_fail_nomem(err);
	}
	return 0;
}

/* The environment itself, then what the user says, and only then what its files say. */
static int find_pairs(struct clone *c, struct cvenv_error *err)
{
	struct cv_arena *a = &c->s->once;
	const char *to = c->dest.env_dir, *place = c->src.place;
	int rc;

	for (size_t i = 0; i < c->env.name_count; i++)
		if (!cv_rewriting_add(a, &c->rewriting, c->env.names[i], to))
			return cv_fail_nomem(err);
	if (!cv_rewriting_add(a, &c->rewriting, place, to) ||
		!cv_rewriting_add(a, &c->rewriting, real_path(a, place), to))
		return cv_fail_nomem(err);
	rc = add_roots(c, err);
	return rc == 0 ? cv_texts_pairs(a, &c->env, to, &c->rewriting, err) : rc;
}

/* --- what cannot be moved ------------------------------------------------------------------ */

/* A tool has made the environment, and has links to its programs elsewhere. */
static int refuse_managed(const struct clone *c, struct cvenv_error *err)
{
	const char *manager = c->env.manager;

	if (!manager || (strcmp(manager, "pipx") != 0 && strcmp(manager, "uv-tool") != 0))
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to move '%s': links outside of it lead to its programs, and only %s "
		"knows them",
		c->src.env_dir, manager);
	return cv_hint(err, -CVENV_EREFUSED, "install its packages again with that program");
}

/* New directories belong to the caller, and SRC will be deleted. */
static int refuse_foreign(const struct clone *c, struct cvenv_error *err)
{
	uint64_t user = cv_os_user();

	if (c->copied->others)
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to move '%s': '%s' is not a file, directory or link",
			c->src.env_dir, c->copied->other);
	for (size_t i = 0; i < c->copied->count; i++) {
		const struct cv_copied_file *f = &c->copied->files[i];

		if (f->type != CV_OS_DIR || f->owner == user)
			continue;
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to move '%s': another user owns the directory '%s'",
			c->src.env_dir, *f->path ? f->path : ".");
		return cv_hint(err, -CVENV_EREFUSED, "run the command as its owner");
	}
	return 0;
}

/* --- the plan ------------------------------------------------------------------------------ */

static int read_source(struct clone *c, struct cvenv_error *err)
{
	struct cv_session *s = c->s;
	int rc;

	/* First the list: what changes after it is noticed. */
	c->copied = cv_new(&s->once, struct cv_copied, 1);
	if (!c->copied)
		return cv_fail_nomem(err);
	rc = cv_copied_list(s->ctx, &s->once, c->src.dir, c->src.env_dir, c->copied, err);
	if (rc == 0)
		rc = cv_finished_open(s->ctx, &s->once, c->src.env_dir, 0, &c->env, err);
	if (rc == 0 && !cv_finished_is(&c->env, c->src.dir))
		rc = cv_copied_changed(c->copied, "", err);
	if (rc == 0 && c->move)
		rc = refuse_managed(c, err);
	if (rc == 0 && c->move)
		rc = refuse_foreign(c, err);
	if (rc == 0 && c->move)
		c->copied->flags = CV_COPIED_LINK;
	return rc;
}

/* What cannot be read may name SRC, and would still do so in DEST. */
static int refuse_unread(const struct clone *c, struct cvenv_error *err)
{
	const char *name = c->left.denied ? c->left.denied : c->env.denied;

	if (!name)
		return 0;
	cv_fail(err, EACCES, "cannot read '%s' in '%s'", name, c->src.env_dir);
	return cv_hint(err, -EACCES, "run the command as its owner, or change its mode");
}

static int plan(struct clone *c, struct cvenv_error *err)
{
	struct cv_session *s = c->s;
	int rc = read_source(c, err);

	if (rc == 0)
		rc = find_pairs(c, err);
	if (rc < 0)
		return rc;
	c->rewriting.activate.prompt = cv_layout_prompt(s->ctx, s->request->prompt);
	cv_plan_copied(&s->plan, c->copied, c->src.env_dir);
	rc = cv_texts(s->ctx, &s->once, &c->env, &c->rewriting, &s->plan, &c->left, err);
	if (rc == 0)
		rc = refuse_unread(c, err);
	if (rc == 0)
		rc = cv_copied_omit(c->copied, &s->plan, err);
	if (rc == 0)
		rc = cv_texts_links(
			&s->once, &c->rewriting, c->src.place, c->dest.place, c->copied, err);
	if (rc == 0 && s->plan.bad)
		rc = cv_fail_nomem(err);
	return rc;
}

/* --- the whole ----------------------------------------------------------------------------- */

static void describe(const struct clone *c, struct cvenv_change *ret)
{
	const struct cv_plan *plan = &c->s->plan;

	*ret = (struct cvenv_change){ .path = c->dest.env_dir, .left = c->left.paths };
	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		ret->files += cv_entry_files(e);
		if (e->kind == CVENV_ENTRY_FILE) {
			ret->files++;
			ret->rewritten++;
			ret->bytes += e->data.n;
		}
	}
	for (size_t i = 0; i < c->copied->count; i++)
		if (c->copied->files[i].type == CV_OS_FILE && !c->copied->files[i].omit)
			ret->bytes += c->copied->files[i].size;
}

static int publish(struct clone *c, struct cvenv_error *err)
{
	struct cv_session *s = c->s;

	if (dry_run(c)) {
		c->used = cv_foresee_mode(
			&s->plan, c->dest.place, c->src.place, s->request->link_mode);
		return 0;
	}
	if (c->copied->others)
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"not copied, because it is not a file, directory or link: '%s'%s",
			c->copied->other, c->copied->others > 1 ? ", and others" : "");
	return cv_publish(
		s->ctx, &s->once, &s->plan, &c->dest, s->request->link_mode, &c->used, err);
}

static int check_unchanged(const void *data, struct cvenv_error *err)
{
	const struct clone *c = data;

	return cv_copied_check(c->s->ctx, c->copied, err);
}

/*
 * DEST is complete. Remove SRC, unless somebody has changed it: a change is noticed twice, while
 * SRC is in sight, and when it is too late for another one.
 */
static int remove_source(struct clone *c, struct cvenv_error *err)
{
	const struct cv_ctx *ctx = c->s->ctx;
	bool active = cv_target_is_active(ctx, &c->src);
	const struct cv_remove_only only = { check_unchanged, c };
	int rc = check_unchanged(c, err);

	if (rc == 0)
		rc = cv_remove_environment(ctx, &c->src, &only, NULL, err);
	if (rc < 0) {
		(void)cv_wrap(err, rc, "created '%s', but cannot remove '%s'", c->dest.env_dir,
			c->src.env_dir);
		if (err)
			err->code = CVENV_ECHANGED;
		return -CVENV_ECHANGED;
	}
	if (active)
		cv_log(ctx, CVENV_LOG_WARNING,
			"'%s' is active in this shell: run 'deactivate', then activate '%s'",
			c->src.env_dir, c->dest.env_dir);
	return 0;
}

static int attempt(struct clone *c, const char *src, const char *dest, struct cvenv_change *ret,
	struct cvenv_error *err)
{
	struct cv_session *s = c->s;
	int rc = cv_clone_source(s, src, c->move, &c->src, err);

	if (rc == 0 && !dry_run(c))
		rc = cv_target_lock(s->ctx, &c->src, err);
	if (rc == 0)
		rc = cv_clone_dest(s, dest, &c->src, &c->dest, err);
	if (rc == 0 && !dry_run(c))
		rc = cv_target_lock(s->ctx, &c->dest, err);
	if (rc == 0)
		rc = plan(c, err);
	if (rc == 0) {
		describe(c, ret);
		rc = publish(c, err);
	}
	ret->link_mode = c->used;
	if (rc == 0 && c->move && !dry_run(c))
		rc = remove_source(c, err);
	return rc;
}

static int run(struct clone *c, const char *src, const char *dest, struct cvenv_change *ret,
	struct cvenv_error *err)
{
	const struct clone asked = *c;
	int rc;

	for (int tries = 1;; tries++) {
		cv_arena_done(&c->s->once);
		*c = asked;
		c->s->plan = (struct cv_plan){ .arena = &c->s->once };
		rc = attempt(c, src, dest, ret, err);
		cv_finished_close(&c->env);
		cv_target_close(&c->dest);
		cv_target_close(&c->src);
		if (rc != -EAGAIN || tries == CV_ATTEMPTS_MAX)
			return rc;
		cv_log(c->s->ctx, CVENV_LOG_INFO, "%s; trying again", err ? err->message : "");
	}
}

int cv_clone(struct cv_session *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *err)
{
	struct clone c = { .s = session, .how = how, .flags = flags };

	return run(&c, src, dest, ret, err);
}

int cv_move(struct cv_session *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *err)
{
	struct clone c = { .s = session, .how = how, .flags = flags, .move = true };

	return run(&c, src, dest, ret, err);
}
