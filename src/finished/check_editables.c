/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "finished/check_in.h"
#include "wheel/direct_url.h"
#include "wheel/python_edit.h"

enum { TEXT_MAX = 1 << 20 };

/* Directories that are gone: several files name each. */
struct gone {
	const char *dir;
	const struct gone *next;
};

struct editables {
	struct cv_check *check;
	const struct gone *gone;
	size_t gone_count;
};

static bool is_known(const struct editables *e, const char *path)
{
	for (const struct gone *g = e->gone; g; g = g->next)
		if (cv_path_within(path, g->dir))
			return true;
	return false;
}

/* FILE says that packages are in TEXT, a path. NAME is the distribution; NULL: unknown. */
static void check_dir(struct editables *e, const char *file, const char *name, struct cv_str text)
{
	struct cv_check *c = e->check;
	const char *path = cv_strdup(c->arena, text);
	struct gone *gone;

	if (!path || !cv_path_is_abs(path) || memchr(text.p, '\0', text.n)) {
		c->to->bad |= path == NULL;
		return;
	}
	path = cv_path_abs(c->arena, NULL, path);
	if (path && (cv_check_is_former(c, path) || is_known(e, path) ||
			    !cv_err_missing(-cv_os_access(CV_OS_ABSOLUTE, path, CV_OS_MAY_EXIST))))
		return;
	gone = path ? cv_new(c->arena, struct gone, 1) : NULL;
	if (!gone) {
		c->to->bad = true;
		return;
	}
	*gone = (struct gone){ path, e->gone };
	if (e->gone_count++ < CV_FINDINGS_PER_KIND) /* what follows is only counted */
		e->gone = gone;
	if (name)
		cv_finding_add(c->to, CV_FINDING_EDITABLE_MISSING, file,
			"%s is imported from '%s', which does not exist", name, path);
	else
		cv_finding_add(c->to, CV_FINDING_EDITABLE_MISSING, file,
			"'%s' names '%s', which does not exist", file, path);
}

/* As the module site reads it: each line is a path, or code that begins with "import". */
static void check_pth(struct editables *e, const char *file, struct cv_str text)
{
	struct cv_str line;

	while (cv_str_cut(&text, '\n', &line)) {
		bool code = cv_str_starts(line, CV_LIT("import ")) ||
			    cv_str_starts(line, CV_LIT("import\t"));

		line = cv_str_trim(line);
		if (line.n && line.p[0] != '#' && !code)
			check_dir(e, file, NULL, line);
	}
}

/* What direct_url.json says is told first: it names the project, others parts of it. */
static int check_direct_urls(struct editables *e, struct cvenv_error *err)
{
	struct cv_check *c = e->check;
	int rc = 0;

	for (size_t i = 0; i < c->env->found_count && rc >= 0; i++) {
		const struct cv_found *found = &c->env->found[i];
		const char *site = c->env->sites[found->site], *dir = NULL;
		const char *file = cv_strfmt(c->arena, "%s/%s/direct_url.json", site, found->entry);
		const char *name = cv_strdup(c->arena, found->name);
		struct cv_str text;

		if (!file || !name)
			return cv_fail_nomem(err);
		if (!cv_contents_find(&c->contents, file))
			continue;
		rc = cv_below_text(&c->below, file, CV_DIRECT_URL_MAX, &text, err);
		if (rc > 0 && cv_direct_url_editable(c->arena, text, &dir) < 0)
			return cv_fail_nomem(err);
		if (dir)
			check_dir(e, file, name, cv_str(dir));
	}
	return rc < 0 ? rc : 0;
}

/* A module that finds the modules of an editable project, by paths that it contains as strings. */
static int check_finder(struct editables *e, const char *file, struct cv_str text)
{
	struct cv_python_reader reader = { .rest = text };
	struct cv_python_literal literal;
	int rc;

	while ((rc = cv_python_next(e->check->arena, &reader, &literal)) > 0)
		if (literal.value.n > 1)
			check_dir(e, file, NULL, literal.value);
	return rc == -ENOMEM ? rc : 0;
}

/* As setuptools, hatchling, pdm, scikit-build-core and meson-python name it. */
static bool is_finder(const char *path)
{
	struct cv_str base = cv_str(cv_path_base(path));

	return cv_str_ends(base, CV_LIT(".py")) &&
	       (cv_str_starts(base, CV_LIT("__editable__")) ||
		       cv_str_starts(base, CV_LIT("_editable_impl_")) ||
		       (base.p[0] == '_' && cv_str_find(base, CV_LIT("_editable"))));
}

static bool is_in_site(const struct cv_check *c, const char *path)
{
	for (size_t i = 0; i < c->env->site_count; i++) {
		const char *name = cv_path_below(path, c->env->sites[i]);

		if (name && name[0] && !strchr(name, '/'))
			return true;
	}
	return false;
}

int cv_check_editables(struct cv_check *c, struct cvenv_error *err)
{
	struct editables e = { c, NULL, 0 };
	int rc = check_direct_urls(&e, err);

	for (size_t i = 0; i < c->contents.count && rc >= 0; i++) {
		const struct cv_content *file = &c->contents.all[i];
		bool pth = cv_str_ends(cv_str(file->path), CV_LIT(".pth"));
		bool link = cv_str_ends(cv_str(file->path), CV_LIT(".egg-link"));
		struct cv_str text, line;

		if (file->type != CV_OS_FILE || !is_in_site(c, file->path) ||
			(!pth && !link && !is_finder(file->path)))
			continue;
		rc = cv_below_text(&c->below, file->path, TEXT_MAX, &text, err);
		if (rc <= 0)
			continue;
		if (pth)
			check_pth(&e, file->path, text);
		else if (!link)
			rc = check_finder(&e, file->path, text);
		else if (cv_str_cut(&text, '\n', &line))
			check_dir(&e, file->path, NULL, cv_str_trim(line));
	}
	return rc == -ENOMEM ? cv_fail_nomem(err) : rc < 0 ? rc : 0;
}
