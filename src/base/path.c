/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <string.h>

enum { NAME_LEN_MAX = 255 };

char *cv_path_abs(struct cv_arena *a, const char *cwd, const char *path)
{
	char *joined = cv_path_join(a, cwd, path);
	struct cv_str rest, part;
	char *out;
	size_t root, n;

	out = joined ? cv_new(a, char, strlen(joined) + 2) : NULL;
	if (!out)
		return NULL;
	root = joined[0] == '/' && joined[1] == '/' && joined[2] != '/' ? 2 : 1;
	memset(out, '/', root);
	n = root;
	rest = cv_str(joined);
	while (cv_str_cut(&rest, '/', &part)) {
		if (part.n == 0 || cv_str_eq(part, CV_LIT(".")))
			continue;
		if (cv_str_eq(part, CV_LIT(".."))) {
			while (n > root && out[n - 1] != '/')
				n--;
			if (n > root)
				n--; /* the slash in front of it */
			continue;
		}
		if (n > root)
			out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	out[n] = '\0';
	return out;
}

char *cv_path_join(struct cv_arena *a, const char *dir, const char *name)
{
	size_t len;

	if (name[0] == '/')
		return cv_strdup(a, cv_str(name));
	len = strlen(dir);
	return cv_strfmt(a, "%s%s%s", dir, len && dir[len - 1] == '/' ? "" : "/", name);
}

const char *cv_path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *cv_path_dir(struct cv_arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n == 0)
		n = slash ? 1 : 0;
	return cv_strdup(a, (struct cv_str){ path, n });
}

char *cv_path_bytecode(struct cv_arena *a, const char *source, const char *tag, const char *level)
{
	const char *base = cv_path_base(source);

	return cv_strfmt(a, "%.*s__pycache__/%.*s.%s%s.pyc", (int)(base - source), source,
		(int)(strlen(base) - strlen(".py")), base, tag, level);
}

bool cv_path_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(path, dir, len) != 0)
		return false;
	return path[len] == '\0' || path[len] == '/' || (len && dir[len - 1] == '/');
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
	}
	return true;
}
