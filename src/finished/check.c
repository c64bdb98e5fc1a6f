/* SPDX-License-Identifier: MIT */
#include "finished/check.h"

#include "base/path.h"
#include "finished/check_in.h"

bool cv_check_is_former(const struct cv_check *c, const char *path)
{
	for (size_t i = 1; i < c->place_count; i++)
		if (c->places[i].is_former && cv_path_within(path, c->places[i].dir))
			return true;
	return false;
}

const char *cv_check_below(const struct cv_check *c, const char *path)
{
	for (size_t i = 0; i < c->env->name_count; i++)
		if (cv_path_within(path, c->env->names[i]))
			return cv_path_below(path, c->env->names[i]);
	return NULL;
}

static int check_all(struct cv_check *c, struct cvenv_error *err)
{
	int rc =
		cv_contents_read(c->ctx, c->arena, c->env->dir, c->env->env_dir, &c->contents, err);

	if (rc == 0)
		rc = cv_check_python(c, err);
	if (rc == 0)
		rc = cv_check_scripts(c, err);
	if (rc == 0)
		rc = cv_check_packages(c, err);
	if (rc == 0)
		rc = cv_check_editables(c, err);
	if (rc == 0)
		cv_check_files(c);
	return rc == 0 ? cv_findings_end(c->to, err) : rc;
}

int cv_examine(struct cv_session *session, const struct cv_finished *env, bool full,
	struct cv_findings *ret, struct cvenv_error *err)
{
	struct cv_check *c = cv_new(ret->arena, struct cv_check, 1);
	int rc;

	if (!c)
		return cv_fail_nomem(err);
	*c = (struct cv_check){
		.session = session,
		.ctx = session->ctx,
		.env = env,
		.arena = ret->arena,
		.to = ret,
		.below = { .arena = ret->arena, .top = env->dir, .name = env->env_dir },
		.full = full,
		.version = { false, -1, -1, -1 },
	};
	rc = check_all(c, err);
	cv_below_close(&c->below);
	return rc;
}
