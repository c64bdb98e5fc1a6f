/* SPDX-License-Identifier: MIT */
#include "finished/places.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/system.h"

/* What a place is relative to. */
enum under {
	UNDER_HOME,
	UNDER_DATA,     /* platformdirs' user_data_dir() */
	UNDER_CACHE,    /* platformdirs' user_cache_dir(), without the "Cache" of Windows */
	UNDER_XDG_DATA, /* the same on all POSIX systems; on Windows %APPDATA% */
	UNDER_XDG_CACHE,
};

/* A place is BELOW in the directory that VARIABLE names, else, if that is not set, PATH. */
static const struct row {
	const char *manager;
	const char *variable, *below; /* NULL: none; the directory itself */
	enum under under;
	const char *path; /* NULL: none */
	enum { EVERYWHERE, POSIX_ONLY, WINDOWS_ONLY } where;
} rows[] = {
	{ NULL, "WORKON_HOME", NULL, UNDER_HOME, ".virtualenvs", EVERYWHERE },
	{ NULL, NULL, NULL, UNDER_HOME, ".virtualenvs", EVERYWHERE },
	{ "pipenv", NULL, NULL, UNDER_XDG_DATA, "virtualenvs", POSIX_ONLY },
	{ "poetry", "POETRY_VIRTUALENVS_PATH", NULL, UNDER_HOME, NULL, EVERYWHERE },
	{ "poetry", "POETRY_CACHE_DIR", "virtualenvs", UNDER_CACHE, "pypoetry/virtualenvs",
		POSIX_ONLY },
	{ "poetry", "POETRY_CACHE_DIR", "virtualenvs", UNDER_CACHE, "pypoetry/Cache/virtualenvs",
		WINDOWS_ONLY },
	{ "hatch", "HATCH_DATA_DIR", "env/virtual", UNDER_DATA, "hatch/env/virtual", EVERYWHERE },
	{ "pipx", "PIPX_HOME", "venvs", UNDER_DATA, "pipx/venvs", POSIX_ONLY },
	{ "pipx", "PIPX_HOME", "venvs", UNDER_DATA, "pipx/pipx/venvs", WINDOWS_ONLY },
	{ "pipx", NULL, NULL, UNDER_HOME, ".local/pipx/venvs", EVERYWHERE },
	{ "pipx", NULL, NULL, UNDER_HOME, "pipx/venvs", EVERYWHERE },
	{ "pdm", NULL, NULL, UNDER_DATA, "pdm/venvs", POSIX_ONLY },
	{ "pdm", NULL, NULL, UNDER_DATA, "pdm/pdm/venvs", WINDOWS_ONLY },
	{ "uv-tool", "UV_TOOL_DIR", NULL, UNDER_XDG_DATA, "uv/tools", POSIX_ONLY },
	{ "uv-tool", "UV_TOOL_DIR", NULL, UNDER_XDG_DATA, "uv/data/tools", WINDOWS_ONLY },
	{ NULL, NULL, NULL, UNDER_HOME, ".venvs", EVERYWHERE },
	{ NULL, NULL, NULL, UNDER_HOME, "envs", EVERYWHERE },
	{ NULL, NULL, NULL, UNDER_HOME, "Envs", EVERYWHERE },
	{ NULL, NULL, NULL, UNDER_HOME, ".direnv", EVERYWHERE },
};

static const struct row excluded[] = {
	{ NULL, "UV_CACHE_DIR", NULL, UNDER_XDG_CACHE, "uv", POSIX_ONLY },
	{ NULL, "UV_CACHE_DIR", NULL, UNDER_DATA, "uv/cache", WINDOWS_ONLY },
	{ NULL, "PRE_COMMIT_HOME", NULL, UNDER_XDG_CACHE, "pre-commit", EVERYWHERE },
};

static const char *join(struct cv_arena *a, const char *dir, const char *name)
{
	return dir && name ? cv_path_join(a, dir, name) : NULL;
}

/* $VARIABLE if it is absolute, as the XDG specification asks for; else PATH in the home directory.
 */
static const char *xdg(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *variable, const char *path)
{
	const char *dir = cv_getenv_nonempty(ctx, variable);

	return dir && cv_path_is_abs(dir) ? dir : join(a, cv_path_home(ctx), path);
}

static const char *dir_under(const struct cv_ctx *ctx, struct cv_arena *a, enum under under)
{
	const char *home = cv_path_home(ctx);

	if (under == UNDER_HOME)
		return home;
	if (CV_WINDOWS) {
		const char *dir = cv_getenv_nonempty(
			ctx, under == UNDER_XDG_DATA ? "APPDATA" : "LOCALAPPDATA");

		return dir && cv_path_is_abs(dir) ? dir : NULL;
	}
	if (CV_MACOS && under == UNDER_DATA)
		return join(a, home, "Library/Application Support");
	if (CV_MACOS && under == UNDER_CACHE)
		return join(a, home, "Library/Caches");
	if (under == UNDER_DATA || under == UNDER_XDG_DATA)
		return xdg(ctx, a, "XDG_DATA_HOME", ".local/share");
	return xdg(ctx, a, "XDG_CACHE_HOME", ".cache");
}

/* As shells and the programs do: "~/envs" is in the home directory. */
static const char *expand(const struct cv_ctx *ctx, struct cv_arena *a, const char *path)
{
	if (path[0] == '~' && (!path[1] || cv_path_is_sep(path[1]))) {
		const char *home = cv_path_home(ctx);

		for (path++; cv_path_is_sep(path[0]);)
			path++;
		return path[0] ? join(a, home, path) : home;
	}
	return cv_path_has_abs(ctx, path) ? path : NULL;
}

static const char *row_path(const struct cv_ctx *ctx, struct cv_arena *a, const struct row *row)
{
	const char *value = row->variable ? cv_getenv_nonempty(ctx, row->variable) : NULL;
	const char *path = value ? expand(ctx, a, value) : NULL;

	if (value && path && row->below)
		path = join(a, path, row->below);
	if (!value && row->path)
		path = join(a, dir_under(ctx, a, row->under), row->path);
	return path ? cv_path_abs(a, ctx, path) : NULL;
}

static bool is_here(const struct row *row)
{
	return row->where == EVERYWHERE || (row->where == WINDOWS_ONLY) == (CV_WINDOWS != 0);
}

int cv_places(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_place **ret, size_t *ret_count)
{
	enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
	struct cv_place *places = cv_new(a, struct cv_place, ROWS + 1);
	size_t n = 0;

	if (!places)
		return -ENOMEM;
	if (ctx->cwd)
		places[n++].path = ctx->cwd;
	for (size_t i = 0; i < ROWS; i++) {
		const char *path = is_here(&rows[i]) ? row_path(ctx, a, &rows[i]) : NULL;

		if (path)
			places[n++] = (struct cv_place){ path, rows[i].manager };
	}
	*ret = places;
	*ret_count = n;
	return 0;
}

int cv_places_excluded(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *const **ret, size_t *ret_count)
{
	enum { ROWS = sizeof(excluded) / sizeof(excluded[0]) };
	const char **paths = cv_new(a, const char *, ROWS);
	size_t n = 0;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < ROWS; i++) {
		const char *path = is_here(&excluded[i]) ? row_path(ctx, a, &excluded[i]) : NULL;

		if (path)
			paths[n++] = path;
	}
	*ret = paths;
	*ret_count = n;
	return 0;
}
