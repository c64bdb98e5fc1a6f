/* SPDX-License-Identifier: MIT */
#include "env/steps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "env/apart.h"
#include "env/create.h"
#include "env/leftovers.h"
#include "env/upgrade_deps.h"
#include "fs/publish.h"

int cv_env_reconsider(struct cv_env *env, struct cv_err *err)
{
	struct cv_layout *layout = &env->making.layout;
	struct cv_layout fresh;
	int rc = cv_layout_compute(env->session->ctx, &env->arena, &env->facts, &env->request,
		layout->env_dir, &fresh, err);

	if (rc < 0)
		return rc;
	layout->relocatable = fresh.relocatable;
	if (!env->own_prompt)
		layout->prompt = fresh.prompt;
	return cv_session_prompt(env->session, env->request.prompt, &env->making.prompt_repr, err);
}

static int begin(struct cv_env *env, const char *env_dir, struct cv_err *err)
{
	struct cv_session *s = env->session;
	struct cv_target target = CV_TARGET_NONE;
	const char *path = NULL;
	int rc = cv_making_target(
		s->ctx, &env->arena, &env->request, env_dir, CV_CLEAR_NOTHING, &path, &target, err);

	if (rc == 0)
		rc = cv_session_facts(s, err);
	if (rc == 0)
		rc = cv_apart_follow(s, &target, err);
	if (rc == 0)
		rc = cv_apart_check(s->ctx, &env->arena, &s->facts, &target, err);
	if (rc < 0)
		return rc;
	env->facts = s->facts;
	rc = cv_layout_compute(
		s->ctx, &env->arena, &env->facts, &env->request, path, &env->making.layout, err);
	return rc < 0 ? rc : cv_env_reconsider(env, err);
}

int cv_env_begin(struct cv_session *s, const char *env_dir, struct cv_env **ret, struct cv_err *err)
{
	struct cv_env *env = calloc(1, sizeof(*env));
	int rc;

	if (!env)
		return cv_fail_nomem(err);
	env->session = s;
	env->request = *s->request;
	env->link_mode = CV_LINK_COPY;
	env->making =
		(struct cv_making){ .ctx = s->ctx, .request = &env->request, .facts = &env->facts };
	rc = begin(env, env_dir, err);
	if (rc < 0)
		cv_env_end(env);
	else
		*ret = env;
	return rc;
}

void cv_env_end(struct cv_env *env)
{
	if (!env)
		return;
	cv_arena_done(&env->once);
	cv_arena_done(&env->arena);
	free(env);
}

/* The first step remembers what ENV_DIR was: a later step creates pyvenv.cfg. */
static int read_leftovers(struct cv_env *env, struct cv_err *err)
{
	struct cv_existing before = env->making.existing;
	int rc;

	if (!env->begun)
		env->was_environment = before.is_environment;
	env->begun = true;
	before.is_environment = env->was_environment;
	rc = cv_leftovers_read(
		&env->once, &env->facts, &env->making.layout, &env->request, &before, err);
	env->making.existing.leftovers = before.leftovers;
	env->making.existing.leftover_count = before.leftover_count;
	return rc;
}

/* What stands there, as far as PART depends on it. */
static int look(
	struct cv_env *env, enum cv_part part, struct cv_target *ret_target, struct cv_err *err)
{
	struct cv_making *m = &env->making;
	enum cv_clear clear =
		part == CV_PART_DIRECTORIES ? cv_request_clear(&env->request) : CV_CLEAR_NOTHING;
	int rc;

	cv_arena_done(&env->once);
	m->existing = (struct cv_existing){ 0 };
	rc = cv_target_look(m->ctx, &env->once, m->layout.env_dir, clear, ret_target, err);
	if (rc == 0)
		rc = cv_target_hold(m->ctx, ret_target, err);
	if (rc == 0)
		rc = cv_apart_check(m->ctx, &env->once, m->facts, ret_target, err);
	if (rc == 0 && !ret_target->exists && part != CV_PART_DIRECTORIES)
		rc = cv_fail(err, ENOENT, "cannot open '%s'", m->layout.env_dir);
	if (rc == 0)
		rc = cv_existing_read(&env->once, &m->layout, &m->existing, err);
	if (rc == 0)
		rc = read_leftovers(env, err);
	if (rc == 0 && env->request.upgrade)
		m->layout.relocatable |= m->existing.relocatable;
	return rc;
}

/* In a plan of all parts the first one makes them. */
static void plan_above(const struct cv_layout *layout, enum cv_part part, struct cv_plan *plan)
{
	if (part == CV_PART_SEEDS)
		cv_making_dirs(plan, layout->purelib);
	if (part == CV_PART_SEEDS || part == CV_PART_PYTHON || part == CV_PART_SCRIPTS)
		cv_making_dirs(plan, layout->bin);
	if (part == CV_PART_PYTHON)
		cv_making_dirs(plan, "lib");
}

static int make(struct cv_env *env, enum cv_part part, bool *ret_lost, struct cv_err *err)
{
	struct cv_plan plan = { .arena = &env->once };
	struct cv_making *m = &env->making;
	enum cv_link_mode used = env->link_mode;
	struct cv_result ignored = { 0 };
	struct cv_target target = CV_TARGET_NONE;
	int rc = look(env, part, &target, err);

	if (rc == 0 && part == CV_PART_SEEDS) {
		rc = cv_session_seeds(env->session, &env->request, m->layout.env_dir, err);
		m->seeds = env->session->seeds;
		m->seed_count = env->session->seed_count;
	}
	plan_above(&m->layout, part, &plan);
	if (rc == 0)
		rc = cv_making_plan(m, part, &plan, &ignored, err);
	if (rc == 0)
		rc = cv_making_fits(&m->layout, &plan, err);
	if (rc == 0)
		rc = cv_publish(
			m->ctx, &env->once, &plan, &target, env->request.link_mode, &used, err);
	cv_target_leave(&target);
	*ret_lost = target.lost;
	if (rc == 0 && part == CV_PART_SEEDS)
		env->link_mode = used;
	return rc;
}

static int make_part(struct cv_env *env, enum cv_part part, struct cv_err *err)
{
	for (int attempt = 0, lost = 0;;) {
		bool was_lost = false;
		int rc = make(env, part, &was_lost, err);

		if (was_lost && lost++ < CV_ATTEMPTS_MAX)
			continue;
		if (rc != -CV_ECORRUPT || attempt == CV_ATTEMPTS_MAX)
			return rc;
		cv_session_distrust(env->session, attempt++, err);
	}
}

int cv_env_make(struct cv_env *env, enum cv_part part, struct cv_err *err)
{
	int rc = make_part(env, part, err);

	cv_session_leave(env->session);
	return rc;
}

int cv_env_upgrade_deps(struct cv_env *env, struct cv_err *err)
{
	cv_arena_done(&env->once);
	return cv_upgrade_deps(env->session->ctx, &env->once, &env->making.layout,
		env->facts.needs_setuptools, env->request.quiet, err);
}

int cv_env_describe(struct cv_env *env, struct cv_result *ret, struct cv_err *err)
{
	const struct cv_str names[CV_SEEDS_MAX] = { CV_LIT("pip"), CV_LIT("setuptools") };
	struct cv_making *m = &env->making;
	int rc;

	cv_arena_done(&env->once);
	*ret = (struct cv_result){ .link_mode = env->link_mode };
	rc = cv_existing_read(&env->once, &m->layout, &m->existing, err);
	for (size_t i = 0; i < CV_SEEDS_MAX && rc == 0; i++) {
		const struct cv_existing_package *p = cv_existing_find(&m->existing, names[i]);

		if (p)
			ret->packages[ret->package_count++] =
				(struct cv_package){ names[i], p->version };
	}
	ret->could_compile = cv_session_wants_bytecode(env->session);
	return rc < 0 ? rc : cv_making_describe(m, &env->once, ret, err);
}
