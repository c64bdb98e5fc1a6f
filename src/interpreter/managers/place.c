/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/place.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/system.h"

struct place {
	const char *root_var; /* the data directory */
	/* if it is unset: below $XDG_DATA_HOME, by default ~/.local/share */
	const char *xdg_name;
	const char *home_name; /* if it is unset: below ~ */
	const char *versions;  /* below the data directory; "." for the directory itself */
};

static const struct place posix_places[CV_MANAGER_COUNT] = {
	[CV_PYENV] = { "PYENV_ROOT", NULL, ".pyenv", "versions" },
	[CV_ASDF] = { "ASDF_DATA_DIR", NULL, ".asdf", "installs/python" },
	[CV_MISE] = { "MISE_DATA_DIR", "mise", NULL, "installs/python" },
	[CV_UV] = { "UV_PYTHON_INSTALL_DIR", "uv/python", NULL, "." },
};

struct windows_place {
	const char *root_vars[2];
	const char *base_var, *name; /* if they are unset: NAME below the directory in BASE_VAR */
	const char *versions;
};

static const struct windows_place windows_places[CV_MANAGER_COUNT] = {
	[CV_PYENV] = { { "PYENV", "PYENV_ROOT" }, "USERPROFILE", ".pyenv/pyenv-win", "versions" },
	[CV_MISE] = { { "MISE_DATA_DIR" }, "LOCALAPPDATA", "mise", "installs/python" },
	[CV_UV] = { { "UV_PYTHON_INSTALL_DIR" }, "APPDATA", "uv/python", "." },
	[CV_PYMANAGER] = { { NULL }, "LOCALAPPDATA", "Python", "." },
};

/* The directory in DIR's place, or NAME below it; *ret is NULL if that is not absolute. */
static int absolute(struct cv_arena *arena, const char *dir, const char *name, char **ret)
{
	char *path;

	*ret = NULL;
	if (!dir || !cv_path_is_abs(dir))
		return 0;
	path = name ? cv_path_join(arena, dir, name) : cv_strdup(arena, cv_str(dir));
	*ret = path ? cv_path_abs(arena, NULL, path) : NULL;
	return *ret ? 0 : -ENOMEM;
}

static int posix_root(
	const struct cv_ctx *ctx, struct cv_arena *arena, const struct place *p, char **ret)
{
	const char *root = p->root_var ? cv_getenv_nonempty(ctx, p->root_var) : NULL;
	const char *xdg = cv_getenv_nonempty(ctx, "XDG_DATA_HOME"), *home = cv_path_home(ctx);
	char *share;
	int rc;

	if (root || !p->root_var)
		return absolute(arena, root, NULL, ret);
	if (!p->xdg_name || xdg)
		return absolute(arena, p->xdg_name ? xdg : home,
			p->xdg_name ? p->xdg_name : p->home_name, ret);
	rc = absolute(arena, home, ".local/share", &share);
	return rc < 0 ? rc : absolute(arena, share, p->xdg_name, ret);
}

static int windows_root(
	const struct cv_ctx *ctx, struct cv_arena *arena, const struct windows_place *p, char **ret)
{
	*ret = NULL;
	for (int i = 0; i < 2 && p->root_vars[i]; i++) {
		const char *root = cv_getenv_nonempty(ctx, p->root_vars[i]);

		if (root)
			return absolute(arena, root, NULL, ret);
	}
	return p->base_var ? absolute(arena, cv_getenv_nonempty(ctx, p->base_var), p->name, ret)
			   : 0;
}

int cv_manager_root(
	const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager id, char **ret)
{
	return CV_WINDOWS ? windows_root(ctx, arena, &windows_places[id], ret)
			  : posix_root(ctx, arena, &posix_places[id], ret);
}

int cv_manager_versions(
	const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager id, char **ret)
{
	const char *versions = CV_WINDOWS ? windows_places[id].versions : posix_places[id].versions;
	int rc = cv_manager_root(ctx, arena, id, ret);

	if (rc < 0 || !*ret || strcmp(versions, ".") == 0)
		return rc;
	return absolute(arena, *ret, versions, ret);
}

const char *cv_manager_name(enum cv_manager id)
{
	static const char *const names[CV_MANAGER_COUNT] = {
		[CV_PYENV] = "pyenv",
		[CV_ASDF] = "asdf",
		[CV_MISE] = "mise",
		[CV_UV] = "uv",
		[CV_PYMANAGER] = "pymanager",
	};

	return names[id];
}

char *cv_manager_exe(struct cv_arena *arena, const char *version_dir, const char *name)
{
	char *bin;

	if (CV_WINDOWS)
		return cv_path_join(arena, version_dir, "python.exe");
	bin = cv_path_join(arena, version_dir, "bin");
	return bin ? cv_path_join(arena, bin, name) : NULL;
}
