/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "finished/check_in.h"
#include "wheel/wheel.h"

static int by_name(const void *a, const void *b)
{
	const struct cv_check_package *const *x = a, *const *y = b;
	int d = strcmp((*x)->key, (*y)->key);

	return d ? d : strcmp((*x)->info, (*y)->info);
}

static bool is_leftover(const struct cv_found *found)
{
	return found->name.p[0] == '~'; /* pip renames what it is about to delete */
}

static int fill(struct cv_check *c, struct cv_check_package *p, const struct cv_found *found,
	struct cvenv_error *err)
{
	p->found = found;
	p->site = c->env->sites[found->site];
	p->info = cv_path_join(c->arena, p->site, found->entry);
	p->key = cv_wheel_name_key(c->arena, found->name);
	p->name = cv_strfmt(c->arena, "%.*s", CV_ARG(found->name));
	if (!p->info || !p->key || !p->name)
		return cv_fail_nomem(err);
	p->cure = strcmp(p->key, "pip") == 0 ? CV_CURE_REPAIR : CV_CURE_REINSTALL;
	return 0;
}

static void check_twice(struct cv_check *c, struct cv_check_package **sorted, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct cv_check_package *a = sorted[i - 1], *b = sorted[i];

		/* an editable project may have egg-info beside its egg-link */
		if (strcmp(a->key, b->key) != 0 || a->found->kind == CV_FOUND_EGG_LINK ||
			b->found->kind == CV_FOUND_EGG_LINK)
			continue;
		cv_finding_add_as(c->to, CV_FINDING_DISTRIBUTION_TWICE, CVENV_DEFECT, b->cure,
			b->name, b->info, "%s is installed twice, by '%s' and '%s'", b->name,
			a->found->entry, b->found->entry);
	}
}

static bool has_pip_script(const struct cv_check *c)
{
	const char *windows = "pip.exe", *posix = "pip";
	const struct cv_program *p = cv_finished_program(c->env, CV_WINDOWS ? windows : posix);

	return p && p->file;
}

static void check_pip(struct cv_check *c, struct cv_check_package *const *sorted, size_t count)
{
	const char *package;

	for (size_t i = 0; i < count; i++)
		if (strcmp(sorted[i]->key, "pip") == 0)
			return;
	package = c->env->site_count ? cv_path_join(c->arena, c->env->sites[0], "pip") : NULL;
	if (has_pip_script(c) || (package && cv_contents_find(&c->contents, package)))
		cv_finding_add(c->to, CV_FINDING_PIP_BROKEN, package,
			"pip is not installed, but a part of it is left");
	else
		cv_finding_add(c->to, CV_FINDING_PIP_MISSING, NULL, "pip is not installed");
}

static int list_packages(struct cv_check *c, struct cv_check_package ***ret, size_t *ret_count,
	struct cvenv_error *err)
{
	size_t room = c->env->found_count + 1;
	struct cv_check_package **sorted = cv_new(c->arena, struct cv_check_package *, room);
	struct cv_check_package *all = cv_new(c->arena, struct cv_check_package, room);
	int rc = sorted && all ? 0 : cv_fail_nomem(err);

	*ret = sorted;
	*ret_count = 0;
	for (size_t i = 0; i < c->env->found_count && rc == 0; i++) {
		struct cv_check_package *p = &all[*ret_count];

		rc = fill(c, p, &c->env->found[i], err);
		if (rc < 0)
			break;
		if (is_leftover(p->found))
			cv_finding_add_as(c->to, CV_FINDING_INTERRUPTED, CVENV_DEFECT, CV_CURE_NONE,
				NULL, p->info, "'%s' was left behind by an interrupted run of pip",
				p->info);
		else
			sorted[(*ret_count)++] = p;
	}
	return rc;
}

int cv_check_packages(struct cv_check *c, struct cvenv_error *err)
{
	struct cv_check_package **sorted;
	size_t count;
	int rc = list_packages(c, &sorted, &count, err);

	if (rc < 0)
		return rc;
	if (count)
		qsort(sorted, count, sizeof(struct cv_check_package *), by_name);
	check_twice(c, sorted, count);
	check_pip(c, sorted, count);
	for (size_t i = 0; i < count && rc == 0; i++) {
		cv_progress(c->ctx, CVENV_PHASE_COMPARE, c->env->env_dir, i, count);
		rc = cv_check_record(c, sorted[i], err);
	}
	if (rc == 0)
		cv_progress(c->ctx, CVENV_PHASE_COMPARE, c->env->env_dir, count, count);
	return rc;
}
