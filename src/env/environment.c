/* SPDX-License-Identifier: MIT */
#include "env/environment.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cachedir.h"
#include "base/own.h"
#include "base/path.h"
#include "env/activate.h"
#include "env/interpreters.h"
#include "env/pyvenv_cfg.h"
#include "fs/dir.h"

enum { ENV_DIR_SHORT = 256 };

#define PATH_LIST_SEPARATOR ':'

static const char gitignore[] =
	"# Created by venv; see https://docs.python.org/3/library/venv.html\n"
	"*\n";

/* What can be said of the name alone. */
static int check_name(const char *env_dir, struct cv_err *err)
{
	if (!cv_utf8_ok(cv_str(env_dir))) {
		cv_fail_msg(
			err, EILSEQ, "cannot create an environment in '%s': not UTF-8", env_dir);
		return cv_hint(err, -EILSEQ, "pyvenv.cfg and Python need names in UTF-8");
	}
	if (strchr(env_dir, PATH_LIST_SEPARATOR)) {
		cv_fail_msg(err, EINVAL,
			"refusing to create an environment in '%s': it contains the PATH separator "
			"'%c'",
			env_dir, PATH_LIST_SEPARATOR);
		return cv_hint(err, -EINVAL, "it could not be activated");
	}
	return 0;
}

/* Its programs would be found before those of the environment around it, or be taken for them. */
static int check_place(struct cv_arena *a, const char *place, struct cv_err *err)
{
	const char *around;

	if (cv_is_temp_name(cv_path_base(place)))
		return cv_fail_msg(err, CV_EREFUSED,
			"refusing to create an environment in '%s': names that start with "
			"'.cvenv-' are reserved for temporary directories",
			place);
	around = cv_existing_around(a, place);
	if (!around)
		return 0;
	cv_fail_msg(err, CV_EREFUSED,
		"refusing to create an environment in '%s': it is inside the bin directory of "
		"environment '%s'",
		place, around);
	return cv_hint(err, -CV_EREFUSED, "name another directory");
}

static int make_name(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_request *request,
	const char *env_dir, const char **ret, struct cv_err *err)
{
	int rc;

	if (!env_dir[0] && request->clear) { /* an unset variable, most of the time */
		cv_fail_msg(err, CV_EREFUSED, "refusing to clear '': an empty name");
		return cv_hint(err, -CV_EREFUSED, "the current directory is '.'");
	}
	if (env_dir[0] != '/' && !ctx->cwd)
		return cv_fail(err, ENOENT, "cannot find the current directory");
	*ret = cv_path_abs(a, ctx->cwd, env_dir);
	if (!*ret)
		return cv_fail_nomem(err);
	rc = check_name(*ret, err);
	return rc < 0 ? rc : check_place(a, *ret, err);
}

int cv_environment_target(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_request *request, const char *env_dir, enum cv_clear clear,
	const char **ret_path, struct cv_target *ret_target, struct cv_err *err)
{
	int rc = make_name(ctx, a, request, env_dir, ret_path, err);

	if (rc == 0)
		rc = cv_target_find(ctx, a, *ret_path, clear, ret_target, err);
	return rc < 0 ? rc : check_place(a, ret_target->place, err);
}

void cv_environment_dirs(struct cv_plan *plan, const char *path)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		char *above = cv_strdup(plan->arena, (struct cv_str){ path, (size_t)(p - path) });

		plan->bad |= !above;
		if (above)
			cv_plan_dir(plan, above);
	}
	cv_plan_dir(plan, path);
}

static void plan_directories(const struct cv_layout *layout, struct cv_plan *plan)
{
	cv_environment_dirs(plan, layout->include);
	cv_environment_dirs(plan, layout->purelib);
	if (layout->lib64_link)
		cv_plan_link(plan, "lib64", "lib", CV_KEEP | CV_OPTIONAL);
	if (layout->platlib)
		cv_environment_dirs(plan, layout->platlib);
	cv_environment_dirs(plan, layout->bin);
}

static int plan_configuration(
	const struct cv_environment *m, struct cv_plan *plan, struct cv_err *err)
{
	OWN_BUF struct cv_buf cfg = { 0 };
	int rc = cv_pyvenv_cfg_text(
		&cfg, m->info, &m->layout, m->request, &m->existing, m->prompt_repr, err);

	if (rc == 0)
		cv_plan_file(plan, "pyvenv.cfg", cv_str_dup(plan->arena, cv_buf_slice(&cfg)), 0);
	return rc;
}

static int plan_pip(const struct cv_environment *m, struct cv_plan *plan, struct cv_result *ret,
	struct cv_err *err)
{
	for (size_t i = 0; i < m->pip_count; i++) {
		struct cv_package *package = &ret->packages[ret->package_count++];
		int rc = cv_pip_plan(m->ctx, plan, m->info, &m->layout, &m->existing, &m->pip[i],
			&package->version, err);

		if (rc < 0)
			return rc;
		package->name = m->pip[i].wheel.name;
	}
	return 0;
}

int cv_environment_plan(const struct cv_environment *m, enum cv_part part, struct cv_plan *plan,
	struct cv_result *ret, struct cv_err *err)
{
	struct cv_activate activate = { .env_dir = m->layout.env_dir,
		.prompt = m->layout.prompt,
		.bin = m->layout.bin,
		.shells = CV_ACTIVATE_ALWAYS | m->request->activators,
		.relocatable = m->layout.relocatable };
	int rc = 0;

	switch (part) {
	case CV_PART_DIRECTORIES:
		plan_directories(&m->layout, plan);
		break;
	case CV_PART_GITIGNORE:
		cv_plan_file(plan, ".gitignore", CV_LIT(gitignore), CV_KEEP);
		break;
	case CV_PART_CACHEDIR_TAG:
		cv_plan_file(plan, CV_CACHEDIR_TAG, CV_LIT(CV_CACHEDIR_TEXT), CV_KEEP);
		break;
	case CV_PART_CONFIGURATION:
		rc = plan_configuration(m, plan, err);
		break;
	case CV_PART_PYTHON:
		cv_interpreters_plan(plan, m->info, &m->layout, m->request, &m->existing);
		break;
	case CV_PART_PIP:
		rc = plan_pip(m, plan, ret, err);
		break;
	case CV_PART_SCRIPTS:
		rc = cv_activate_plan(m->ctx, plan, &activate, &ret->activators, err);
		break;
	case CV_PARTS:
		break;
	}
	return rc == 0 && plan->bad ? cv_fail_nomem(err) : rc;
}

static size_t longest(const struct cv_plan *plan)
{
	size_t max = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];
		size_t len = strlen(e->path);

		if (len > max)
			max = len;
		for (size_t k = 0; e->kind == CV_ENTRY_TREE && k < e->tree->count; k++) {
			size_t whole = len + 1 + strlen(e->tree->files[k].path);

			if (whole > max)
				max = whole;
		}
	}
	return max;
}

int cv_environment_fits(
	const struct cv_layout *layout, const struct cv_plan *plan, struct cv_err *err)
{
	size_t len = strlen(layout->env_dir);

	/* Where that is short the names that are too long are the wheel's fault. */
	if (len <= ENV_DIR_SHORT || len + 1 + longest(plan) < PATH_MAX)
		return 0;
	cv_fail_msg(err, ENAMETOOLONG,
		"cannot create an environment in '%s': the names of its files would be too long",
		layout->env_dir);
	return cv_hint(err, -ENAMETOOLONG, "choose a directory with a shorter name");
}

int cv_environment_describe(const struct cv_environment *m, struct cv_arena *a,
	struct cv_result *ret, struct cv_err *err)
{
	const struct cv_layout *layout = &m->layout;

	ret->path = layout->env_dir;
	ret->python = layout->env_exe;
	ret->version = m->info->version;
	ret->implementation = m->info->implementation;
	ret->home = m->info->home;
	ret->base = m->info->base;
	ret->bin = cv_path_join(a, layout->env_dir, layout->bin);
	ret->site_packages = cv_path_join(a, layout->env_dir, layout->purelib);
	ret->prompt = layout->prompt;
	ret->relocatable = layout->relocatable;
	/* An upgrade leaves them alone. */
	if (m->request->upgrade && m->existing.is_environment)
		ret->activators = CV_ACTIVATE_ALWAYS | m->request->activators;
	if (!m->request->prompt && m->request->upgrade && m->existing.prompt.p)
		ret->prompt = cv_repr_read(a, m->existing.prompt);
	return ret->bin && ret->site_packages && ret->prompt ? 0 : cv_fail_nomem(err);
}
