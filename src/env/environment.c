/* SPDX-License-Identifier: MIT */
#include "env/environment.h"

#include <errno.h>
#include <string.h>

#include "base/cachedir.h"
#include "base/own.h"
#include "base/path.h"
#include "env/activate.h"
#include "env/interpreters.h"
#include "env/pyvenv_cfg.h"

enum { ENV_DIR_SHORT = 256 };

#define GITIGNORE "# Created by venv; see https://docs.python.org/3/library/venv.html"

static const char gitignore[] = GITIGNORE "\n*\n";
static const char windows_gitignore[] = GITIGNORE "\r\n*\r\n"; /* written in text mode */

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
	const struct cv_environment *m, struct cv_plan *plan, struct cvenv_error *err)
{
	OWN_BUF struct cv_buf cfg = { 0 };
	int rc = cv_pyvenv_cfg_text(
		&cfg, m->info, &m->layout, m->request, &m->existing, m->prompt_repr, err);

	if (rc == 0)
		cv_plan_file(plan, "pyvenv.cfg", cv_str_dup(plan->arena, cv_buf_slice(&cfg)), 0);
	return rc;
}

static int plan_pip(const struct cv_environment *m, struct cv_plan *plan,
	struct cv_outcome *outcome, struct cvenv_error *err)
{
	for (size_t i = 0; i < m->pip_count; i++) {
		struct cvenv_package *package = &outcome->packages[outcome->package_count++];
		struct cv_str version = { 0 };
		int rc = cv_pip_plan(m->ctx, plan, m->info, &m->layout, &m->installed[i],
			&m->pip[i], &version, err);

		if (rc < 0)
			return rc;
		package->name = cv_strdup(plan->arena, m->pip[i].wheel.name);
		package->version = cv_strdup(plan->arena, version);
		plan->bad |= !package->name || !package->version;
	}
	return 0;
}

unsigned cv_environment_scripts(const struct cv_info *info, unsigned activators)
{
	return cv_activators_of(activators, info->windows, info->minor);
}

int cv_environment_plan(const struct cv_environment *m, enum cv_part part, struct cv_plan *plan,
	struct cv_outcome *outcome, struct cvenv_error *err)
{
	struct cv_activate activate = { .env_dir = m->layout.env_dir,
		.prompt = m->layout.prompt,
		.bin = m->layout.bin,
		.scripts = cv_environment_scripts(m->info, m->activators),
		.relocatable = m->layout.relocatable,
		.windows = m->info->windows };
	int rc = 0;

	switch (part) {
	case CV_PART_DIRECTORIES:
		plan_directories(&m->layout, plan);
		break;
	case CV_PART_GITIGNORE:
		cv_plan_file(plan, ".gitignore",
			m->info->windows ? CV_LIT(windows_gitignore) : CV_LIT(gitignore), CV_KEEP);
		break;
	case CV_PART_CACHEDIR_TAG:
		cv_plan_file(plan, CV_CACHEDIR_TAG, CV_LIT(CV_CACHEDIR_TEXT), CV_KEEP);
		break;
	case CV_PART_CONFIGURATION:
		rc = plan_configuration(m, plan, err);
		break;
	case CV_PART_PYTHON:
		cv_interpreters_plan(plan, m->info, &m->layout, &m->existing);
		break;
	case CV_PART_PIP:
		rc = plan_pip(m, plan, outcome, err);
		break;
	case CV_PART_SCRIPTS:
		rc = cv_activate_plan(m->ctx, plan, &activate, &outcome->activators, err);
		break;
	case CV_PARTS:
		break;
	}
	return rc == 0 && plan->bad ? cv_fail_nomem(err) : rc;
}

size_t cv_environment_longest(const struct cv_plan *plan)
{
	size_t max = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];
		size_t len = strlen(e->path);

		if (len > max)
			max = len;
		for (size_t k = 0; e->kind == CVENV_ENTRY_TREE && k < e->tree->count; k++) {
			size_t whole = len + 1 + strlen(e->tree->files[k].path);

			if (whole > max)
				max = whole;
		}
	}
	return max;
}

int cv_environment_fits(
	const struct cv_layout *layout, const struct cv_plan *plan, struct cvenv_error *err)
{
	size_t len = strlen(layout->env_dir);

	/* If ENV_DIR is short, the names in the wheel are too long, which publishing reports. */
	if (len <= ENV_DIR_SHORT || len + 1 + cv_environment_longest(plan) < CV_PATH_MAX)
		return 0;
	cv_fail_msg(err, ENAMETOOLONG,
		"cannot create an environment in '%s': the names of its files would be too long",
		layout->env_dir);
	return cv_hint(err, -ENAMETOOLONG, "choose a directory with a shorter name");
}

int cv_environment_describe(const struct cv_environment *m, struct cv_arena *a,
	struct cv_outcome *outcome, struct cvenv_result *ret, struct cvenv_error *err)
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
	ret->packages = outcome->packages;
	ret->package_count = outcome->package_count;
	outcome->relocatable = layout->relocatable;
	/* An upgrade does not change them. */
	if (m->request->upgrade && m->existing.is_environment)
		outcome->activators = cv_environment_scripts(m->info, m->activators);
	if (!m->request->prompt && m->request->upgrade && m->existing.prompt.p)
		ret->prompt = cv_repr_read(a, m->existing.prompt);
	return ret->bin && ret->site_packages && ret->prompt ? 0 : cv_fail_nomem(err);
}
