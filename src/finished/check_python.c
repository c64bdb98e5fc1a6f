/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/base_info.h"
#include "finished/check_in.h"

enum { LINKS_MAX = 40 };

static const struct cv_on_disk unknown = { false, -1, -1, -1 };

static bool same_minor(const struct cv_on_disk *a, const struct cv_on_disk *b)
{
	return a->major == b->major && a->minor == b->minor;
}

static void check_config(struct cv_check *c)
{
	const struct cv_finished *env = c->env;

	if (env->cfg_reason)
		cv_finding_add(c->to, CV_FINDING_CONFIG_UNREADABLE, "pyvenv.cfg",
			"pyvenv.cfg cannot be read: %s", env->cfg_reason);
	else if (!env->home)
		cv_finding_add(c->to, CV_FINDING_CONFIG_NO_HOME, "pyvenv.cfg",
			"pyvenv.cfg has no key 'home'");
}

/* The path in bin, for a message. */
static const char *in_bin(struct cv_check *c)
{
	const char *path = cv_check_below(c, c->env->python);

	return path ? path : c->env->python;
}

/*
 * Follow the links from bin/python, which each maker creates, as long as they stay in the
 * environment. *RET_FILE is the last name; the result is what it leads to outside, or NULL.
 */
static const char *follow(struct cv_check *c, const char *file, const char **ret_file)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		const struct cv_content *entry = cv_contents_find(&c->contents, file);
		const char *dir, *next;

		*ret_file = file;
		if (!entry || entry->type != CV_OS_LINK)
			return NULL;
		if (cv_path_is_abs(entry->target)) {
			next = cv_path_abs(c->arena, NULL, entry->target);
			file = next ? cv_check_below(c, next) : NULL;
		} else {
			dir = cv_path_dir(c->arena, file);
			file = dir ? cv_path_inside(c->arena, dir, entry->target) : NULL;
			next = cv_path_join(c->arena, c->env->env_dir, dir ? dir : "");
			next = next ? cv_path_join(c->arena, next, entry->target) : NULL;
			next = next ? cv_path_abs(c->arena, NULL, next) : NULL;
		}
		c->to->bad |= next == NULL;
		if (!file)
			return next;
	}
	return NULL;
}

static void check_interpreter(struct cv_check *c)
{
	const char *bin = c->env->layout.bin,
		   *python = cv_path_join(c->arena, bin, CV_CHECK_PYTHON);
	const char *file = python, *base = python ? follow(c, python, &file) : NULL;
	const char *path = base     ? base
			   : python ? cv_path_join(c->arena, c->env->env_dir, file)
				    : NULL;
	struct cv_os_stat st;

	if (!path) {
		c->to->bad = true;
		return;
	}
	if (cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) < 0)
		cv_finding_add(c->to, CV_FINDING_PYTHON_MISSING, python,
			base ? "base interpreter '%s' does not exist" : "'%s' is missing",
			base ? base : file);
	else if (st.type != CV_OS_FILE ||
		 cv_os_access(CV_OS_ABSOLUTE, path, CV_OS_MAY_EXECUTE) == -EACCES)
		cv_finding_add(c->to, CV_FINDING_PYTHON_MISSING, python,
			base ? "base interpreter '%s' cannot be executed"
			     : "'%s' cannot be executed",
			base ? base : file);
}

/* The version of the interpreter PATH, which is never run. */
static int version_of(
	struct cv_check *c, const char *path, struct cv_on_disk *ret, struct cvenv_error *err)
{
	struct cv_info info;
	char *real = NULL;
	int rc = cv_os_realpath(c->arena, path, &real);

	*ret = unknown;
	if (rc < 0)
		return cv_err_passes(-rc) ? cv_fail(err, -rc, "cannot read '%s'", path) : 0;
	if (cv_base_info_cached(c->ctx, c->arena, &c->session->cache, path, &info)) {
		*ret = (struct cv_on_disk){ strcmp(info.implementation, "pypy") == 0,
			(int)info.major, (int)info.minor, (int)info.micro };
		return 0;
	}
	return cv_on_disk_read(c->arena, real, ret, err);
}

/* Of the interpreter in `home` that an environment for this version was made from. */
static int version_at_home(struct cv_check *c, struct cv_on_disk *ret, struct cvenv_error *err)
{
	const char *stem = c->version.pypy ? "pypy" : "python";
	const char *names[3] = { NULL, NULL, "python" };
	int rc = 0;

	*ret = unknown;
	names[0] = cv_strfmt(c->arena, "%s%d.%d", stem, c->version.major, c->version.minor);
	names[1] = cv_strfmt(c->arena, "%s3", stem);
	for (size_t i = 0; i < 3 && rc == 0 && ret->minor < 0; i++) {
		const char *path = names[i] ? cv_path_join(c->arena, c->env->home, names[i]) : NULL;

		rc = path ? version_of(c, path, ret, err) : cv_fail_nomem(err);
	}
	return rc;
}

static void report_version(struct cv_check *c, enum cv_finding_kind kind, const char *path,
	const struct cv_on_disk *is)
{
	cv_finding_add(c->to, kind, kind == CV_FINDING_PYTHON_OTHER ? in_bin(c) : "pyvenv.cfg",
		"'%s' is %s %d.%d, but the environment is for %s %d.%d", path,
		is->pypy ? "PyPy" : "Python", is->major, is->minor,
		c->version.pypy ? "PyPy" : "Python", c->version.major, c->version.minor);
}

static bool is_at_home(struct cv_check *c, const char *base)
{
	const char *dir = cv_path_dir(c->arena, base);
	struct cv_os_stat a, b;

	if (!dir || !c->env->home)
		return false;
	return cv_path_same(dir, c->env->home) ||
	       (cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &a) == 0 &&
		       cv_os_stat(CV_OS_ABSOLUTE, c->env->home, CV_OS_FOLLOW, &b) == 0 &&
		       cv_os_same(&a, &b));
}

/*
 * `base` is what bin/python leads to, or was copied from. If the base interpreter was upgraded in
 * place, the one in `home` has the same version; else somebody has changed the link.
 */
static int check_versions(struct cv_check *c, struct cvenv_error *err)
{
	const struct cv_finished *env = c->env;
	struct cv_on_disk is = unknown, home = unknown;
	bool at_home = env->base && is_at_home(c, env->base);
	int rc = 0;

	if (env->base)
		rc = version_of(c, env->base, &is, err);
	if (rc == 0 && env->home_exists && !at_home)
		rc = version_at_home(c, &home, err);
	if (rc < 0)
		return rc;
	if (is.minor >= 0 && is.pypy != c->version.pypy)
		report_version(c, CV_FINDING_PYTHON_OTHER, env->base, &is);
	else if (is.minor >= 0 && !same_minor(&is, &c->version))
		report_version(c,
			at_home || same_minor(&is, &home) ? CV_FINDING_VERSION_OTHER
							  : CV_FINDING_PYTHON_OTHER,
			env->base, &is);
	else if (home.minor >= 0 && !same_minor(&home, &c->version))
		report_version(c, CV_FINDING_VERSION_OTHER, env->home, &home);
	else if (is.micro >= 0 && c->version.micro >= 0 && is.micro != c->version.micro)
		cv_finding_add(c->to, CV_FINDING_PATCH_VERSION_OTHER, "pyvenv.cfg",
			"base interpreter '%s' is Python %d.%d.%d, no longer %s", env->base,
			is.major, is.minor, is.micro, env->version);
	return 0;
}

/* A copy may need a library at its side, which only the base interpreter's info tells. */
static void check_library(struct cv_check *c)
{
	struct cv_info info;

	if (!c->env->copies || !c->env->base ||
		!cv_base_info_cached(c->ctx, c->arena, &c->session->cache, c->env->base, &info) ||
		!info.libpython_dest[0] || cv_contents_find(&c->contents, info.libpython_dest))
		return;
	cv_finding_add(c->to, CV_FINDING_LIBPYTHON_MISSING, info.libpython_dest,
		"'%s' needs '%s', which is missing", in_bin(c), info.libpython_dest);
}

int cv_check_python(struct cv_check *c, struct cvenv_error *err)
{
	const struct cv_finished *env = c->env;
	int rc = 0;

	cv_session_cache(c->session);
	check_config(c);
	check_interpreter(c);
	if (env->version && cv_on_disk_version(cv_str(env->version), &c->version)) {
		c->version.pypy = env->implementation && strcmp(env->implementation, "pypy") == 0;
		rc = check_versions(c, err);
	}
	if (rc == 0)
		check_library(c);
	/* a base interpreter that was removed with its directory is one finding */
	if (env->home && !env->home_exists &&
		(env->python_works || !env->base || !is_at_home(c, env->base)))
		cv_finding_add(c->to, CV_FINDING_HOME_MISSING, "pyvenv.cfg",
			"the directory of the base interpreter, '%s', does not exist", env->home);
	return rc;
}
