/* SPDX-License-Identifier: MIT */
#include "env/finished.h"

#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/system.h"
#include "env/activators.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The key that only this maker writes. */
static const char *const keys_of_makers[] = {
	[CVENV_MAKER_VENV] = "home",
	[CVENV_MAKER_VIRTUALENV] = "virtualenv",
	[CVENV_MAKER_UV] = "uv",
	[CVENV_MAKER_CVENV] = "cvenv",
};

enum cvenv_maker cv_maker_of(const struct cv_cfg *cfg)
{
	size_t i = COUNT(keys_of_makers);

	while (--i > CVENV_MAKER_UNKNOWN)
		if (cv_cfg_value(cfg, keys_of_makers[i]).p)
			break;
	return (enum cvenv_maker)i;
}

struct cv_str cv_maker_version(const struct cv_cfg *cfg)
{
	enum cvenv_maker maker = cv_maker_of(cfg);

	return maker > CVENV_MAKER_VENV ? cv_cfg_value(cfg, keys_of_makers[maker])
					: (struct cv_str){ 0 };
}

/* The first numbers of S with dots between them, at most three: "3.12.1" of "3.12.1.final.0". */
static struct cv_str numbers(struct cv_str s)
{
	size_t n = 0, dots = 0;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] == '.' && n && dots < 2)))
		dots += s.p[n++] == '.';
	while (n && s.p[n - 1] == '.')
		n--;
	return (struct cv_str){ s.p, n };
}

struct cv_str cv_cfg_version(const struct cv_cfg *cfg)
{
	static const char *const keys[] = { "version", "version_info", "python-version" };
	struct cv_str best = { 0 };

	for (size_t i = 0; i < COUNT(keys); i++) {
		struct cv_str version = numbers(cv_cfg_value(cfg, keys[i]));

		if (version.n && (version.n > best.n || !best.p || !memchr(best.p, '.', best.n)))
			best = version;
	}
	return best;
}

bool cv_cfg_true(const struct cv_cfg *cfg, const char *name)
{
	struct cv_str value = cv_cfg_value(cfg, name);

	return value.n == strlen("true") && strncasecmp(value.p, "true", value.n) == 0;
}

/* --- command ------------------------------------------------------------------------------- */

static void skip(struct cv_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* Skip the option at the beginning of *REST, with the space behind it. */
static bool skip_option(struct cv_str *rest)
{
	/* What may follow a prompt, which contains anything and is not quoted. */
	static const char *const ends[] = { "\" /", "\" --", "\" \\", ":\\" };
	const struct cv_str prompt = CV_LIT("--prompt=\"");
	const char *end = NULL;

	if (!cv_str_starts(*rest, CV_LIT("--")))
		return false;
	if (cv_str_starts(*rest, prompt)) {
		for (size_t i = 0; i < COUNT(ends) && !end; i++)
			end = cv_str_find(*rest, cv_str(ends[i]));
		if (end && *end == ':') /* "C:\" */
			end -= strlen("\" C");
		end = end && end > rest->p ? end + 1 : NULL;
	} else {
		end = memchr(rest->p, ' ', rest->n);
	}
	if (!end)
		return false;
	skip(rest, (size_t)(end - rest->p) + 1);
	return true;
}

/* The last place that looks like the beginning of an absolute path. */
static struct cv_str last_path(struct cv_str s)
{
	for (size_t i = s.p ? s.n : 0; i-- > 1;)
		if (s.p[i - 1] == ' ' &&
			(s.p[i] == '/' || s.p[i] == '\\' || (i + 2 < s.n && s.p[i + 1] == ':')))
			return (struct cv_str){ s.p + i, s.n - i };
	return (struct cv_str){ 0 };
}

const char *cv_cfg_command_dir(struct cv_arena *a, const struct cv_cfg *cfg, bool *ret_bad)
{
	static const char *const modules[] = { " -m venv ", " -m virtualenv " };
	struct cv_str command = cv_cfg_value(cfg, "command"), rest = { 0 };
	char *path;

	for (size_t i = 0; i < COUNT(modules) && !rest.p; i++) {
		const char *at = cv_str_find(command, cv_str(modules[i]));

		if (!at)
			continue;
		rest = command;
		skip(&rest, (size_t)(at - rest.p) + strlen(modules[i]));
	}
	while (skip_option(&rest))
		;
	path = rest.p ? cv_strdup(a, rest) : NULL;
	if (path && !cv_path_is_abs(path)) { /* of a newer version, with options of its own */
		rest = last_path(command);
		path = rest.p ? cv_strdup(a, rest) : NULL;
	}
	*ret_bad = *ret_bad || (rest.p && !path);
	if (!path || memchr(rest.p, '\0', rest.n) || !cv_path_is_abs(path))
		return NULL;
	path = cv_path_abs(a, NULL, path);
	*ret_bad = *ret_bad || !path;
	return path;
}

/* --- names --------------------------------------------------------------------------------- */

bool cv_is_interpreter_name(const char *name)
{
	static const char *const families[] = { "pythonw", "python", "pypy", "graalpy",
		"\xf0\x9d\x9c\x8bthon" };
	static const char *const suffixes[] = { "", "t", "d", "td", "m", "dm", "-dbg", "-c" };
	struct cv_str rest = cv_str(name);
	size_t i = 0;

	while (i < COUNT(families) && !cv_str_starts(rest, cv_str(families[i])))
		i++;
	if (i == COUNT(families))
		return false;
	skip(&rest, strlen(families[i]));
	if (CV_WINDOWS && rest.n >= 4 && strcasecmp(rest.p + rest.n - 4, ".exe") == 0)
		rest.n -= 4;
	skip(&rest, numbers(rest).n);
	for (i = 0; i < COUNT(suffixes); i++)
		if (cv_str_eq(rest, cv_str(suffixes[i])))
			return true;
	return false;
}

bool cv_is_activation_name(const char *name)
{
	/* Of virtualenv and uv, beside those that cvenv writes. */
	static const char *const others[] = { "deactivate.csh", "deactivate.bat", "pydoc.bat",
		"deactivate.nu" };

	for (size_t i = 0; i < CV_ACTIVATORS; i++)
		if (strcasecmp(name, cv_activators[i].file) == 0)
			return true;
	for (size_t i = 0; i < COUNT(others); i++)
		if (strcmp(name, others[i]) == 0)
			return true;
	return false;
}

const char *cv_environment_of(
	struct cv_arena *a, const char *python, const char *bin, bool *ret_bad)
{
	const char *dir, *up;

	if (!cv_path_is_abs(python) || !cv_is_interpreter_name(cv_path_base(python)))
		return NULL;
	dir = cv_path_dir(a, python);
	up = dir ? cv_path_dir(a, dir) : NULL;
	*ret_bad = *ret_bad || !up;
	return up && cv_path_same(cv_path_base(dir), bin) ? up : NULL;
}

bool cv_found_of(const char *entry, struct cv_found *ret)
{
	static const struct {
		const char *end;
		enum cv_found_kind kind;
	} ends[] = {
		{ ".dist-info", CV_FOUND_DIST_INFO },
		{ ".egg-info", CV_FOUND_EGG_INFO },
		{ ".egg-link", CV_FOUND_EGG_LINK },
	};
	struct cv_str stem = cv_str(entry);
	size_t i = 0;

	while (i < COUNT(ends) && !cv_str_ends(stem, cv_str(ends[i].end)))
		i++;
	if (i == COUNT(ends))
		return false;
	stem.n -= strlen(ends[i].end);
	*ret = (struct cv_found){ .kind = ends[i].kind, .entry = entry };
	if (ends[i].kind == CV_FOUND_EGG_LINK) {
		ret->name = stem;
		return stem.n > 0;
	}
	(void)cv_str_cut(&stem, '-', &ret->name);
	/* NAME-VERSION-py3.11.egg-info */
	if (stem.p && ends[i].kind == CV_FOUND_EGG_INFO)
		(void)cv_str_cut(&stem, '-', &ret->version);
	else if (stem.p)
		ret->version = stem;
	return ret->name.n && (ret->version.n || ret->kind == CV_FOUND_EGG_INFO);
}

bool cv_lib_name(const char *name, const char **ret_implementation, struct cv_str *ret_version)
{
	static const struct {
		const char *start, *implementation;
	} families[] = {
		{ "python", "cpython" },
		{ "pypy", "pypy" },
		{ "graalpy", "graalpy" },
	};
	struct cv_str rest = cv_str(name);
	size_t i = 0;

	while (i < COUNT(families) && !cv_str_starts(rest, cv_str(families[i].start)))
		i++;
	if (i == COUNT(families))
		return false;
	skip(&rest, strlen(families[i].start));
	*ret_implementation = families[i].implementation;
	*ret_version = numbers(rest);
	skip(&rest, ret_version->n);
	return memchr(ret_version->p, '.', ret_version->n) &&
	       (rest.n == 0 || cv_str_eq(rest, CV_LIT("t")));
}

/* "3.12" of "3.12.1" */
static struct cv_str minor_of(struct cv_str version)
{
	const char *dot = memchr(version.p ? version.p : "", '.', version.n);
	const char *second = NULL;

	if (dot)
		second = memchr(dot + 1, '.', version.n - (size_t)(dot + 1 - version.p));
	if (second)
		version.n = (size_t)(second - version.p);
	return version;
}

bool cv_same_minor(struct cv_str a, struct cv_str b)
{
	return a.n && cv_str_eq(minor_of(a), minor_of(b));
}
