/* SPDX-License-Identifier: MIT */
#include "finished/recreate.h"

#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "create/apart.h"
#include "create/create.h"
#include "create/existing.h"
#include "create/pip_run.h"
#include "finished/requirements.h"
#include "fs/copied.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/publish.h"
#include "fs/sweep.h"

#define INSIDE "env"
#define LIST "requirements.txt"

/* The new environment, in a staging directory beside the old one. */
struct recreation {
	struct cv_repair *repair;
	struct cv_requirements requirements;
	struct cvenv_options request;
	struct cv_session *session; /* of the new environment */
	struct cv_os_dir home;      /* the directory of the staging directory, */
	struct cv_os_dir stage;     /* which is locked as long as it is open */
	struct cv_os_stat stage_st;
	char name[CV_TEMP_NAME_MAX];
	const char *env_dir; /* in the staging directory, absolute */
	struct cv_finished env;
	struct cv_copied copied;
};

/* --- the list -------------------------------------------------------------------------------- */

/*
 * The new environment has its own pip. Below 3.12 the other three are there without being asked
 * for, and old ones of them do not work with a new Python.
 */
static bool is_installed(const struct cv_requirement *line)
{
	static const char *const left[] = { "pip", "setuptools", "wheel", "distribute", NULL };

	return !cv_is_among(line->key, left);
}

static size_t count_installed(const struct cv_requirements *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		n += is_installed(&all->all[i]);
	return n;
}

/* --- what would be lost ---------------------------------------------------------------------- */

static int refuse(const struct cv_repair *r, const char *what, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to replace '%s': it contains %s", r->env.env_dir,
		what);
	return cv_hint(err, -CVENV_EREFUSED, "its whole content would be deleted");
}

static int check_content(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_existing existing;
	int rc;

	/* Its packages choose what pip runs, and the new one would be the caller's. */
	if (r->env.st.owner != cv_os_user()) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to replace '%s': it belongs to another user", r->env.env_dir);
		return cv_hint(err, -CVENV_EREFUSED, "run the command as its owner");
	}
	rc = cv_existing_read(&r->session->once, r->env.dir, &r->env.layout, &existing, err);
	if (rc < 0)
		return rc;
	if (existing.has_others)
		return refuse(r, "files that environments do not have", err);
	for (size_t i = 0; i < n->requirements.count; i++) {
		const char *dir = n->requirements.all[i].dir;

		if (dir && (!cv_path_is_abs(dir) || cv_target_is_below(&r->target, dir)))
			return refuse(r, "the project of an editable package", err);
	}
	return 0;
}

/* --- the new environment --------------------------------------------------------------------- */

static int open_stage(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_arena *a = &r->session->once;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, r->target.parent, CV_OS_FOLLOW, &n->home);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", r->target.parent);
	cv_stage_sweep(n->home);
	rc = cv_stage_make_stat(n->home, n->name, &n->stage, &n->stage_st, err);
	if (rc < 0) {
		n->name[0] = '\0';
		return cv_wrap(err, rc, "cannot write to '%s'", r->target.parent);
	}
	n->env_dir = cv_path_join(a, cv_path_join(a, r->target.parent, n->name), INSIDE);
	return n->env_dir ? 0 : cv_fail_nomem(err);
}

/* With the settings of the old one, as far as creation has them. */
static int create(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cvenv_result result;
	int rc;

	n->request = r->how;
	n->request.python = r->session->info.path;
	n->request.pythons = NULL;
	n->request.python_source = NULL;
	n->request.prompt = r->request->prompt ? r->request->prompt : r->env.prompt;
	n->request.system_site_packages = cv_cfg_true(&r->env.cfg, "include-system-site-packages");
	n->request.relocatable = r->env.layout.relocatable;
	n->request.without_pip = false;
	n->request.clear = n->request.upgrade = n->request.upgrade_deps = false;
	n->request.redirect = NULL;
	rc = cv_session_open(
		r->session->ctx, &n->request, r->session->activators, &n->session, err);
	return rc == 0 ? cv_create(n->session, n->env_dir, 0, &result, err) : rc;
}

static int install(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_arena *a = &r->session->once;
	size_t count = count_installed(&n->requirements);
	OWN_BUF struct cv_buf text = { 0 };
	const char *wheels = r->request->wheel_dir
				     ? cv_path_abs(a, r->session->ctx, r->request->wheel_dir)
				     : NULL;
	const char *args[] = { "--requirement", NULL, wheels ? "--find-links" : NULL, wheels,
		NULL };
	int rc;

	args[1] = cv_path_join(a, cv_path_dir(a, n->env_dir), LIST);
	for (size_t i = 0; i < n->requirements.count; i++)
		if (is_installed(&n->requirements.all[i]))
			cv_buf_addf(&text, "%s\n", n->requirements.all[i].line);
	if (text.bad || !args[1] || (r->request->wheel_dir && !wheels))
		return cv_fail_nomem(err);
	if (count == 0)
		return 0;
	rc = cv_write_new(
		n->stage, LIST, &(struct cv_new_file){ .mode = 0600 }, cv_buf_slice(&text), err);
	if (rc < 0)
		return rc;
	cv_log(r->session->ctx, CVENV_LOG_WARNING, "running pip to install %zu package%s", count,
		count == 1 ? "" : "s");
	return cv_pip_run(r->session->ctx, a, &n->session->layout, "pip install", args,
		r->request->quiet, err);
}

/* --- its place ------------------------------------------------------------------------------- */

/*
 * The old environment, whose content is to be deleted. It was locked until now, but pip took its
 * time, and nothing keeps other programs from writing to it, or from replacing it.
 */
static int find_target(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_session *s = r->session;
	const char *env_dir = r->env.env_dir, *redirect = r->target.redirect;
	int rc;

	cv_target_close(&r->target);
	rc = cv_target_find(s->ctx, &s->once, env_dir, CV_CLEAR_ENVIRONMENT, &r->target, err);
	r->target.redirect = redirect;
	if (rc == 0)
		rc = cv_target_lock(s->ctx, &r->target, err);
	if (rc < 0)
		return rc;
	if (!cv_os_dir_ok(r->target.dir) || !cv_finished_is(&r->env, r->target.dir))
		return cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to replace '%s': another process replaced it", env_dir);
	rc = check_content(n, err);
	return rc == 0 ? cv_apart_check(s->ctx, &s->once, &s->info, &r->target, err) : rc;
}

static int plan(struct recreation *n, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_session *s = r->session;
	int rc = cv_finished_open(s->ctx, &s->once, n->env_dir, 0, &n->env, err);

	if (rc == 0)
		rc = cv_copied_list(s->ctx, &s->once, n->env.dir, n->env_dir, &n->copied, err);
	if (rc == 0)
		rc = cv_texts_pairs(&s->once, &n->env, r->env.env_dir, &r->rewriting, err);
	if (rc < 0)
		return rc;
	n->copied.flags = CV_COPIED_LINK;
	cv_plan_copied(&s->plan, &n->copied, n->env_dir);
	rc = cv_texts(s->ctx, &s->once, &n->env, &r->rewriting, &s->plan, &r->left, err);
	if (rc == 0)
		rc = cv_copied_omit(&n->copied, &s->plan, err);
	return rc < 0 ? rc
		      : cv_texts_links(&s->once, &r->rewriting, n->env_dir, r->target.place,
				&n->copied, err);
}

static int recreate(struct recreation *n, struct cvenv_change *ret, struct cvenv_error *err)
{
	struct cv_repair *r = n->repair;
	struct cv_session *s = r->session;
	int rc = open_stage(n, err);

	if (rc == 0)
		rc = create(n, err);
	if (rc == 0)
		rc = install(n, err);
	if (rc == 0)
		rc = find_target(n, err);
	if (rc == 0)
		rc = plan(n, err);
	if (rc == 0)
		rc = cv_publish(s->ctx, &s->once, &s->plan, &r->target, s->request->link_mode,
			&ret->link_mode, err);
	return rc;
}

static void end(struct recreation *n)
{
	struct cvenv_error ignored;

	cv_finished_close(&n->env);
	cv_session_close(n->session);
	cv_os_close_dir(&n->stage);
	if (n->name[0] && cv_remove_dir(n->home, n->name, &n->stage_st, &ignored) < 0)
		cv_log(n->repair->session->ctx, CVENV_LOG_WARNING,
			"could not remove '%s' in '%s': %s", n->name, n->repair->target.parent,
			ignored.message);
	cv_os_close_dir(&n->home);
}

int cv_recreate(struct cv_repair *r, struct cvenv_change *ret, struct cvenv_error *err)
{
	struct cv_arena *a = &r->session->once;
	struct recreation *n = cv_new(a, struct recreation, 1); /* the plan refers to it */
	int rc;

	if (!n)
		return cv_fail_nomem(err);
	*n = (struct recreation){ .repair = r, .stage = CV_OS_NO_DIR, .home = CV_OS_NO_DIR };
	rc = cv_requirements_read(r->session->ctx, a, &r->env, &n->requirements, err);
	if (rc < 0)
		return rc;
	ret->requirements = cv_requirements_lines(a, &n->requirements);
	if (!ret->requirements)
		return cv_fail_nomem(err);
	rc = check_content(n, err);
	if (rc == 0 && !(r->flags & CVENV_DRY_RUN))
		rc = recreate(n, ret, err);
	end(n);
	if (rc < 0)
		return rc == -CVENV_EPIP ? cv_wrap(err, rc, "nothing was changed") : rc;
	ret->recreated = true;
	ret->files = n->copied.count;
	return 0;
}
