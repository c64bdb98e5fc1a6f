/* SPDX-License-Identifier: MIT */
#include "create/steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "create/apart.h"
#include "create/create.h"
#include "create/env_dir.h"
#include "create/existing.h"
#include "create/installed.h"
#include "create/leftovers.h"
#include "create/upgrade_deps.h"
#include "create/warnings.h"
#include "fs/publish.h"

int cv_steps_reconsider(struct cv_steps *env, struct cvenv_error *err)
{
	struct cv_layout *layout = &env->environment.layout;
	struct cv_layout fresh;
	int rc = cv_layout_compute(env->session->ctx, &env->arena, &env->info, &env->request,
		layout->env_dir, &fresh, err);

	if (rc < 0)
		return rc;
	layout->relocatable = fresh.relocatable;
	layout->links = fresh.links;
	if (!env->own_prompt)
		layout->prompt = fresh.prompt;
	return cv_session_prompt(
		env->session, env->request.prompt, &env->environment.prompt_repr, err);
}

static int begin(struct cv_steps *env, const char *env_dir, struct cvenv_error *err)
{
	struct cv_session *s = env->session;
	struct cv_target target = { 0 };
	const char *path = NULL;
	int rc = cv_env_dir_find(
		s->ctx, &env->arena, &env->request, env_dir, CV_CLEAR_NOTHING, &path, &target, err);

	if (rc == 0)
		rc = cv_session_info(s, err);
	if (rc == 0)
		rc = cv_apart_follow(s, &target, err);
	if (rc == 0)
		rc = cv_apart_check(s->ctx, &env->arena, &s->info, &target, err);
	if (rc == 0)
		rc = cv_session_check_project(s, err);
	env->redirected = target.redirect;
	cv_target_close(&target);
	if (rc < 0)
		return rc;
	env->info = s->info;
	rc = cv_layout_compute(s->ctx, &env->arena, &env->info, &env->request, path,
		&env->environment.layout, err);
	return rc < 0 ? rc : cv_steps_reconsider(env, err);
}

int cv_steps_begin(
	struct cv_session *s, const char *env_dir, struct cv_steps **ret, struct cvenv_error *err)
{
	struct cv_steps *env = calloc(1, sizeof(*env));
	int rc;

	if (!env)
		return cv_fail_nomem(err);
	env->session = s;
	env->request = *s->request;
	env->link_mode = CVENV_LINK_COPY;
	env->environment = (struct cv_environment){ .ctx = s->ctx,
		.request = &env->request,
		.info = &env->info,
		.activators = s->activators };
	rc = begin(env, env_dir, err);
	if (rc < 0)
		cv_steps_end(env);
	else
		*ret = env;
	return rc;
}

void cv_steps_end(struct cv_steps *env)
{
	if (!env)
		return;
	cv_arena_done(&env->once);
	cv_arena_done(&env->arena);
	free(env);
}

/*
 * The first step records whether ENV_DIR was an environment, because a later step creates
 * pyvenv.cfg.
 */
static int read_leftovers(
	struct cv_steps *env, const struct cv_target *target, struct cvenv_error *err)
{
	struct cv_existing before = env->environment.existing;
	int rc;

	if (!env->begun)
		env->was_environment = before.is_environment;
	env->begun = true;
	before.is_environment = env->was_environment;
	rc = cv_leftovers_read(&env->once, target->dir, &env->info, &env->environment.layout,
		&env->request, &before, err);
	env->environment.existing.leftovers = before.leftovers;
	env->environment.existing.leftover_count = before.leftover_count;
	return rc;
}

/* Read what exists, as far as PART depends on it. */
static int look(struct cv_steps *env, enum cv_part part, struct cv_target *ret_target,
	struct cvenv_error *err)
{
	struct cv_environment *m = &env->environment;
	enum cv_clear clear =
		part == CV_PART_DIRECTORIES ? cv_session_clear(&env->request) : CV_CLEAR_NOTHING;
	int rc;

	if (clear == CV_CLEAR_ANYTHING && env->redirected)
		clear = CV_CLEAR_ENVIRONMENT;
	cv_arena_done(&env->once);
	m->existing = (struct cv_existing){ 0 };
	rc = cv_target_find(m->ctx, &env->once, m->layout.env_dir, clear, ret_target, err);
	if (rc == 0)
		rc = cv_target_lock(m->ctx, ret_target, err);
	if (rc == 0)
		rc = cv_apart_check(m->ctx, &env->once, m->info, ret_target, err);
	if (rc == 0 && !ret_target->exists && part != CV_PART_DIRECTORIES)
		rc = cv_fail(err, ENOENT, "cannot open '%s'", m->layout.env_dir);
	if (rc == 0)
		rc = cv_existing_read(&env->once, ret_target->dir, &m->layout, &m->existing, err);
	if (rc == 0)
		rc = read_leftovers(env, ret_target, err);
	if (rc == 0 && env->request.upgrade)
		m->layout.relocatable |= m->existing.relocatable;
	return rc;
}

/* Plan the directories that PART needs. In a plan of all parts, the first part does this. */
static void plan_above(const struct cv_layout *layout, enum cv_part part, struct cv_plan *plan)
{
	if (part == CV_PART_PIP)
		cv_environment_dirs(plan, layout->purelib);
	if (part == CV_PART_PIP || part == CV_PART_PYTHON || part == CV_PART_SCRIPTS)
		cv_environment_dirs(plan, layout->bin);
	if (part == CV_PART_PYTHON)
		cv_environment_dirs(plan, layout->lib);
}

static int make(struct cv_steps *env, enum cv_part part, bool *ret_lost, struct cvenv_error *err)
{
	struct cv_plan plan = cv_session_plan(env->session, &env->once);
	struct cv_environment *m = &env->environment;
	enum cvenv_link_mode used = env->link_mode;
	struct cv_outcome ignored = { 0 };
	struct cv_target target = { 0 };
	int rc = look(env, part, &target, err);

	if (rc == 0 && part == CV_PART_PIP) {
		rc = cv_session_pip(env->session, &env->request, m->layout.env_dir, err);
		m->pip = env->session->pip;
		m->pip_count = env->session->pip_count;
		for (size_t i = 0; i < m->pip_count && rc == 0; i++)
			rc = cv_installed_versions(&env->once, target.dir, &m->layout,
				env->info.cache_tag, &m->existing, &m->pip[i].wheel,
				&m->installed[i], err);
	}
	plan_above(&m->layout, part, &plan);
	if (rc == 0)
		rc = cv_environment_plan(m, part, &plan, &ignored, err);
	if (rc == 0)
		rc = cv_environment_fits(&m->layout, &plan, err);
	if (rc == 0)
		rc = cv_publish(
			m->ctx, &env->once, &plan, &target, env->request.link_mode, &used, err);
	if (rc == 0)
		cv_warn(env->session, &target, &m->layout, &plan);
	cv_target_close(&target);
	*ret_lost = target.lost;
	if (rc == 0 && part == CV_PART_PIP)
		env->link_mode = used;
	return rc;
}

static int make_part(struct cv_steps *env, enum cv_part part, struct cvenv_error *err)
{
	for (int attempt = 0, lost = 0;;) {
		bool was_lost = false;
		int rc = make(env, part, &was_lost, err);

		if (was_lost && lost++ < CV_ATTEMPTS_MAX)
			continue;
		if (rc != -CVENV_ECORRUPT || attempt == CV_ATTEMPTS_MAX)
			return rc;
		cv_session_evict(env->session, attempt++, err);
	}
}

int cv_steps_make(struct cv_steps *env, enum cv_part part, struct cvenv_error *err)
{
	int rc = make_part(env, part, err);

	cv_session_end_temporary(env->session);
	return rc;
}

int cv_steps_upgrade_deps(struct cv_steps *env, struct cvenv_error *err)
{
	cv_arena_done(&env->once);
	return cv_upgrade_deps(env->session->ctx, &env->once, &env->environment.layout,
		env->info.needs_setuptools, env->request.quiet, err);
}

int cv_steps_describe(struct cv_steps *env, struct cvenv_result *ret, struct cvenv_error *err)
{
	const struct cv_str names[CV_PIP_MAX] = { CV_LIT("pip"), CV_LIT("setuptools") };
	struct cv_environment *m = &env->environment;
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc;

	cv_arena_done(&env->once);
	env->outcome = (struct cv_outcome){ 0 };
	*ret = (struct cvenv_result){ .link_mode = env->link_mode };
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, m->layout.env_dir, CV_OS_FOLLOW, &dir);
	rc = rc < 0 && rc != -ENOENT
		     ? cv_fail(err, -rc, "cannot open '%s'", m->layout.env_dir)
		     : cv_existing_read(&env->once, dir, &m->layout, &m->existing, err);
	for (size_t i = 0; i < CV_PIP_MAX && rc == 0; i++) {
		const struct cv_existing_package *p = cv_existing_find(&m->existing, names[i]);

		struct cvenv_package *installed =
			&env->outcome.packages[env->outcome.package_count];

		if (!p)
			continue;
		installed->name = cv_strdup(&env->once, names[i]);
		installed->version = cv_strdup(&env->once, p->version);
		if (!installed->name || !installed->version)
			return cv_fail_nomem(err);
		env->outcome.package_count++;
	}
	ret->could_compile = cv_session_wants_bytecode(env->session);
	return rc < 0 ? rc : cv_environment_describe(m, &env->once, &env->outcome, ret, err);
}
