/* SPDX-License-Identifier: MIT */
#include "base/path_windows.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

/* The rules of Windows. They are compiled on every system, so that they are tested there. */

static bool is_sep(char c)
{
	return c == '/' || c == '\\';
}

static bool has_drive(const char *path)
{
	return isalpha((unsigned char)path[0]) && path[1] == ':';
}

/* A root such as "\\server\share\": the two names after the first N bytes. */
static size_t two_names(const char *path, size_t n)
{
	for (int i = 0; i < 2; i++) {
		n += strcspn(path + n, "/\\");
		if (!path[n])
			return n;
		n++;
	}
	return n;
}

/* Does PATH start with "\\?\UNC\"? */
static bool is_long_unc(const char *path)
{
	return path[2] == '?' && is_sep(path[3]) && strncasecmp(path + 4, "UNC", 3) == 0 &&
	       is_sep(path[7]);
}

size_t cv_windows_root(const char *path)
{
	if (has_drive(path))
		return is_sep(path[2]) ? 3 : 2;
	if (!is_sep(path[0]))
		return 0;
	if (!is_sep(path[1]))
		return 1;
	return two_names(path, is_long_unc(path) ? strlen("\\\\?\\UNC\\") : 2);
}

bool cv_windows_is_abs(const char *path)
{
	return has_drive(path) ? is_sep(path[2]) : is_sep(path[0]) && is_sep(path[1]);
}

bool cv_windows_starts(const char *path, struct cv_str prefix)
{
	for (size_t i = 0; i < prefix.n; i++) {
		const char a = path[i], b = prefix.p[i];

		if (!a || (tolower((unsigned char)a) != tolower((unsigned char)b) &&
				  !(is_sep(a) && is_sep(b))))
			return false;
	}
	return true;
}

/* The current directory of the drive of PATH. */
static const char *drive_cwd(struct cv_arena *a, const struct cv_ctx *ctx, const char *path)
{
	const char variable[] = { '=', (char)toupper((unsigned char)path[0]), ':', '\0' };
	const char *dir = cv_getenv(ctx, variable);

	if (ctx->cwd && strncasecmp(ctx->cwd, path, 2) == 0)
		return ctx->cwd;
	if (dir && strncasecmp(dir, path, 2) == 0 && is_sep(dir[2]))
		return dir;
	return cv_strfmt(a, "%.2s\\", path);
}

char *cv_windows_complete(struct cv_arena *a, const struct cv_ctx *ctx, const char *path)
{
	size_t root = cv_windows_root(path);
	const char *dir = root == 2 ? drive_cwd(a, ctx, path) : ctx->cwd;
	size_t n = dir ? strlen(dir) : 0;

	if (n && root == 1) /* the root of the current drive */
		n = cv_windows_root(dir);
	return n ? cv_strfmt(
			   a, "%.*s%s%s", (int)n, dir, is_sep(dir[n - 1]) ? "" : "\\", path + root)
		 : NULL;
}

/* The length of a component after Windows removed dots and spaces from its end. */
static size_t trimmed(const char *name, size_t n, bool last)
{
	size_t keep = n;

	while (keep && (name[keep - 1] == '.' || name[keep - 1] == ' '))
		keep--;
	if (keep == 0 || last)
		return keep ? keep : n;
	return name[n - 1] == '.' ? n - 1 : n;
}

void cv_windows_trim(char *path)
{
	char *out = path;

	for (;;) {
		size_t n = strcspn(path, "\\");
		bool last = path[n] == '\0';
		size_t keep = trimmed(path, n, last);

		memmove(out, path, keep);
		out += keep;
		if (last)
			break;
		*out++ = '\\';
		path += n + 1;
	}
	*out = '\0';
}

bool cv_windows_list_cut(struct cv_arena *a, struct cv_str *list, char **ret_dir)
{
	bool quoted = false;
	size_t n = 0, used = 0;
	char *dir;

	if (!list->p)
		return false;
	*ret_dir = dir = cv_new(a, char, list->n + 1);
	for (; used < list->n && (quoted || list->p[used] != ';'); used++) {
		if (list->p[used] == '"')
			quoted = !quoted;
		else if (dir)
			dir[n++] = list->p[used];
	}
	if (dir)
		dir[n] = '\0';
	*list = used < list->n ? (struct cv_str){ list->p + used + 1, list->n - used - 1 }
			       : (struct cv_str){ 0 };
	return true;
}

/* The name without its extension and the spaces before it. */
static struct cv_str stem(struct cv_str name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] != '.' && name.p[n] != ':')
		n++;
	while (n > 0 && name.p[n - 1] == ' ')
		n--;
	return (struct cv_str){ name.p, n };
}

static bool is_device(struct cv_str name)
{
	static const char *const names[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
	/* the superscript digits are digits of ports, too */
	static const char *const digits[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9",
		"\xc2\xb9", "\xc2\xb2", "\xc2\xb3" };
	struct cv_str s = stem(name);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (s.n == strlen(names[i]) && strncasecmp(s.p, names[i], s.n) == 0)
			return true;
	if (s.n < 4 || (strncasecmp(s.p, "COM", 3) != 0 && strncasecmp(s.p, "LPT", 3) != 0))
		return false;
	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		if (cv_str_eq((struct cv_str){ s.p + 3, s.n - 3 }, cv_str(digits[i])))
			return true;
	return false;
}

enum cv_name cv_name_on_windows(struct cv_str name)
{
	char last = name.n ? name.p[name.n - 1] : '\0';

	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || strchr("<>:\"/\\|?*", name.p[i]))
			return CV_NAME_CHARACTER;
	if (is_device(name))
		return CV_NAME_DEVICE;
	return last == '.' || last == ' ' ? CV_NAME_END : CV_NAME_OK;
}
