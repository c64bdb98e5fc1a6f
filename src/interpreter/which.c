/* SPDX-License-Identifier: MIT */
#include "interpreter/which.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/path.h"

/*
 * *ret is the target of the link PATH, in PATH's directory if it is relative. 1; 0: not a link;
 * negative: error.
 */
static int read_link(struct cv_arena *arena, const char *path, char **ret)
{
	char target[CV_PATH_MAX];
	int rc = cv_os_readlink(CV_OS_ABSOLUTE, path, target, sizeof(target));
	char *dir;

	if (rc < 0)
		return rc == -EINVAL ? 0 : rc;
	dir = cv_path_dir(arena, path);
	*ret = dir ? cv_path_join(arena, dir, target) : NULL;
	return *ret ? 1 : -ENOMEM;
}

int cv_link_chain(struct cv_arena *arena, const char *path, const char **ret, size_t *ret_count)
{
	char *next = NULL;
	int rc = 1;

	ret[0] = path;
	*ret_count = 1;
	while (rc > 0 && *ret_count <= CV_LINKS_MAX) {
		rc = read_link(arena, ret[*ret_count - 1], &next);
		if (rc > 0)
			ret[(*ret_count)++] = next;
	}
	return rc > 0 ? -ELOOP : rc;
}

bool cv_alias_installs(const struct cv_os_alias *alias)
{
	static const char *const packages[] = { "Microsoft.DesktopAppInstaller_",
		"PythonSoftwareFoundation.PythonManager_" };
	static const char redirector[] = "AppInstallerPythonRedirector.exe";
	const char *name = strrchr(alias->target, '\\');

	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (strncasecmp(alias->package, packages[i], strlen(packages[i])) == 0)
			return true;
	return strcasecmp(name ? name + 1 : alias->target, redirector) == 0;
}

/* An alias cannot be opened, so its stat fails with -EACCES. */
static int check_alias(const char *path)
{
	OWN_ARENA struct cv_arena a = { 0 };
	struct cv_os_alias alias;
	int rc = cv_os_read_alias(&a, path, &alias);

	if (rc <= 0)
		return rc == -ENOMEM ? rc : -EACCES;
	return cv_alias_installs(&alias) ? -ENOEXEC : 0;
}

int cv_exe_check(const char *path)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st);

	if (rc < 0)
		return rc == -EACCES ? check_alias(path) : rc;
	if (st.type == CV_OS_DIR)
		return -EISDIR;
	if (st.type != CV_OS_FILE)
		return -EACCES;
	return cv_os_access(CV_OS_ABSOLUTE, path, CV_OS_MAY_EXECUTE) < 0 ? -EACCES : 0;
}

struct cv_which cv_which(const struct cv_ctx *ctx)
{
	/* an empty PATH counts as unset: nothing is searched */
	return (struct cv_which){ .ctx = ctx, .rest = cv_str(cv_getenv_nonempty(ctx, "PATH")) };
}

enum { PROGRAMS = 2 }; /* the first so many extensions */
static const struct cv_str extensions[] = { { ".com", 4 }, { ".exe", 4 }, { ".bat", 4 },
	{ ".cmd", 4 } };
enum { EXTENSIONS = sizeof(extensions) / sizeof(extensions[0]) };

/* The index of the extension of NAME; EXTENSIONS: it has no such extension. */
static size_t extension_of(struct cv_str name)
{
	size_t i = 0;

	for (; i < EXTENSIONS; i++) {
		const struct cv_str e = extensions[i];

		if (name.n >= e.n && strncasecmp(name.p + name.n - e.n, e.p, e.n) == 0)
			break;
	}
	return i;
}

bool cv_exe_is_batch(const char *path)
{
	size_t i = CV_WINDOWS ? extension_of(cv_str(path)) : EXTENSIONS;

	return i >= PROGRAMS && i < EXTENSIONS;
}

/* Does PATHEXT contain that extension? */
static bool is_searched(const struct cv_ctx *ctx, size_t extension)
{
	struct cv_str list = cv_str(cv_getenv_nonempty(ctx, "PATHEXT")), one;

	if (!list.p)
		return true;
	while (cv_str_cut(&list, ';', &one))
		if (one.n == extensions[extension].n && extension_of(one) == extension)
			return true;
	return false;
}

struct cv_str cv_exe_stem(const struct cv_ctx *ctx, struct cv_str name)
{
	size_t i = CV_WINDOWS ? extension_of(name) : EXTENSIONS;

	if (!CV_WINDOWS)
		return name;
	if (i == EXTENSIONS || !is_searched(ctx, i))
		return (struct cv_str){ name.p, 0 };
	return (struct cv_str){ name.p, name.n - extensions[i].n };
}

/* NAME in DIR, on Windows with an extension. 0 and *ret, or why there is none. */
static int find_in(const struct cv_which *w, struct cv_arena *arena, const char *dir,
	const char *name, char **ret)
{
	bool whole = !CV_WINDOWS || extension_of(cv_str(name)) < EXTENSIONS;
	char *path = cv_path_join(arena, dir, name);
	int rc = path ? -ENOENT : -ENOMEM;

	*ret = path;
	if (path && whole)
		return cv_exe_check(path);
	for (size_t i = 0; path && i < EXTENSIONS && rc != 0 && rc != -ENOMEM; i++) {
		if (!is_searched(w->ctx, i))
			continue;
		*ret = cv_strfmt(arena, "%s%s", path, extensions[i].p);
		rc = *ret ? cv_exe_check(*ret) : -ENOMEM;
	}
	return rc;
}

bool cv_which_dir(struct cv_which *w, struct cv_arena *arena, char **ret)
{
	char *dir;

	while (!w->nomem && cv_path_list_cut(arena, &w->rest, &dir)) {
		if (dir && (!cv_path_has_abs(w->ctx, dir) || (CV_WINDOWS && !dir[0])))
			continue;
		*ret = dir ? cv_path_abs(arena, w->ctx, dir) : NULL;
		w->nomem = !*ret;
		return *ret;
	}
	return false;
}

bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, char **ret)
{
	char *dir;

	while (cv_which_dir(w, arena, &dir)) {
		int rc = find_in(w, arena, dir, name, ret);

		if (rc == 0)
			return true;
		w->nomem = rc == -ENOMEM;
	}
	return false;
}
