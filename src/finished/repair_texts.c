/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/path.h"
#include "env/activation.h"
#include "finished/below.h"
#include "finished/repair_in.h"

/* Which places and which scripts of an environment are repaired. */

static const enum cv_finding_kind of_scripts[] = {
	CV_FINDING_SCRIPT_PYTHON_MISSING,
	CV_FINDING_SCRIPT_PYTHON_OTHER,
	CV_FINDING_SCRIPT_LINE_LONG,
	CV_FINDING_ACTIVATION_OTHER,
};

static bool is_one_of(const struct cv_finding *f, const enum cv_finding_kind *kinds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (f->kind == kinds[i] && strcmp(f->cure, "repair") == 0)
			return true;
	return false;
}

static int set_repaired(struct cv_repair *r, struct cvenv_error *err)
{
	const char **names = cv_new(&r->session->once, const char *, r->findings->count + 1);

	if (!names)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < r->findings->count; i++) {
		const struct cv_finding *f = &r->findings->all[i];

		if (f->file && is_one_of(f, of_scripts, sizeof(of_scripts) / sizeof(of_scripts[0])))
			names[r->rewriting.repaired_count++] = cv_path_base(f->file);
	}
	r->rewriting.repaired = names;
	return 0;
}

/* Does DIR lead to the environment? */
static bool leads_here(const struct cv_repair *r, const char *dir)
{
	struct cv_os_stat st;

	return cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &st) == 0 &&
	       cv_os_same(&st, &r->env.st);
}

/* The environment that the activation script P names; *ret is NULL if it is this one, or unclear.
 */
static int other_place(struct cv_repair *r, struct cv_below *below, const struct cv_program *p,
	const char **ret, struct cvenv_error *err)
{
	struct cv_arena *a = &r->session->once;
	const char *file = cv_path_join(a, r->env.bin, p->name);
	struct cv_activation is = { 0 };
	struct cv_str text = { 0 };
	int rc = file ? cv_below_text(below, file, CV_ACTIVATION_MAX, &text, err)
		      : cv_fail_nomem(err);

	*ret = NULL;
	if (rc <= 0)
		return rc;
	rc = cv_activation_read(a, p->name, text, r->env.prompt, &is);
	if (rc < 0 || !is.dir)
		return rc < 0 ? cv_fail_nomem(err) : 0;
	*ret = cv_path_is_abs(is.dir) ? cv_path_abs(a, NULL, is.dir) : NULL;
	if (*ret && leads_here(r, *ret))
		*ret = NULL;
	return 0;
}

/*
 * An environment without scripts, as uv makes it, only names its former place in its activation
 * scripts. It is one if --check says that the environment was moved.
 */
static int add_places(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_arena *a = &r->session->once;
	struct cv_below below = { .arena = a, .top = r->env.dir, .name = r->env.env_dir };
	int rc = 0;

	for (size_t i = 0; i < r->env.program_count && rc == 0; i++) {
		const struct cv_program *p = &r->env.programs[i];
		const char *dir = NULL;

		if (p->kind != CV_PROGRAM_ACTIVATION || !p->file || !cv_activation_named(p->name))
			continue;
		rc = other_place(r, &below, p, &dir, err);
		if (rc == 0 && dir && !cv_rewriting_add(a, &r->rewriting, dir, r->env.env_dir))
			rc = cv_fail_nomem(err);
	}
	cv_below_close(&below);
	return rc;
}

/* Former places become this one; ENV_DIR under another name, such as a link, stays. */
static int set_pairs(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_arena *a = &r->session->once;
	const char *to = r->env.env_dir;

	r->rewriting.env_dir = to;
	for (size_t i = 0; i < r->env.recorded_count; i++)
		if (!cv_rewriting_add(a, &r->rewriting, r->env.recorded[i], to))
			return cv_fail_nomem(err);
	return cv_findings_have(r->findings, CV_FINDING_MOVED) ? add_places(r, err) : 0;
}

int cv_repair_set_texts(struct cv_repair *r, struct cvenv_error *err)
{
	int rc = set_pairs(r, err);

	r->rewriting.activate.prompt = cv_layout_prompt(r->session->ctx, r->request->prompt);
	return rc == 0 ? set_repaired(r, err) : rc;
}
