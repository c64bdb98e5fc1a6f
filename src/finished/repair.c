/* SPDX-License-Identifier: MIT */
#include "finished/repair.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/create.h"
#include "create/env_dir.h"
#include "create/existing.h"
#include "create/installed.h"
#include "finished/check.h"
#include "finished/recreate.h"
#include "finished/repair_in.h"
#include "finished/requirements.h"
#include "fs/changes.h"
#include "fs/file.h"
#include "fs/publish.h"

enum { EXECUTE = 0111 };

static bool dry_run(const struct cv_repair *r)
{
	return r->flags & CVENV_DRY_RUN;
}

static bool is_repaired(const struct cv_finding *f)
{
	return strcmp(f->cure, "repair") == 0;
}

/* Leftovers that the run could not delete AFTERWARDS do not count: it has warned of them. */
static size_t count_bad(const struct cv_findings *findings, bool afterwards)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct cv_finding *f = &findings->all[i];

		n += f->severity != CVENV_NOTE &&
		     !(afterwards && is_repaired(f) && f->kind == CV_FINDING_INTERRUPTED);
	}
	return n;
}

/* In a dry run: keep the findings that a run would not repair. */
static void drop_repaired(struct cv_findings *findings)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (!is_repaired(&findings->all[i]))
			findings->all[n++] = findings->all[i];
	findings->count = n;
}

/* --- pip ------------------------------------------------------------------------------------- */

/* Is it about files of pip? All findings of other packages have another cure. */
static bool is_of_pip(const struct cv_finding *f)
{
	return ((f->kind >= CV_FINDING_RECORD_MISSING &&
			f->kind <= CV_FINDING_DISTRIBUTION_TWICE) ||
		       f->kind == CV_FINDING_PIP_BROKEN) &&
	       strcmp(f->cure, "repair") == 0;
}

/* Would the program that made the environment have installed pip? */
static bool had_pip(const struct cv_finished *env)
{
	struct cv_str command = cv_cfg_value(&env->cfg, "command");
	bool cvenv = env->maker == CVENV_MAKER_CVENV && command.p;

	return (cvenv || (env->maker == CVENV_MAKER_VENV && command.p)) &&
	       !cv_str_find(command, CV_LIT("--without-pip"));
}

static bool needs_pip(const struct cv_repair *r)
{
	if (r->request->without_pip)
		return false;
	for (size_t i = 0; i < r->findings->count; i++)
		if (is_of_pip(&r->findings->all[i]))
			return true;
	return cv_findings_have(r->findings, CV_FINDING_PIP_MISSING) && had_pip(&r->env);
}

/* Of two files with one path, that of pip's plan counts, which begins at the entry FIRST. */
static void drop_twins(struct cv_plan *plan, size_t first)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++) {
		bool twin = false;

		for (size_t k = first; i < first && k < plan->count && !twin; k++)
			twin = plan->entries[i].kind == CVENV_ENTRY_FILE &&
			       plan->entries[k].kind == CVENV_ENTRY_FILE &&
			       strcmp(plan->entries[i].path, plan->entries[k].path) == 0;
		if (!twin)
			plan->entries[n++] = plan->entries[i];
	}
	plan->count = n;
}

static int plan_pip(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	struct cv_installed_versions installed = { 0 };
	struct cv_existing existing;
	struct cv_str version;
	size_t first = s->plan.count;
	int rc;

	if (!r->needs_pip)
		return 0;
	rc = cv_session_pip(s, &r->how, r->target.env_dir, err);
	if (rc == -CVENV_ENOWHEEL && err) { /* all else can be repaired */
		cv_log(s->ctx, CVENV_LOG_WARNING, "not repairing pip: %s", err->message);
		return 0;
	}
	if (rc == 0)
		rc = cv_existing_read(&s->once, r->target.dir, &r->layout, &existing, err);
	if (rc == 0)
		rc = cv_installed_versions(&s->once, r->target.dir, &r->layout, s->info.cache_tag,
			&existing, &s->pip[0].wheel, &installed, err);
	if (rc == 0)
		rc = cv_pip_plan(s->ctx, &s->plan, &s->info, &r->layout, &installed, &s->pip[0],
			&version, err);
	drop_twins(&s->plan, first);
	return rc;
}

/* --- modes ----------------------------------------------------------------------------------- */

static struct cv_entry *planned_file(struct cv_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].kind == CVENV_ENTRY_FILE &&
			strcmp(plan->entries[i].path, path) == 0)
			return &plan->entries[i];
	return NULL;
}

static int make_executable(struct cv_repair *r, const char *path, struct cvenv_error *err)
{
	struct cv_plan *plan = &r->session->plan;
	struct cv_entry *e = planned_file(plan, path);
	OWN_OS_DIR struct cv_os_dir bin = CV_OS_NO_DIR;
	struct cv_os_stat st;
	struct cv_str text;
	int rc;

	if (e) {
		e->mode |= e->flags & CV_EXACT_MODE ? EXECUTE : 0;
		return 0;
	}
	rc = cv_os_open_dir(r->env.dir, r->env.bin, CV_OS_NOFOLLOW, &bin);
	if (rc < 0)
		return cv_err_passes(-rc) ? cv_fail(err, -rc, "cannot open '%s'", r->env.bin) : 0;
	rc = cv_read_file_stat(bin, cv_path_base(path), CV_OS_NOFOLLOW, CV_TEXTS_FILE_MAX,
		plan->arena, &text, &st, err);
	if (rc < 0)
		return cv_err_passes(-rc) ? rc : 0;
	cv_plan_file_mode(plan, path, text, (st.mode & CV_OS_PERMISSIONS) | EXECUTE);
	return 0;
}

static int plan_modes(struct cv_repair *r, struct cvenv_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < r->findings->count && rc == 0; i++) {
		const struct cv_finding *f = &r->findings->all[i];

		if (f->kind == CV_FINDING_SCRIPT_NOT_EXECUTABLE && f->file && r->env.bin)
			rc = make_executable(r, f->file, err);
	}
	return rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int examine(struct cv_repair *r, struct cvenv_error *err)
{
	cv_arena_done(r->findings->arena);
	*r->findings = (struct cv_findings){ .arena = r->findings->arena };
	return cv_examine(r->session, &r->env, false, r->findings, err);
}

/* What is left to do. If that cannot be told, the error must say that all else is done. */
static int examine_again(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	int rc;

	cv_finished_close(&r->env);
	rc = cv_finished_open(s->ctx, &s->once, r->target.env_dir, 0, &r->env, err);
	if (rc == 0)
		rc = examine(r, err);
	r->published = true;
	if (rc >= 0)
		return rc;
	(void)cv_wrap(err, rc, "environment '%s' was repaired, but cannot be checked again",
		r->target.env_dir);
	if (err)
		err->code = CVENV_ECHANGED;
	return -CVENV_ECHANGED;
}

static int open_all(struct cv_repair *r, const char *env_dir, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	const char *path = NULL;
	int rc = env_dir[0] ? cv_env_dir_find(s->ctx, &s->once, r->request, env_dir,
				      CV_CLEAR_NOTHING, &path, &r->target, err)
			    : cv_finished_none(env_dir, "an empty name", err);

	if (path && (rc == -ENOTDIR || (rc == 0 && !r->target.exists)))
		rc = cv_finished_no_dir(path, err);
	if (rc == 0 && !dry_run(r))
		rc = cv_target_lock(s->ctx, &r->target, err);
	if (rc == 0)
		rc = cv_finished_open(s->ctx, &s->once, r->target.env_dir, 0, &r->env, err);
	if (rc == 0 && !cv_finished_is(&r->env, r->target.dir))
		rc = cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to repair '%s': another process replaced it", r->target.env_dir);
	if (rc == 0)
		rc = cv_target_check(s->ctx, &r->target, err);
	if (rc == 0)
		rc = examine(r, err);
	r->needs_pip = rc == 0 && needs_pip(r);
	return rc;
}

/* The directories of the files, which are in the stage only if the plan has them first. */
static int plan_dirs(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_plan *plan = &r->session->plan;
	struct cv_plan all = { .arena = plan->arena };
	const char *last = "";

	for (size_t i = 0; i < plan->count; i++) {
		const char *dir = plan->entries[i].kind == CVENV_ENTRY_FILE
					  ? cv_path_dir(plan->arena, plan->entries[i].path)
					  : last;

		if (dir && dir[0] && strcmp(dir, last) != 0)
			cv_environment_dirs(&all, dir);
		all.bad |= !dir;
		last = dir ? dir : last;
	}
	cv_plan_append(&all, plan);
	*plan = all;
	return plan->bad ? cv_fail_nomem(err) : 0;
}

/* What this user may not read, and was not repaired; NULL: nothing. */
static const char *unread(const struct cv_repair *r)
{
	return r->left.denied ? r->left.denied : r->env.denied;
}

static int plan_all(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	int rc = cv_repair_plan_base(r, err);

	if (rc == 0)
		rc = cv_repair_set_texts(r, err);
	if (rc == 0)
		rc = cv_texts(s->ctx, &s->once, &r->env, &r->rewriting, &s->plan, &r->left, err);
	if (rc == 0 && unread(r))
		cv_log(s->ctx, CVENV_LOG_WARNING, "cannot read '%s' in '%s': %s", unread(r),
			r->env.env_dir, cv_err_text(EACCES));
	if (rc == 0)
		rc = plan_pip(r, err);
	if (rc == 0)
		rc = plan_modes(r, err);
	return rc == 0 ? plan_dirs(r, err) : rc;
}

/* Drop from WHOLE the files and links that are not in REDUCED, which has the same order. */
static void drop_unchanged(struct cv_plan *whole, const struct cv_plan *reduced)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < whole->count; i++) {
		const struct cv_entry *e = &whole->entries[i];
		bool changes = k < reduced->count && reduced->entries[k].path == e->path;

		k += changes;
		/* Files of a tree are kept one by one. */
		if (changes || e->kind == CVENV_ENTRY_DIR || e->kind == CVENV_ENTRY_TREE)
			whole->entries[n++] = *e;
	}
	whole->count = n;
}

/* *RET_WHOLE is the plan; session->plan what of it changes anything. */
static int reduce(struct cv_repair *r, struct cv_plan *ret_whole, struct cvenv_error *err)
{
	struct cv_plan *plan = &r->session->plan;
	size_t count = plan->count;
	int rc;

	*ret_whole = *plan;
	plan->entries = cv_new(plan->arena, struct cv_entry, count + 1);
	if (!plan->entries)
		return cv_fail_nomem(err);
	if (count)
		memcpy(plan->entries, ret_whole->entries, count * sizeof(struct cv_entry));
	plan->room = count + 1;
	rc = cv_changes(plan, r->target.dir, err);
	drop_unchanged(ret_whole, plan);
	return rc;
}

static void describe(const struct cv_repair *r, struct cvenv_change *ret)
{
	const struct cv_plan *plan = &r->session->plan;

	ret->left = r->left.paths;
	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		ret->files += e->kind == CVENV_ENTRY_TREE ? cv_entry_files(e) : 1;
		ret->rewritten += e->kind == CVENV_ENTRY_FILE;
	}
}

static int publish(struct cv_repair *r, struct cvenv_change *ret, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	struct cv_plan whole;
	int rc = reduce(r, &whole, err);

	if (rc == 0)
		describe(r, ret);
	if (rc < 0 || dry_run(r))
		return rc;
	if (s->plan.count == 0 && !cv_findings_have(r->findings, CV_FINDING_INTERRUPTED))
		return 0;
	rc = cv_publish(
		s->ctx, &s->once, &whole, &r->target, s->request->link_mode, &ret->link_mode, err);
	return rc == 0 ? examine_again(r, err) : rc;
}

static int recreate(struct cv_repair *r, struct cvenv_change *ret, struct cvenv_error *err)
{
	int rc = cv_recreate(r, ret, err);

	if (rc == 0 && !dry_run(r))
		rc = examine_again(r, err);
	if (dry_run(r)) /* of a new environment, nothing is known */
		r->findings->count = 0;
	ret->remaining = count_bad(r->findings, r->published);
	return rc;
}

/* No Python of that X.Y: tell what is installed. */
static int tell_requirements(struct cv_repair *r, struct cvenv_change *ret)
{
	struct cv_arena *a = &r->session->once;
	struct cv_requirements requirements;

	if (cv_requirements_read(r->session->ctx, a, &r->env, &requirements, NULL) == 0)
		ret->requirements = cv_requirements_lines(a, &requirements);
	return -CVENV_ENOPYTHON;
}

static int attempt(
	struct cv_repair *r, const char *env_dir, struct cvenv_change *ret, struct cvenv_error *err)
{
	int rc = open_all(r, env_dir, err);

	ret->path = r->target.env_dir;
	if (rc < 0)
		return rc;
	ret->findings = count_bad(r->findings, r->published);
	rc = cv_repair_find_base(r, err);
	if (rc == -CVENV_ENOPYTHON)
		return tell_requirements(r, ret);
	if (rc == 0 && r->recreate)
		return recreate(r, ret, err);
	if (rc == 0)
		rc = plan_all(r, err);
	if (rc == 0)
		rc = publish(r, ret, err);
	if (dry_run(r) && rc == 0)
		drop_repaired(r->findings);
	ret->remaining = count_bad(r->findings, r->published) + (unread(r) != NULL);
	return rc;
}

static void begin(struct cv_repair *r)
{
	struct cv_session *s = r->session;

	cv_arena_done(&s->once);
	s->plan = (struct cv_plan){ .arena = &s->once };
	s->request = &r->how;
	s->has_info = s->has_pip = false;
}

/* The next environment of this session finds its own base interpreter. */
static void end(struct cv_repair *r)
{
	struct cv_session *s = r->session;

	cv_finished_close(&r->env);
	cv_target_close(&r->target);
	cv_session_end_temporary(s);
	s->request = r->request;
	s->has_info = s->has_pip = false;
}

int cv_repair(struct cv_session *s, const char *env_dir, unsigned flags,
	struct cv_findings *ret_findings, struct cvenv_change *ret, struct cvenv_error *err)
{
	const struct cvenv_options *request = s->request;
	bool again = true;
	int rc = 0;

	if (flags & CVENV_DRY_RUN)
		cv_session_read_only(s, true);
	for (int tries = 0; again; tries++) {
		struct cv_repair r = { .session = s,
			.request = request,
			.how = *request,
			.flags = flags,
			.findings = ret_findings };

		begin(&r);
		*ret = (struct cvenv_change){ .link_mode = CVENV_LINK_COPY };
		rc = attempt(&r, env_dir, ret, err);
		again = rc == -CVENV_ECORRUPT && tries < CV_ATTEMPTS_MAX;
		if (again)
			cv_session_evict(s, tries, err); /* unpack the wheel again */
		end(&r);
	}
	if (flags & CVENV_DRY_RUN)
		cv_session_read_only(s, false);
	return rc;
}
