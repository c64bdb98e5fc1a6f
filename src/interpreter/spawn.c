/* SPDX-License-Identifier: MIT */
#include "interpreter/spawn.h"

#include <string.h>

enum { LINE_MAX_SHOWN = 400 };

static bool name_matches(const char *entry, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return strncmp(entry, pattern, len - 1) == 0;
	return strncmp(entry, pattern, len) == 0 && entry[len] == '=';
}

static bool same_name(const char *entry, const char *added)
{
	size_t len = strcspn(added, "=");

	return strncmp(entry, added, len) == 0 && entry[len] == '=';
}

static bool dropped(const char *entry, const char *const *drop, const char *const *add)
{
	for (; drop && *drop; drop++)
		if (name_matches(entry, *drop))
			return true;
	for (; add && *add; add++)
		if (same_name(entry, *add))
			return true;
	return false;
}

const char *const *cv_spawn_env(struct cv_arena *arena, const struct cv_ctx *ctx,
	const char *const *drop, const char *const *add)
{
	const char **env;
	size_t room = 1, n = 0;

	for (const char *const *e = ctx->envp; e && *e; e++)
		room++;
	for (const char *const *e = add; e && *e; e++)
		room++;
	env = cv_new(arena, const char *, room);
	if (!env)
		return NULL;
	for (const char *const *e = ctx->envp; e && *e; e++)
		if (!dropped(*e, drop, add))
			env[n++] = *e;
	for (const char *const *e = add; e && *e; e++)
		env[n++] = *e;
	return (const char *const *)env;
}

/* The last line with something in it, made printable, at most LINE_MAX_SHOWN bytes. */
static void last_line(const char *tail, char ret[LINE_MAX_SHOWN + 1])
{
	struct cv_str s = cv_str_trim(cv_str(tail)), line = { 0 };
	size_t n;

	while (cv_str_cut(&s, '\n', &line))
		;
	line = cv_str_trim(line);
	n = line.n < LINE_MAX_SHOWN ? line.n : LINE_MAX_SHOWN;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		ret[i] = c < 0x20 || c == 0x7f ? '?' : line.p[i];
	}
	ret[n] = '\0';
}

int cv_spawn_failed(
	struct cvenv_error *err, int code, const char *what, int status, const char *tail)
{
	char line[LINE_MAX_SHOWN + 1] = "";
	const char *colon;

	if (tail)
		last_line(tail, line);
	colon = line[0] ? ": " : "";
	if (status < 0)
		return cv_fail_msg(
			err, code, "'%s' was killed by signal %d%s%s", what, -status, colon, line);
	return cv_fail_msg(err, code, "'%s' failed with status %d%s%s", what, status, colon, line);
}
