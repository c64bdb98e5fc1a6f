/* SPDX-License-Identifier: MIT */
#include "base/path.h"
#include "base/path_windows.h"

#include <string.h>
#include <strings.h>

enum { NAME_LEN_MAX = 255 };

size_t cv_path_root(const char *path)
{
	if (CV_WINDOWS)
		return cv_windows_root(path);
	if (path[0] != '/')
		return 0;
	return path[1] == '/' && path[2] != '/' ? 2 : 1;
}

bool cv_path_is_abs(const char *path)
{
	return CV_WINDOWS ? cv_windows_is_abs(path) : path[0] == '/';
}

bool cv_path_is_path(const char *path)
{
	return cv_path_base(path) != path || strcmp(path, ".") == 0 || strcmp(path, "..") == 0;
}

bool cv_path_has_abs(const struct cv_ctx *ctx, const char *path)
{
	return ctx->cwd || cv_path_is_abs(path);
}

const char *cv_path_home(const struct cv_ctx *ctx)
{
	const char *home = cv_getenv(ctx, CV_WINDOWS ? "USERPROFILE" : "HOME");

	return home && cv_path_is_abs(home) ? home : NULL;
}

/* On Windows, names inside an environment become parts of a path. */
static void make_native(char *path)
{
	for (char *p = path; CV_WINDOWS && *p; p++)
		if (*p == '/')
			*p = CV_PATH_SEP;
}

/* Add PART to the first N bytes of OUT, whose first ROOT bytes are its root. The new length. */
static size_t add_part(char *out, size_t root, size_t n, char sep, struct cv_str part)
{
	if (part.n == 0 || cv_str_eq(part, CV_LIT(".")))
		return n;
	if (cv_str_eq(part, CV_LIT(".."))) {
		while (n > root && out[n - 1] != sep)
			n--;
		return n > root ? n - 1 : n; /* without the separator before it */
	}
	if (n && out[n - 1] != sep)
		out[n++] = sep;
	memcpy(out + n, part.p, part.n);
	return n + part.n;
}

/* PATH as seen from CTX's current directory. */
static char *complete(struct cv_arena *a, const struct cv_ctx *ctx, const char *path)
{
	const char *dir = ctx ? ctx->cwd : NULL;
	size_t len = dir ? strlen(dir) : 0;

	if (cv_path_is_abs(path))
		return cv_strdup(a, cv_str(path));
	if (CV_WINDOWS && cv_path_root(path))
		return cv_windows_complete(a, ctx, path);
	return cv_strfmt(a, "%s%s%s", dir, len && cv_path_is_sep(dir[len - 1]) ? "" : "/", path);
}

char *cv_path_abs(struct cv_arena *a, const struct cv_ctx *ctx, const char *path)
{
	char *whole = complete(a, ctx, path);
	char *out = whole ? cv_new(a, char, strlen(whole) + 2) : NULL;
	struct cv_str rest, part;
	size_t root, n;

	if (!out)
		return NULL;
	make_native(whole);
	n = root = cv_path_root(whole);
	memcpy(out, whole, root);
	rest = cv_str(whole + root);
	while (cv_str_cut(&rest, CV_PATH_SEP, &part))
		n = add_part(out, root, n, CV_PATH_SEP, part);
	out[n] = '\0';
	if (CV_WINDOWS)
		cv_windows_trim(out + root);
	return out;
}

char *cv_path_join(struct cv_arena *a, const char *dir, const char *name)
{
	char *whole = complete(a, &(struct cv_ctx){ .cwd = dir }, name);

	if (whole && cv_path_root(whole))
		make_native(whole);
	return whole;
}

const char *cv_path_base(const char *path)
{
	const char *base = path + cv_path_root(path);

	for (const char *p = base; *p; p++)
		if (cv_path_is_sep(*p))
			base = p + 1;
	return base;
}

char *cv_path_dir(struct cv_arena *a, const char *path)
{
	size_t n = (size_t)(cv_path_base(path) - path);

	return cv_strdup(a, (struct cv_str){ path, n > cv_path_root(path) ? n - 1 : n });
}

bool cv_path_same(const char *a, const char *b)
{
	return CV_WINDOWS ? strlen(a) == strlen(b) && cv_windows_starts(a, cv_str(b))
			  : strcmp(a, b) == 0;
}

bool cv_path_starts(const char *path, struct cv_str prefix)
{
	return CV_WINDOWS ? cv_windows_starts(path, prefix)
			  : strncmp(path, prefix.p, prefix.n) == 0;
}

const char *cv_path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (!cv_path_starts(path, cv_str(dir)))
		return NULL;
	if (path[len] == '\0' || (len && cv_path_is_sep(dir[len - 1])))
		return path + len;
	return cv_path_is_sep(path[len]) ? path + len + 1 : NULL;
}

bool cv_path_within(const char *path, const char *dir)
{
	return cv_path_below(path, dir) != NULL;
}

bool cv_path_list_cut(struct cv_arena *a, struct cv_str *list, char **ret_dir)
{
	struct cv_str entry;

	if (CV_WINDOWS)
		return cv_windows_list_cut(a, list, ret_dir);
	if (!cv_str_cut(list, CV_PATH_LIST_SEP, &entry))
		return false;
	*ret_dir = cv_strdup(a, entry);
	return true;
}

char *cv_path_inside(struct cv_arena *a, const char *dir, const char *name)
{
	char *whole = cv_path_root(name) ? NULL : cv_strfmt(a, "%s/%s", dir, name);
	char *out = whole ? cv_new(a, char, strlen(whole) + 1) : NULL;
	struct cv_str rest, part;
	size_t n = 0;

	if (!out)
		return NULL;
	if (CV_WINDOWS)
		for (char *p = whole; *p; p++)
			if (*p == '\\')
				*p = '/';
	rest = cv_str(whole);
	while (cv_str_cut(&rest, '/', &part)) {
		if (n == 0 && cv_str_eq(part, CV_LIT("..")))
			return NULL;
		n = add_part(out, 0, n, '/', part);
	}
	out[n] = '\0';
	return out;
}

char *cv_path_bytecode(struct cv_arena *a, const char *source, const char *tag, const char *level)
{
	const char *base = cv_path_base(source);

	return cv_strfmt(a, "%.*s__pycache__/%.*s.%s%s.pyc", (int)(base - source), source,
		(int)(strlen(base) - strlen(".py")), base, tag, level);
}

bool cv_path_safe(struct cv_str name)
{
	struct cv_str part;

	if (name.n == 0)
		return false;
	while (cv_str_cut(&name, '/', &part)) {
		if (part.n == 0 || part.n > NAME_LEN_MAX || cv_str_eq(part, CV_LIT(".")) ||
			cv_str_eq(part, CV_LIT("..")))
			return false; /* also rejects a leading or doubled '/' */
		if (memchr(part.p, '\\', part.n) || memchr(part.p, '\0', part.n))
			return false; /* a separator on Windows; the end of the path in C */
		if (CV_WINDOWS && cv_name_on_windows(part) != CV_NAME_OK)
			return false;
	}
	return true;
}
