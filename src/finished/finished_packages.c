/* SPDX-License-Identifier: MIT */
#include "finished/finished_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/file.h"

enum { PKG_INFO_MAX = 1 << 20 };

/* --- site-packages ------------------------------------------------------------------------- */

/* A directory of lib with packages. */
struct lib {
	const char *site; /* "lib/python3.12/site-packages" */
	const char *implementation;
	struct cv_str version;
	bool threads; /* "python3.13t" */
};

struct libs {
	struct lib *all;
	size_t count, room;
};

/* 1: PATH is a directory, and not a link. 0: it is not, or it is missing. */
static int is_dir(struct cv_finished_reader *r, const char *path, struct cv_os_stat *ret)
{
	int rc = cv_os_stat(r->env->dir, path, CV_OS_NOFOLLOW, ret);

	return rc < 0 ? cv_finished_failed(r, rc, path) : ret->type == CV_OS_DIR;
}

static int add_lib(
	struct cv_finished_reader *r, struct libs *libs, const char *lib, const char *entry)
{
	struct lib one = { 0 };
	struct cv_os_stat st;
	const char *name, *dir;
	int rc;

	if (!cv_lib_name(entry, &one.implementation, &one.version) ||
		libs->count == CV_OTHER_SITES_MAX)
		return 0;
	name = cv_strdup(r->a, cv_str(entry));
	dir = name ? cv_path_join(r->a, lib, name) : NULL;
	one.site = dir ? cv_path_join(r->a, dir, "site-packages") : NULL;
	if (!one.site || !cv_grow(r->a, &libs->all, libs->count, &libs->room))
		return cv_fail_nomem(r->err);
	(void)cv_lib_name(name, &one.implementation, &one.version);
	one.threads = cv_str_ends(cv_str(name), CV_LIT("t"));
	rc = is_dir(r, dir, &st);
	if (rc > 0)
		rc = is_dir(r, one.site, &st);
	if (rc > 0)
		libs->all[libs->count++] = one;
	return rc < 0 ? rc : 0;
}

static int by_site(const void *a, const void *b)
{
	const struct lib *x = a, *y = b;

	return strcmp(x->site, y->site);
}

static int list_libs(struct cv_finished_reader *r, const char *lib, struct libs *ret)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(r->env->dir, lib, CV_OS_NOFOLLOW | CV_OS_QUIET, &list);

	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = add_lib(r, ret, lib, list.name);
		if (rc < 0)
			return rc;
	}
	rc = cv_finished_failed(r, rc, lib);
	if (rc < 0)
		return rc;
	if (ret->count)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_site);
	return 0;
}

/* Has bin an interpreter with the name of this Python: "python3.13t"? */
static bool has_interpreter(const struct cv_finished *env, const struct lib *lib)
{
	const char *end = strrchr(lib->site, '/');
	struct cv_str path = { lib->site, (size_t)(end - lib->site) };
	char name[32];
	size_t n = 0;

	while (n < path.n && path.p[path.n - n - 1] != '/')
		n++;
	if (n >= sizeof(name))
		return false;
	memcpy(name, path.p + path.n - n, n);
	name[n] = '\0';
	return cv_finished_program(env, name) != NULL;
}

/* The key of virtualenv and uv: "CPython". NULL: none, or another one. */
static const char *implementation_of(const struct cv_cfg *cfg)
{
	static const char *const known[] = { "cpython", "pypy", "graalpy" };
	struct cv_str said = cv_cfg_value(cfg, "implementation");

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (said.n == strlen(known[i]) && strncasecmp(said.p, known[i], said.n) == 0)
			return known[i];
	return NULL;
}

static bool says(const struct cv_finished *env, const struct lib *lib)
{
	const char *said = implementation_of(&env->cfg);

	return said && strcmp(said, lib->implementation) == 0;
}

/* How well LIB fits the environment; 0: it is of another Python. */
static unsigned fitness(const struct cv_finished *env, const struct lib *lib)
{
	if (env->version && !cv_same_minor(lib->version, cv_str(env->version)))
		return 0;
	return 1U + !lib->threads + 2U * says(env, lib) + 4U * has_interpreter(env, lib);
}

static const struct lib *choose(const struct cv_finished *env, const struct libs *libs)
{
	const struct lib *best = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < libs->count; i++) {
		unsigned fits = fitness(env, &libs->all[i]);

		if (fits > most) {
			most = fits;
			best = &libs->all[i];
		}
	}
	return best;
}

static int add_site(struct cv_finished_reader *r, const char *site)
{
	struct cv_finished *env = r->env;
	int rc = is_dir(r, site, &env->site_st[env->site_count]);

	if (rc > 0)
		env->sites[env->site_count++] = site;
	return rc < 0 ? rc : 0;
}

/* platlib, where that is not the same directory: the same names below lib64, which is no link. */
static int add_platlib(struct cv_finished_reader *r, const char *site)
{
	const char *platlib = cv_strfmt(r->a, "lib64%s", site + strlen("lib"));
	const char *dir = platlib ? cv_path_dir(r->a, platlib) : NULL;
	struct cv_os_stat st;
	int rc = dir ? is_dir(r, "lib64", &st) : cv_fail_nomem(r->err);

	if (rc > 0)
		rc = is_dir(r, dir, &st);
	return rc > 0 ? add_site(r, platlib) : rc;
}

static int find_sites(struct cv_finished_reader *r)
{
	static const char windows_site[] = "Lib/site-packages";
	struct cv_finished *env = r->env;
	struct libs libs = { 0 };
	const struct lib *own;
	bool bad = false;
	int rc = CV_WINDOWS ? add_site(r, windows_site) : 0;

	if (rc == 0 && env->site_count == 0)
		rc = list_libs(r, "lib", &libs);
	own = rc == 0 ? choose(env, &libs) : NULL;
	for (size_t i = 0; i < libs.count && rc == 0; i++) {
		if (&libs.all[i] == own)
			continue;
		if (!cv_grow(r->a, &env->other_sites, env->other_site_count, &r->other_site_room))
			return cv_fail_nomem(r->err);
		env->other_sites[env->other_site_count++] = libs.all[i].site;
	}
	env->implementation = own ? own->implementation : implementation_of(&env->cfg);
	if (!env->implementation && CV_WINDOWS && env->site_count) /* its name does not tell */
		env->implementation = cv_finished_program(env, "pypy3.exe") ? "pypy" : "cpython";
	if (!own || rc < 0)
		return rc;
	if (!env->version)
		env->version = cv_finished_text(r->a, own->version, &bad);
	if (bad)
		return cv_fail_nomem(r->err);
	rc = add_site(r, own->site);
	return rc == 0 && env->site_count ? add_platlib(r, own->site) : rc;
}

/* --- distributions ------------------------------------------------------------------------- */

static int by_entry(const void *a, const void *b)
{
	const struct cv_found *x = a, *y = b;
	int order = strcmp(x->entry, y->entry);

	return order ? order : (x->site > y->site) - (x->site < y->site);
}

/* The directory of a distribution that is developed has no version in its name: PKG-INFO has it. */
static int read_version(struct cv_finished_reader *r, struct cv_found *one)
{
	static const char name[] = "Version: ";
	struct cv_arena scratch OWN_ARENA = { 0 };
	const char *path = cv_path_join(&scratch, r->env->sites[one->site], one->entry);
	const char *info = path ? cv_path_join(&scratch, path, "PKG-INFO") : NULL;
	struct cvenv_error failed;
	struct cv_str text, line;
	int rc = info ? cv_read_file(r->env->dir, info, CV_OS_NOFOLLOW | CV_OS_QUIET, PKG_INFO_MAX,
				&scratch, &text, &failed)
		      : -ENOMEM;

	if (rc == -ENOENT || rc == -ENOTDIR) /* a file */
		rc = cv_read_file(r->env->dir, path, CV_OS_NOFOLLOW | CV_OS_QUIET, PKG_INFO_MAX,
			&scratch, &text, &failed);
	if (rc == -ENOMEM)
		return cv_fail_nomem(r->err);
	while (rc == 0 && !one->version.n && cv_str_cut(&text, '\n', &line) && line.n)
		if (cv_str_starts(line, cv_str(name)))
			one->version = cv_str_trim(
				(struct cv_str){ line.p + strlen(name), line.n - strlen(name) });
	if (one->version.n)
		one->version = cv_str_dup(r->a, one->version);
	return one->version.n && !one->version.p ? cv_fail_nomem(r->err) : 0;
}

static int list_site(struct cv_finished_reader *r, size_t site)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_finished *env = r->env;
	int rc = cv_os_list_open(env->dir, env->sites[site], CV_OS_NOFOLLOW | CV_OS_QUIET, &list);

	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0) {
		struct cv_found one;
		const char *entry;

		if (!cv_found_of(list.name, &one) || list.type == CV_OS_OTHER)
			continue;
		if (env->found_count == CV_FOUND_MAX) {
			env->truncated = true;
			return 0;
		}
		entry = cv_strdup(r->a, cv_str(list.name));
		if (!entry || !cv_grow(r->a, &env->found, env->found_count, &r->found_room))
			return cv_fail_nomem(r->err);
		(void)cv_found_of(entry, &one);
		one.site = site;
		if (one.kind == CV_FOUND_EGG_INFO && !one.version.n &&
			!(r->how & CV_FINISHED_BRIEF) && read_version(r, &one) < 0)
			return -ENOMEM;
		env->found[env->found_count++] = one;
	}
	return cv_finished_failed(r, rc, env->sites[site]);
}

int cv_finished_read_packages(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	int rc = find_sites(r);

	for (size_t i = 0; i < env->site_count && rc == 0; i++)
		rc = list_site(r, i);
	if (rc == 0 && env->found_count)
		qsort(env->found, env->found_count, sizeof(*env->found), by_entry);
	return rc;
}
