/* SPDX-License-Identifier: MIT */
#include "interpreter/which.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/path.h"
#include "base/system.h"

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

/* Is FILE executable? *ret is its path. */
static bool try_file(
	struct cv_which *w, struct cv_arena *arena, const char *dir, const char *file, char **ret)
{
	int rc;

	*ret = file ? cv_path_join(arena, dir, file) : NULL;
	rc = *ret ? cv_exe_check(*ret) : -ENOMEM;
	w->nomem |= rc == -ENOMEM;
	return rc == 0;
}

static bool ends_with(struct cv_str text, const char *end)
{
	size_t n = strlen(end);

	return text.n >= n && strncasecmp(text.p + text.n - n, end, n) == 0;
}

/*
 * As cmd does: a name with one of the extensions of PATHEXT is taken as it is, else each of them is
 * added in turn. Other extensions than these need another program.
 */
static bool try_extensions(
	struct cv_which *w, struct cv_arena *arena, const char *dir, const char *name, char **ret)
{
	static const char *const known[] = { ".com", ".exe", ".bat", ".cmd" };
	const char *set = cv_getenv_nonempty(w->ctx, "PATHEXT");
	struct cv_str list = cv_str(set ? set : ".com;.exe;.bat;.cmd"), extension;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ends_with(cv_str(name), known[i]))
			return try_file(w, arena, dir, name, ret);
	while (cv_str_cut(&list, ';', &extension))
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (extension.n == strlen(known[i]) && ends_with(extension, known[i]) &&
				try_file(w, arena, dir, cv_strfmt(arena, "%s%s", name, known[i]),
					ret))
				return true;
	return false;
}

bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, char **ret)
{
	char *dir;

	while (!w->nomem && cv_path_list_cut(arena, &w->rest, &dir)) {
		if (dir && !cv_path_has_abs(w->ctx, dir))
			continue;
		dir = dir ? cv_path_abs(arena, w->ctx, dir) : NULL;
		w->nomem = !dir;
		if (dir && (CV_WINDOWS ? try_extensions(w, arena, dir, name, ret)
				       : try_file(w, arena, dir, name, ret)))
			return true;
	}
	return false;
}
