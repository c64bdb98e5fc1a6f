/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/sha256.h"
#include "interpreter/info.h"
#include "interpreter/info_fields.h"

enum {
	TEXT_MAX = 4096,      /* PATH_MAX of Linux */
	LIST_MAX = 32 * 1024, /* of a list, and of LD_LIBRARY_PATH */
	WORD_MAX = 64,
	HEX_MAX = CV_SHA256_HEX,
	MAGIC_MIN = 4,
	VERSION_MAX = 16,
};

static bool all_of(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

/* pyvenv.cfg and a "#!" line cannot contain a line end. */
static bool absolute(const char *text)
{
	return cv_path_is_abs(text) && !strpbrk(text, "\r\n");
}

static bool word(const char *text)
{
	return strlen(text) <= WORD_MAX &&
	       all_of(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+");
}

static bool hex(const char *text)
{
	size_t n = strlen(text);

	return n % 2 == 0 && n <= HEX_MAX && all_of(text, "0123456789abcdef");
}

static bool relative(const char *text)
{
	return cv_path_safe(cv_str(text)) && !strpbrk(text, "\r\n");
}

static bool name(const char *text)
{
	return relative(text) && !cv_path_is_path(text);
}

/* In pairs, which only a Python for Windows has. There a colon separates a drive or a stream. */
static bool windows_name(const char *text)
{
	return name(text) && !strchr(text, ':');
}

static bool pairs(const char *text, bool (*value_ok)(const char *text))
{
	struct cv_str list = cv_str(text), parts[2];
	size_t count = 0;

	while (cv_info_pair(&list, &parts[0], &parts[1])) {
		char texts[2][TEXT_MAX];

		for (int i = 0; i < 2; i++) {
			if (parts[i].n >= TEXT_MAX)
				return false;
			(void)snprintf(texts[i], TEXT_MAX, "%.*s", CV_ARG(parts[i]));
		}
		if (++count > CV_PAIRS_MAX || !windows_name(texts[0]) || !value_ok(texts[1]))
			return false;
	}
	return !list.n;
}

static bool obeys(enum cv_field_rule rule, const char *text)
{
	bool none = text[0] == '\0';

	switch (rule) {
	case CV_RULE_ANY:
		return true;
	case CV_RULE_ABS:
		return absolute(text);
	case CV_RULE_ABS_OR_NONE:
		return none || absolute(text);
	case CV_RULE_REL_OR_NONE:
		return none || relative(text);
	case CV_RULE_NAME:
		return name(text);
	case CV_RULE_WORD:
		return !none && word(text);
	case CV_RULE_WORD_OR_NONE:
		return word(text);
	case CV_RULE_HEX:
		return strlen(text) >= MAGIC_MIN && hex(text);
	case CV_RULE_HEX_OR_NONE:
		return hex(text);
	case CV_RULE_PATHS:
		return pairs(text, absolute);
	case CV_RULE_NAMES:
		return pairs(text, windows_name);
	}
	return false;
}

static int refuse(struct cvenv_error *err, const struct cv_info *info, const char *name)
{
	return cv_fail_msg(err, CVENV_EPYTHON, "'%s' reports an invalid %s",
		info->path ? info->path : "", name);
}

static int check_strings(const struct cv_info *info, struct cvenv_error *err)
{
	for (size_t i = 0; i < CV_FIELD_COUNT; i++) {
		const struct cv_field *f = &cv_fields[i];
		const char *text;
		size_t max = TEXT_MAX;

		if (f->kind != CV_FIELD_STR)
			continue;
		text = *(const char *const *)(const void *)((const char *)info + f->offset);
		if (f->offset == offsetof(struct cv_info, library_path) ||
			f->rule == CV_RULE_PATHS || f->rule == CV_RULE_NAMES)
			max = LIST_MAX;
		if (!text || strnlen(text, max) == max || !obeys(f->rule, text))
			return refuse(err, info, f->name);
	}
	return 0;
}

/* "", "a1", "b2", "rc1" */
static bool pre_ok(const char *text)
{
	const char *digits = text + strcspn(text, "0123456789");
	struct cv_str word = { text, (size_t)(digits - text) };

	if (text[0] == '\0')
		return true;
	return (cv_str_eq(word, CV_LIT("a")) || cv_str_eq(word, CV_LIT("b")) ||
		       cv_str_eq(word, CV_LIT("rc"))) &&
	       digits[0] && strlen(text) < VERSION_MAX && all_of(digits, "0123456789");
}

static int check_version(const struct cv_info *info, struct cvenv_error *err)
{
	char said[VERSION_MAX];

	(void)snprintf(said, sizeof(said), "%u.%u.%u", info->major, info->minor, info->micro);
	if (info->major > 999 || info->minor > 999 || info->micro > 999 ||
		strcmp(said, info->version) != 0 || !pre_ok(info->pre))
		return refuse(err, info, "version");
	if (info->major < 3 || (info->major == 3 && info->minor < CV_PYTHON_MINOR_MIN))
		return cv_info_too_old(err, info->path, info->version);
	if (info->major > 3)
		return cv_fail_msg(err, CVENV_EPYTHON,
			"'%s' is Python %s, which cvenv does not support", info->path,
			info->version);
	return 0;
}

void cv_info_full_version(const struct cv_info *info, char ret[CV_INFO_VERSION_ROOM])
{
	(void)snprintf(ret, CV_INFO_VERSION_ROOM, "%s%s", info->version, info->pre);
}

int cv_info_too_old(struct cvenv_error *err, const char *path, const char *version)
{
	int rc = cv_fail_msg(err, CVENV_EPYTHON, "'%s' is Python %s", path, version);

	return cv_hint(err, rc, "cvenv needs 3.%d or later", CV_PYTHON_MINOR_MIN);
}

static bool wheel_ok(const char *wheel, const char *project, const char *sha256)
{
	const char *name = cv_path_base(wheel);
	size_t len = strlen(project);

	if (wheel[0] == '\0')
		return sha256[0] == '\0';
	return strncmp(name, project, len) == 0 && name[len] == '-' &&
	       cv_str_ends(cv_str(name), CV_LIT(".whl")) && strlen(sha256) == CV_SHA256_HEX;
}

static int check_windows(const struct cv_info *info, struct cvenv_error *err)
{
	static const char *const machines[] = { "amd64", "arm64", "x86" };
	bool known = false;

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		known |= strcmp(info->machine, machines[i]) == 0;
	if (!known) /* such as mingw_x86_64, which has other directories */
		return cv_fail_msg(err, CVENV_EPYTHON,
			"'%s' is a Python for '%s', which cvenv does not support", info->path,
			info->machine);
	if (strcmp(info->implementation, "cpython") != 0)
		return cv_fail_msg(err, CVENV_EPYTHON,
			"'%s' is %s, which cvenv does not support on Windows", info->path,
			info->implementation);
	if (info->copies[0])
		return 0;
	cv_fail_msg(err, CVENV_EPYTHON, "'%s' has no launcher for environments", info->path);
	return cv_hint(err, -CVENV_EPYTHON, "its directory venv\\scripts\\nt is incomplete");
}

static int check_relations(const struct cv_info *info, struct cvenv_error *err)
{
	if (strcmp(cv_path_base(info->base), info->exe_name) != 0)
		return refuse(err, info, "exe_name");
	if (info->needs_setuptools != (info->minor < 12))
		return refuse(err, info, "needs_setuptools");
	if ((info->libpython[0] == '\0') != (info->libpython_dest[0] == '\0'))
		return refuse(err, info, "libpython");
	if (!wheel_ok(info->pip_wheel, "pip", info->pip_sha256))
		return refuse(err, info, "pip_wheel");
	if (!wheel_ok(info->setuptools_wheel, "setuptools", info->setuptools_sha256))
		return refuse(err, info, "setuptools_wheel");
	if (info->stamp_count > CV_STAMPS_MAX)
		return refuse(err, info, "stamps");
	for (size_t i = 0; i < info->stamp_count; i++)
		if (!cv_path_is_abs(info->stamps[i].path))
			return refuse(err, info, "stamps");
	return 0;
}

int cv_info_check(const struct cv_info *info, struct cvenv_error *err)
{
	int rc = check_strings(info, err);

	rc = rc < 0 ? rc : check_version(info, err);
	rc = rc < 0 || !info->windows ? rc : check_windows(info, err);
	return rc < 0 ? rc : check_relations(info, err);
}
