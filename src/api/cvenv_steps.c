/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/public.h"
#include "base/path.h"
#include "create/steps.h"

struct cvenv_env {
	struct cvenv *session;
	struct cv_steps *env;
	struct cvenv_context context; /* in env->arena */
};

/* Compute the context from the layout. */
static int compute(struct cvenv_env *e, struct cvenv_error *err)
{
	struct cv_arena *a = &e->env->arena;
	const struct cv_layout *l = &e->env->environment.layout;
	const struct cv_info *f = &e->env->info;
	struct cvenv_context c = { .env_dir = l->env_dir,
		.env_name = cv_path_base(l->env_dir),
		.prompt = l->prompt,
		.executable = f->base,
		.python_dir = f->home,
		.python_exe = f->exe_name,
		.inc_path = cv_path_join(a, l->env_dir, l->include),
		.lib_path = cv_path_join(a, l->env_dir, l->purelib),
		.platlib_path = cv_path_join(a, l->env_dir, l->platlib ? l->platlib : l->purelib),
		.bin_path = cv_path_join(a, l->env_dir, l->bin),
		.bin_name = l->bin,
		.env_exe = l->env_exe,
		.env_exec_cmd = l->env_exe,
		.cfg_path = cv_path_join(a, l->env_dir, "pyvenv.cfg") };

	if (!c.inc_path || !c.lib_path || !c.platlib_path || !c.bin_path || !c.cfg_path)
		return cv_fail_nomem(err);
	e->context = c;
	return 0;
}

int cvenv_begin(
	struct cvenv *s, const char *env_dir, struct cvenv_env **ret, struct cvenv_error *error)
{
	struct cvenv_env *e = calloc(1, sizeof(*e));
	int rc;

	*ret = NULL;
	error = cv_public_error(s, error);
	if (!e)
		return cv_public_rc(cv_fail_nomem(error));
	s->ctx.now = time(NULL);
	rc = cv_steps_begin(s->session, env_dir, &e->env, error);
	if (rc == 0)
		rc = compute(e, error);
	if (rc < 0) {
		cvenv_end(e);
		return -1;
	}
	e->session = s;
	*ret = e;
	return 0;
}

void cvenv_end(struct cvenv_env *e)
{
	if (e)
		cv_steps_end(e->env);
	free(e);
}

void cvenv_get_context(const struct cvenv_env *e, struct cvenv_context *ret)
{
	struct cvenv_context c = e->context;

	cv_public_put(ret, ret->size, &c, sizeof(c));
}

/* Convert PATH, which must be below ENV_DIR, to a relative path. */
static int below(struct cv_steps *env, const char *what, const char *path, const char **ret,
	struct cvenv_error *err)
{
	const char *env_dir = env->environment.layout.env_dir;
	bool is_abs = cv_path_is_abs(path);
	char *whole = is_abs ? cv_path_abs(&env->arena, NULL, path) : NULL;
	const char *below = whole ? cv_path_below(whole, env_dir) : NULL;
	char *rest = below ? cv_path_inside(&env->arena, "", below) : NULL;

	if (is_abs && (!whole || (below && !rest)))
		return cv_fail_nomem(err);
	if (!rest || !cv_path_safe(cv_str(rest)))
		return cv_fail_msg(err, EINVAL, "cannot use '%s' as %s: it is not below '%s'", path,
			what, env_dir);
	*ret = rest;
	return 0;
}

static int set_dirs(struct cv_steps *env, const struct cvenv_context *c, struct cv_layout *l,
	struct cvenv_error *err)
{
	const char *platlib = NULL;
	int rc = 0;

	if (c->env_dir && strcmp(c->env_dir, l->env_dir) != 0)
		return cv_fail_msg(err, EINVAL, "cannot change env_dir to '%s'", c->env_dir);
	if (c->inc_path)
		rc = below(env, "inc_path", c->inc_path, &l->include, err);
	if (rc == 0 && c->lib_path)
		rc = below(env, "lib_path", c->lib_path, &l->purelib, err);
	if (rc == 0 && c->platlib_path)
		rc = below(env, "platlib_path", c->platlib_path, &platlib, err);
	if (rc == 0 && platlib)
		l->platlib = strcmp(platlib, l->purelib) == 0 ? NULL : platlib;
	if (rc == 0 && c->bin_path)
		rc = below(env, "bin_path", c->bin_path, &l->bin, err);
	return rc;
}

/* Set the name of the interpreter, which must be in bin_path; its other names do not change. */
static int set_exe(struct cv_steps *env, const struct cvenv_context *c, struct cv_layout *l,
	struct cvenv_error *err)
{
	const char *exe = c->env_exe;
	const char *path = NULL, *dir;
	size_t n = 1;
	int rc;

	if (!exe) {
		char *bin = cv_path_join(&env->arena, l->env_dir, l->bin);

		exe = bin ? cv_path_join(&env->arena, bin, l->names[0]) : NULL;
		if (!exe)
			return cv_fail_nomem(err);
	}
	rc = below(env, "env_exe", exe, &path, err);
	if (rc < 0)
		return rc;
	dir = cv_strdup(&env->arena, (struct cv_str){ path, (size_t)(cv_path_base(path) - path) });
	if (!dir)
		return cv_fail_nomem(err);
	if (strncmp(dir, l->bin, strlen(l->bin)) != 0 || strcmp(dir + strlen(l->bin), "/") != 0)
		return cv_fail_msg(
			err, EINVAL, "cannot use '%s' as env_exe: it is not in bin_path", exe);
	l->env_exe = exe;
	l->names[0] = cv_path_base(exe);
	for (size_t i = 1; i < l->name_count; i++)
		if (strcmp(l->names[i], l->names[0]) != 0)
			l->names[n++] = l->names[i];
	l->name_count = n;
	return 0;
}

static int set_base(const struct cvenv_context *c, struct cv_info *f, struct cvenv_error *err)
{
	const char *const paths[] = { c->executable, c->python_dir };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (paths[i] && !cv_path_is_abs(paths[i]))
			return cv_fail_msg(err, EINVAL, "'%s' is not an absolute path", paths[i]);
	if (c->python_exe && (!c->python_exe[0] || cv_path_is_path(c->python_exe)))
		return cv_fail_msg(err, EINVAL, "'%s' is not a file name", c->python_exe);
	if (c->executable)
		f->base = c->executable;
	if (c->python_dir)
		f->home = c->python_dir;
	if (c->python_exe)
		f->exe_name = c->python_exe;
	return 0;
}

static int copy_text(struct cv_arena *a, const char **text, struct cvenv_error *err)
{
	if (!*text)
		return 0;
	*text = cv_strdup(a, cv_str(*text));
	return *text ? 0 : cv_fail_nomem(err);
}

/* Copy the strings of the members that may be changed. */
static int copy_context(struct cv_arena *a, const struct cvenv_context *from,
	struct cvenv_context *c, struct cvenv_error *err)
{
	const char **const members[] = { &c->env_dir, &c->prompt, &c->executable, &c->python_dir,
		&c->python_exe, &c->inc_path, &c->lib_path, &c->platlib_path, &c->bin_path,
		&c->env_exe };
	int rc = cv_public_get(c, sizeof(*c), from, from->size, err);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && rc == 0; i++)
		rc = copy_text(a, members[i], err);
	return rc;
}

int cvenv_set_context(
	struct cvenv_env *e, const struct cvenv_context *context, struct cvenv_error *error)
{
	struct cv_steps *env = e->env;
	struct cv_layout layout = env->environment.layout;
	struct cv_info info = env->info;
	struct cvenv_context c;
	int rc;

	error = cv_public_error(e->session, error);
	rc = copy_context(&env->arena, context, &c, error);
	if (rc == 0)
		rc = cv_session_check_prompt(c.prompt, error);
	if (rc == 0)
		rc = set_dirs(env, &c, &layout, error);
	if (rc == 0)
		rc = set_exe(env, &c, &layout, error);
	if (rc == 0)
		rc = set_base(&c, &info, error);
	if (rc < 0)
		return -1;
	if (c.prompt && strcmp(c.prompt, layout.prompt) != 0) {
		layout.prompt = c.prompt;
		env->own_prompt = true;
	}
	env->environment.layout = layout;
	env->info = info;
	return cv_public_rc(compute(e, error));
}

int cvenv_set_options(
	struct cvenv_env *e, const struct cvenv_options *options, struct cvenv_error *error)
{
	const struct cvenv_options *session = &e->session->options;
	struct cv_environment *environment = &e->env->environment;
	struct cvenv_options before = e->env->request, o;
	unsigned before_activators = environment->activators, activators = 0;
	int rc;

	error = cv_public_error(e->session, error);
	rc = cv_public_get(&o, sizeof(o), options, options->size, error);
	if (rc == 0 && o.clear && o.upgrade)
		rc = cv_fail_msg(error, EINVAL, "upgrade and clear exclude each other");
	if (rc == 0)
		rc = cv_session_check_prompt(o.prompt, error);
	if (rc == 0)
		rc = copy_text(&e->env->arena, &o.prompt, error);
	if (rc == 0)
		rc = copy_text(&e->env->arena, &o.extra_cfg, error);
	o.python = session->python;
	o.pythons = session->pythons;
	o.python_source = session->python_source;
	o.default_python = session->default_python;
	o.no_config = session->no_config;
	o.wheel_dir = session->wheel_dir;
	o.cache_dir = session->cache_dir;
	o.data_dir = session->data_dir;
	if (rc == 0)
		rc = cv_public_options(&o, &activators, error);
	if (rc < 0)
		return -1;
	e->env->request = o;
	environment->activators = activators;
	rc = cv_steps_reconsider(e->env, error);
	if (rc == 0)
		return cv_public_rc(compute(e, error));
	e->env->request = before;
	environment->activators = before_activators;
	return -1;
}

static int make(struct cvenv_env *e, enum cv_part part, struct cvenv_error *error)
{

	return cv_public_rc(cv_steps_make(e->env, part, cv_public_error(e->session, error)));
}

int cvenv_ensure_directories(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_DIRECTORIES, error);
}

int cvenv_create_git_ignore_file(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_GITIGNORE, error);
}

int cvenv_create_configuration(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_CONFIGURATION, error);
}

int cvenv_setup_python(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_PYTHON, error);
}

int cvenv_setup_pip(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_PIP, error);
}

int cvenv_setup_scripts(struct cvenv_env *env, struct cvenv_error *error)
{
	return make(env, CV_PART_SCRIPTS, error);
}

int cvenv_upgrade_dependencies(struct cvenv_env *e, struct cvenv_error *error)
{

	return cv_public_rc(cv_steps_upgrade_deps(e->env, cv_public_error(e->session, error)));
}

int cvenv_describe(struct cvenv_env *e, struct cvenv_result *ret, struct cvenv_error *error)
{
	struct cvenv_result result = { 0 };
	int rc;

	error = cv_public_error(e->session, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	if (rc == 0)
		rc = cv_steps_describe(e->env, &result, error);
	if (rc == 0 && ret)
		cv_public_put(ret, ret->size, &result, sizeof(result));
	return cv_public_rc(rc);
}
