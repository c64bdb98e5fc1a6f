/* SPDX-License-Identifier: MIT */
#include "create/create.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/apart.h"
#include "create/env_dir.h"
#include "create/existing.h"
#include "create/installed.h"
#include "create/leftovers.h"
#include "create/redirect.h"
#include "create/store_python.h"
#include "create/upgrade_deps.h"
#include "create/warnings.h"
#include "fs/changes.h"
#include "fs/publish.h"

static int check_upgrade_deps(
	struct cv_session *s, const struct cv_existing *existing, struct cvenv_error *err)
{
	if (!s->request->upgrade_deps || !s->request->without_pip ||
		cv_existing_find(existing, CV_LIT("pip")))
		return 0;
	return cv_fail_msg(
		err, EINVAL, "cannot upgrade dependencies: with --without-pip there is no pip");
}

/* "3.12" for "3.12.1". */
static struct cv_str minor_of(struct cv_str version)
{
	struct cv_str rest = version, major, minor;

	(void)cv_str_cut(&rest, '.', &major);
	(void)cv_str_cut(&rest, '.', &minor);
	return minor.p ? (struct cv_str){ version.p, major.n + 1 + minor.n } : version;
}

/*
 * The new Python does not import the old one's packages, on Windows only their extension modules.
 * The user may not know: python3 on PATH can have changed.
 */
static void warn_of_another_python(
	const struct cv_session *s, const char *path, const struct cv_existing *existing)
{
	struct cv_str old = minor_of(existing->version), new = minor_of(cv_str(s->info.version));

	if (old.p && !cv_str_eq(old, new))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"'%s' changes from Python %.*s to %.*s: %s installed for %.*s will not be "
			"importable",
			path, CV_ARG(old), CV_ARG(new),
			s->info.windows ? "extension modules" : "packages", CV_ARG(old));
}

/* CPython creates it without a warning. */
static void warn_of_upgrading_nothing(
	const struct cv_session *s, const char *path, const struct cv_existing *existing)
{
	if (s->request->upgrade && !existing->is_environment)
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"no environment to upgrade in '%s': creating one without activation "
			"scripts",
			path);
}

static int check_target(struct cv_session *s, const char *env_dir, const char **ret_path,
	struct cv_target *ret_target, struct cvenv_error *err)
{
	return cv_env_dir_find(s->ctx, &s->once, s->request, env_dir, cv_session_clear(s->request),
		ret_path, ret_target, err);
}

int cv_create_check(struct cv_session *s, const char *env_dir, struct cvenv_error *err)
{
	struct cv_target target = { 0 };
	const char *path = NULL;
	struct cv_redirect redirect;
	int rc;

	cv_arena_done(&s->once);
	s->plan = cv_session_plan(s, &s->once);
	rc = check_target(s, env_dir, &path, &target, err);
	if (rc == 0)
		rc = cv_target_check(s->ctx, &target, err);
	if (rc == 0)
		rc = cv_redirect_plan(s->ctx, &s->once, s->request, &target, &redirect, err);
	cv_target_close(&target);
	return rc;
}

/* Read what exists in ENV_DIR, unless it will be deleted. */
static int read_existing(struct cv_session *s, const struct cv_target *target,
	struct cv_environment *m, struct cvenv_error *err)
{
	struct cv_os_dir env = target->clear ? CV_OS_NO_DIR : target->dir;
	int rc = cv_existing_read(&s->once, env, &m->layout, &m->existing, err);

	if (rc == 0)
		rc = cv_leftovers_read(
			&s->once, env, &s->info, &m->layout, s->request, &m->existing, err);
	if (rc < 0)
		return rc;
	warn_of_another_python(s, target->env_dir, &m->existing);
	warn_of_upgrading_nothing(s, target->env_dir, &m->existing);
	if (s->request->upgrade)
		m->layout.relocatable |= m->existing.relocatable;
	return check_upgrade_deps(s, &m->existing, err);
}

/* Get the packages to install, and their existing versions. */
static int read_packages(struct cv_session *s, const struct cv_target *target,
	struct cv_environment *m, struct cvenv_error *err)
{
	int rc = 0;

	if (s->request->without_pip)
		return 0;
	rc = cv_session_pip(s, s->request, target->env_dir, err);
	m->pip = s->pip;
	m->pip_count = s->pip_count;
	for (size_t i = 0; i < s->pip_count && rc == 0; i++)
		rc = cv_installed_versions(&s->once, target->clear ? CV_OS_NO_DIR : target->dir,
			&m->layout, s->info.cache_tag, &m->existing, &s->pip[i].wheel,
			&m->installed[i], err);
	return rc;
}

/* Collect the input of all parts. */
static int prepare(struct cv_session *s, const char *env_dir, struct cv_target *ret_target,
	struct cv_environment *ret, struct cvenv_error *err)
{
	const char *path = NULL;
	int rc = check_target(s, env_dir, &path, ret_target, err);

	*ret = (struct cv_environment){
		.ctx = s->ctx, .request = s->request, .info = &s->info, .activators = s->activators
	};
	if (rc == 0 && !s->cache.reading)
		rc = cv_target_lock(s->ctx, ret_target, err);
	if (rc == 0)
		rc = cv_session_info(s, err);
	if (rc == 0)
		rc = cv_apart_follow(s, ret_target, err);
	if (rc == 0)
		rc = cv_apart_check(s->ctx, &s->once, &s->info, ret_target, err);
	if (rc == 0)
		cv_warn_of_store_python(s->ctx, &s->info, path);
	if (rc == 0)
		rc = cv_session_check_project(s, err);
	if (rc == 0)
		rc = cv_session_prompt(s, s->request->prompt, &ret->prompt_repr, err);
	if (rc == 0)
		rc = cv_layout_compute(
			s->ctx, &s->once, &s->info, s->request, path, &ret->layout, err);
	if (rc == 0)
		rc = read_existing(s, ret_target, ret, err);
	return rc < 0 ? rc : read_packages(s, ret_target, ret, err);
}

/*
 * The tag excludes all of ENV_DIR from backups, so ENV_DIR may contain nothing else. The current
 * directory gets no tag: it may become a project. An upgrade neither adds nor deletes the tag.
 */
static bool wants_tag(const struct cv_environment *m, const struct cv_target *target)
{
	const char *cwd = m->ctx->cwd;

	return !m->request->without_cachedir_tag && !m->existing.has_others &&
	       !(m->request->upgrade && m->existing.is_environment) &&
	       !(cwd && cv_path_within(cwd, target->place));
}

static bool wanted(
	const struct cv_environment *m, const struct cv_target *target, enum cv_part part)
{
	switch (part) {
	case CV_PART_CACHEDIR_TAG:
		return wants_tag(m, target);
	case CV_PART_GITIGNORE:
		return m->layout.gitignore;
	case CV_PART_SCRIPTS:
		return !m->request->upgrade;
	default:
		return true;
	}
}

static int plan_all(struct cv_session *s, const char *env_dir, struct cv_target *ret_target,
	struct cvenv_result *ret, struct cvenv_error *err)
{
	struct cv_environment environment;
	int rc;

	cv_arena_done(&s->once);
	s->plan = cv_session_plan(s, &s->once);
	s->outcome = (struct cv_outcome){ 0 };
	s->redirect = (struct cv_redirect){ 0 };
	*ret = (struct cvenv_result){ .link_mode = CVENV_LINK_COPY };
	rc = prepare(s, env_dir, ret_target, &environment, err);
	s->redirected = ret_target->redirect;
	if (rc == 0)
		rc = cv_redirect_plan(s->ctx, &s->once, s->request, ret_target, &s->redirect, err);
	ret->redirect = s->redirect.file ? s->redirect.file : ret_target->redirect;
	if (rc == 0 && ret_target->exists)
		ret->before = environment.existing.is_environment ? CVENV_BEFORE_ENVIRONMENT
								  : CVENV_BEFORE_DIRECTORY;
	for (int part = 0; part < CV_PARTS && rc == 0; part++)
		if (wanted(&environment, ret_target, (enum cv_part)part))
			rc = cv_environment_plan(
				&environment, (enum cv_part)part, &s->plan, &s->outcome, err);
	s->layout = environment.layout;
	if (rc == 0)
		rc = cv_environment_fits(&s->layout, &s->plan, err);
	ret->python_source = s->python_source;
	return rc < 0 ? rc : cv_environment_describe(&environment, &s->once, &s->outcome, ret, err);
}

/*
 * Another process may have changed the redirect file since it was planned. Then decide again, now
 * that ENV_DIR exists.
 */
static int write_redirect(
	struct cv_session *s, const struct cvenv_result *ret, struct cvenv_error *err)
{
	const char *file = s->redirect.file;
	int rc = 0;

	for (int attempt = 0; rc == 0 && s->redirect.text; attempt++) {
		struct cv_target target = { 0 };

		rc = cv_redirect_write(&s->once, &s->redirect, err);
		if (rc == 0)
			cv_log(s->ctx, CVENV_LOG_INFO,
				"wrote the redirect file '%s', which names '%s'", file, ret->path);
		if (rc != -EAGAIN || attempt == CV_ATTEMPTS_MAX)
			break;
		rc = cv_target_find(s->ctx, &s->once, ret->path, CV_CLEAR_NOTHING, &target, err);
		if (rc == 0)
			rc = cv_redirect_plan(
				s->ctx, &s->once, s->request, &target, &s->redirect, err);
		cv_target_close(&target);
	}
	if (rc < 0) {
		(void)cv_wrap(err, rc, "created environment '%s', but not the redirect file '%s'",
			ret->path, file);
		if (err)
			err->code = CVENV_EREDIRECT;
		return -CVENV_EREDIRECT;
	}
	return 0;
}

/* Run pip to upgrade itself, and put the installed versions into the result. */
static int upgrade_deps(struct cv_session *s, struct cvenv_result *ret, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;
	struct cv_existing existing;
	int rc = cv_upgrade_deps(
		s->ctx, &s->once, &s->layout, s->info.needs_setuptools, s->request->quiet, err);

	if (rc < 0)
		return cv_wrap(err, rc,
			"created environment '%s', but upgrading its dependencies failed",
			ret->path);
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, ret->path, CV_OS_FOLLOW, &env);
	rc = rc < 0 ? cv_fail(err, -rc, "cannot open '%s'", ret->path)
		    : cv_existing_read(&s->once, env, &s->layout, &existing, err);
	for (size_t i = 0; rc == 0 && i < ret->package_count; i++) {
		const struct cv_existing_package *p =
			cv_existing_find(&existing, cv_str(ret->packages[i].name));

		if (p)
			s->outcome.packages[i].version = cv_strdup(&s->once, p->version);
		if (!ret->packages[i].version)
			return cv_fail_nomem(err);
	}
	return rc;
}

/* For a dry run: reduce the plan to its changes, and predict the link mode. */
static int foresee(struct cv_session *s, const struct cv_target *target, struct cvenv_result *ret,
	struct cvenv_error *err)
{
	int rc = 0;

	if (target->exists && !target->clear)
		rc = cv_changes(&s->plan, target->dir, err);
	cv_session_cache(s);
	ret->link_mode = cv_foresee_mode(
		&s->plan, target->place, cv_cache_place(s->ctx, &s->cache), s->request->link_mode);
	return rc;
}

static const char *const mode_names[] = {
	[CVENV_LINK_AUTO] = "auto",
	[CVENV_LINK_REFLINK] = "reflink",
	[CVENV_LINK_HARDLINK] = "hardlink",
	[CVENV_LINK_COPY] = "copy",
};

int cv_create(struct cv_session *s, const char *env_dir, unsigned flags, struct cvenv_result *ret,
	struct cvenv_error *err)
{
	struct cv_target target = { 0 };
	int rc;

	if (flags & CV_CREATE_DRY_RUN) {
		cv_session_read_only(s, true);
		rc = plan_all(s, env_dir, &target, ret, err);
		if (rc == 0)
			rc = foresee(s, &target, ret, err);
		if (rc == 0)
			cv_warn(s, &target, &s->layout, &s->plan);
		cv_target_close(&target);
		cv_session_read_only(s, false);
		return rc;
	}
	for (int attempt = 0, lost = 0;;) {
		target = (struct cv_target){ 0 };
		rc = plan_all(s, env_dir, &target, ret, err);
		if (rc == 0)
			rc = cv_publish(s->ctx, &s->once, &s->plan, &target, s->request->link_mode,
				&ret->link_mode, err);
		if (rc == 0)
			cv_warn(s, &target, &s->layout, &s->plan);
		cv_target_close(&target);
		if (target.lost && lost++ < CV_ATTEMPTS_MAX)
			continue; /* update the directory that the other process created */
		if (rc != -CVENV_ECORRUPT || attempt == CV_ATTEMPTS_MAX)
			break;
		cv_session_evict(s, attempt++, err); /* unpack the wheel again */
	}
	ret->could_compile = rc == 0 && cv_session_wants_bytecode(s);
	cv_session_end_temporary(s);
	if (rc < 0)
		return rc;
	cv_log(s->ctx, CVENV_LOG_INFO, "wrote '%s'%s%s", ret->path,
		ret->package_count ? ", packages by " : "",
		ret->package_count ? mode_names[ret->link_mode] : "");
	rc = write_redirect(s, ret, err);
	return rc == 0 && s->request->upgrade_deps ? upgrade_deps(s, ret, err) : rc;
}

int cv_find_base(struct cv_session *s, struct cvenv_result *ret, struct cvenv_error *err)
{
	int rc = cv_session_info(s, err);

	*ret = (struct cvenv_result){ .link_mode = CVENV_LINK_AUTO };
	if (rc < 0)
		return rc;
	ret->version = s->info.version;
	ret->implementation = s->info.implementation;
	ret->home = s->info.home;
	ret->base = s->info.base;
	ret->python_source = s->python_source;
	return 0;
}

int cv_warm(struct cv_session *s, struct cvenv_result *ret, struct cvenv_error *err)
{
	struct cvenv_options request = *s->request;
	int rc;

	if (request.compile == CVENV_COMPILE_IF_CACHED)
		request.compile = CVENV_COMPILE_ALWAYS;
	cv_session_cache(s);
	if (!s->cache.dir || s->cache.temporary[0]) {
		cv_fail_msg(err, CVENV_ENOCACHE, "no cache to fill%s%s",
			s->cache.reason ? ": " : "", s->cache.reason ? s->cache.reason : "");
		return cv_hint(err, -CVENV_ENOCACHE, "name a directory with --cache-dir");
	}
	rc = cv_find_base(s, ret, err);
	if (rc == 0 && !request.without_pip)
		rc = cv_session_pip(s, &request, NULL, err);
	if (rc < 0)
		return rc;
	if (s->cache.temporary[0]) /* replaced by a temporary one; the log has the reason */
		return cv_fail_msg(err, EROFS, "cannot write to the cache");
	for (size_t i = 0; i < s->pip_count && !request.without_pip; i++) {
		struct cvenv_package *package = &s->outcome.packages[i];

		package->name = cv_strdup(&s->once, s->pip[i].wheel.name);
		package->version = cv_strdup(&s->once, s->pip[i].wheel.version);
		if (!package->name || !package->version)
			return cv_fail_nomem(err);
		ret->package_count++;
	}
	ret->packages = s->outcome.packages;
	return 0;
}
