/* SPDX-License-Identifier: MIT */
#include "create/pip_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "cache/list.h"
#include "os/os.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

/*
 * Find the wheel of NAME with the highest version in FOLDER, below *BELOW if that is set. 1: found;
 * 0: none; negative: error.
 */
static int in_folder(struct cv_arena *a, const char *folder, struct cv_str name,
	struct cv_str *below, const char **ret_path, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_str best = { 0 };
	const char *path = NULL;
	int rc = cv_os_list_open(CV_OS_ABSOLUTE, folder, CV_OS_FOLLOW, &list);

	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		struct cv_str found, version, tags;

		rc = 0;
		if (!cv_wheel_name_parse(cv_str(list.name), &found, &version, &tags) ||
			!cv_wheel_name_eq(found, name) || !cv_wheel_tags_pure(tags) ||
			(below->p && cv_version_cmp(version, *below) >= 0) ||
			(path && cv_version_cmp(version, best) <= 0))
			continue;
		path = cv_path_join(a, folder, list.name);
		best = cv_str_dup(a, version);
		if (!path || !best.p)
			return cv_fail_nomem(err);
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", folder);
	*below = best;
	*ret_path = path;
	return path != NULL;
}

struct project {
	struct cv_str name;
	const char *wheel, *sha256; /* the wheel of the base interpreter */
};

/* The highest version in FOLDER that supports this Python. 1: found; 0: none; negative: error. */
static int from_folder(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const char *folder, struct cv_str name, struct cv_str python_version,
	struct cv_cached_wheel *ret, struct cvenv_error *err)
{
	struct cv_str below = { 0 };
	const char *path = NULL, *unfit = NULL;
	int rc;

	while ((rc = in_folder(a, folder, name, &below, &path, err)) > 0) {
		rc = cv_cached_wheel_get(ctx, a, cache, path, NULL, ret, err);
		if (rc < 0)
			return rc;
		if (cv_version_in(ret->requires_python, python_version))
			return 1;
		unfit = path;
		(void)cv_fail_msg(err, CVENV_EWHEEL, "wheel '%s' needs Python %.*s", path,
			CV_ARG(ret->requires_python));
	}
	return rc < 0 ? rc : unfit ? -CVENV_EWHEEL : 0;
}

/* 1: found; 0: none; negative: error. */
static int choose(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cvenv_options *request, bool fixed, const struct project *p,
	struct cv_str python_version, struct cv_cached_wheel *ret, struct cvenv_error *err)
{
	const char *own = request->data_dir ? cv_path_join(a, request->data_dir, "wheels") : NULL;
	const char *asked = NULL;
	int rc = 0;

	if (request->wheel_dir && !cv_path_has_abs(ctx, request->wheel_dir))
		return cv_fail(err, ENOENT, "cannot find '%s' without a current directory",
			request->wheel_dir);
	if (request->wheel_dir) {
		asked = cv_path_abs(a, ctx, request->wheel_dir);
		if (!asked)
			return cv_fail_nomem(err);
		rc = from_folder(ctx, a, cache, asked, p->name, python_version, ret, err);
	}
	if (rc == 0 && p->wheel[0]) {
		if (asked && cv_str_eq(p->name, CV_LIT("pip")))
			cv_log(ctx, CVENV_LOG_WARNING,
				"no wheel of pip in '%s', using that of the base interpreter",
				asked);
		rc = cv_cached_wheel_get(ctx, a, cache, p->wheel, p->sha256, ret, err);
		return rc < 0 ? rc : 1;
	}
	if (rc == 0 && own) {
		rc = from_folder(ctx, a, cache, own, p->name, python_version, ret, err);
		if (rc == -ENOENT || rc == -ENOTDIR)
			rc = 0; /* installations may lack it */
	}
	if (rc == 0 && !fixed)
		rc = cv_cached_wheel_newest(ctx, a, cache, p->name, python_version, ret);
	return rc;
}

static int no_pip(
	const struct cv_info *info, const struct cvenv_options *request, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_ENOWHEEL, "no wheel of pip for '%s'", info->base);
	if (request->wheel_dir)
		return cv_hint(err, -CVENV_ENOWHEEL, "none is in '%s' either", request->wheel_dir);
	if (info->windows)
		return cv_hint(err, -CVENV_ENOWHEEL,
			"name a directory with --wheel-dir, or use --without-pip");
	return cv_hint(err, -CVENV_ENOWHEEL,
		"install python3-pip-whl or your system's package of ensurepip, name a directory "
		"with --wheel-dir, or use --without-pip");
}

/*
 * The kind of bytecode that this base compiles, and where it may have its own pip. The strings are
 * those of INFO.
 */
static struct cv_bytecode_kind bytecode_kind(
	struct cv_arena *a, const struct cv_info *info, bool fixed)
{
	/* ensurepip installs to this place. A distribution's own directory has a modified pip. */
	return (struct cv_bytecode_kind){ .python = info->base,
		.cache_tag = info->cache_tag,
		.magic = info->magic,
		.site = fixed ? NULL : cv_path_join(a, info->stdlib, "site-packages"),
		.fixed = fixed };
}

static int find_bytecode(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_info *info, const struct cvenv_options *request, bool fixed,
	struct cv_pip_package *pip, struct cvenv_error *err)
{
	struct cv_bytecode_kind kind = bytecode_kind(a, info, fixed);

	if (request->compile == CVENV_COMPILE_NEVER || !info->cache_tag[0] ||
		cv_cached_bytecode_get(ctx, a, cache, &pip->wheel, &kind, &pip->bytecode))
		return 0;
	if (cache->reading) {
		struct cv_tree listed;

		if (cv_list_bytecode(a, &pip->wheel, &kind,
			    request->compile == CVENV_COMPILE_ALWAYS, &listed))
			pip->bytecode = listed;
		return 0;
	}
	if (cv_cached_bytecode_reuse(ctx, a, cache, &pip->wheel, &kind, &pip->bytecode)) {
		cv_log(ctx, CVENV_LOG_INFO, "reused bytecode of %.*s from '%s'",
			CV_ARG(pip->wheel.name), kind.site);
		return 0;
	}
	if (request->compile != CVENV_COMPILE_ALWAYS)
		return 0;
	cv_log(ctx, CVENV_LOG_INFO, "compiling %.*s", CV_ARG(pip->wheel.name));
	return cv_cached_bytecode_compile(ctx, a, cache, &pip->wheel, &kind,
		request->jobs ? request->jobs : 1, &pip->bytecode, err);
}

/* Read the launcher from pip's wheel. Without one, planning a script fails. */
static int find_launcher(struct cv_arena *a, const struct cv_info *info, struct cv_pip_package *pip,
	struct cvenv_error *err)
{
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0; i++) {
		const char *name = cv_launcher_path(info->machine, i > 0);

		if (name)
			rc = cv_cached_wheel_read(
				a, &pip->wheel, name, &pip->launcher.program, err);
	}
	pip->launcher.pip = pip->wheel.version;
	return rc < 0 ? rc : 0;
}

static void tell(const struct cv_ctx *ctx, const struct cv_pip_package *pip)
{
	const struct cv_cached_wheel *w = &pip->wheel;

	cv_log(ctx, CVENV_LOG_INFO, "%.*s %.*s: %zu files %s%s, %zu of bytecode", CV_ARG(w->name),
		CV_ARG(w->version), w->tree.count, w->tree.dir[0] ? "in " : "of its wheel",
		w->tree.dir, pip->bytecode.count);
}

/* 1: found, with bytecode as requested; 0: none; negative: error. */
static int find_one(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_info *info, const struct cvenv_options *request, bool fixed,
	const struct project *p, struct cv_pip_package *ret, struct cvenv_error *err)
{
	int rc = choose(ctx, a, cache, request, fixed, p, cv_str(info->version), &ret->wheel, err);

	if (rc <= 0)
		return rc;
	if (request->link_mode == CVENV_LINK_HARDLINK || request->link_mode == CVENV_LINK_REFLINK)
		cv_cached_wheel_loosen(
			ctx, a, cache, request->link_mode == CVENV_LINK_HARDLINK, &ret->wheel);
	rc = find_bytecode(ctx, a, cache, info, request, fixed, ret, err);
	if (rc == 0 && info->windows && cv_str_eq(p->name, CV_LIT("pip")))
		rc = find_launcher(a, info, ret, err);
	if (rc < 0)
		return rc;
	tell(ctx, ret);
	return 1;
}

/*
 * For /x/bin/python3.12 (links resolved): "/x/lib/python3.12/ensurepip/_bundled". On Windows for
 * C:\x\python.exe: "C:\x\Lib\ensurepip\_bundled".
 */
static char *bundle_of(struct cv_arena *a, const char *python)
{
	char *real, *up;
	const char *name;
	size_t len = strlen("python3.");

	if (cv_os_realpath(a, python, &real) < 0)
		return NULL;
	name = cv_path_base(real);
	up = cv_path_dir(a, real);
	if (CV_WINDOWS)
		return up ? cv_path_join(a, up, "Lib/ensurepip/_bundled") : NULL;
	up = up ? cv_path_dir(a, up) : NULL;
	if (!up || strncmp(name, "python3.", len) != 0)
		return NULL;
	len += strspn(name + len, "0123456789");
	return cv_strfmt(a, "%s/lib/%.*s/ensurepip/_bundled", up, (int)len, name);
}

void cv_pip_source_ahead(const struct cv_ctx *ctx, const struct cv_cache *cache,
	const struct cvenv_options *request, const char *python)
{
	static const char *const projects[CV_PIP_MAX] = { "pip", "setuptools" };
	struct cv_arena a OWN_ARENA = { 0 };
	char *folder = NULL;

	if (!request->without_pip && !request->wheel_dir && cache->dir && !cache->reading &&
		!cache->temporary[0])
		folder = bundle_of(&a, python);
	for (size_t i = 0; i < CV_PIP_MAX && folder; i++) {
		struct cv_str below = { 0 };
		const char *path;

		if (in_folder(&a, folder, cv_str(projects[i]), &below, &path, NULL) > 0)
			cv_cached_wheel_ahead(ctx, cache, path);
	}
}

int cv_pip_source_find(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_cache *cache,
	const struct cv_info *info, const struct cvenv_options *request, bool fixed,
	struct cv_pip_package ret_pip[CV_PIP_MAX], size_t *ret_count, struct cvenv_error *err)
{
	const struct project projects[CV_PIP_MAX] = {
		{ CV_LIT("pip"), info->pip_wheel, info->pip_sha256 },
		{ CV_LIT("setuptools"), info->setuptools_wheel, info->setuptools_sha256 },
	};
	size_t wanted = info->needs_setuptools ? 2 : 1;

	*ret_count = 0;
	for (size_t i = 0; i < wanted; i++) {
		struct cv_pip_package pip = { 0 };
		int rc = find_one(ctx, a, cache, info, request, fixed, &projects[i], &pip, err);

		if (rc == -CVENV_ECORRUPT && pip.wheel.tree.dir) { /* unpack the wheel again */
			cv_cached_wheel_evict(ctx, cache, pip.wheel.tree.dir);
			rc = find_one(ctx, a, cache, info, request, fixed, &projects[i], &pip, err);
		}
		if (i > 0)
			pip.launcher = ret_pip[0].launcher;
		if (rc < 0)
			return rc;
		if (rc == 0 && i == 0)
			return no_pip(info, request, err);
		if (rc == 0) {
			cv_log(ctx, CVENV_LOG_WARNING,
				"not installing %.*s: no wheel of it was found",
				CV_ARG(projects[i].name));
			continue;
		}
		ret_pip[(*ret_count)++] = pip;
	}
	return 0;
}
