/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/sha256.h"
#include "python/facts.h"
#include "python/facts_fields.h"

enum {
	TEXT_MAX = 4096, /* PATH_MAX */
	LIBRARY_PATH_MAX = 32 * 1024,
	WORD_MAX = 64,
	HEX_MAX = CV_SHA256_HEX,
	MAGIC_MIN = 4,
	VERSION_MAX = 16,
};

static bool all_of(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

/* A line end cannot be in pyvenv.cfg, nor in a "#!" line. */
static bool absolute(const char *text)
{
	return text[0] == '/' && !strpbrk(text, "\r\n");
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
		return relative(text) && !strchr(text, '/');
	case CV_RULE_WORD:
		return !none && word(text);
	case CV_RULE_WORD_OR_NONE:
		return word(text);
	case CV_RULE_HEX:
		return strlen(text) >= MAGIC_MIN && hex(text);
	case CV_RULE_HEX_OR_NONE:
		return hex(text);
	}
	return false;
}

static int refuse(struct cv_err *err, const struct cv_facts *facts, const char *name)
{
	return cv_fail_msg(err, CV_EPYTHON, "'%s' gives an impossible answer about its %s",
		facts->path ? facts->path : "", name);
}

static int check_strings(const struct cv_facts *facts, struct cv_err *err)
{
	for (size_t i = 0; i < CV_FIELD_COUNT; i++) {
		const struct cv_field *f = &cv_fields[i];
		const char *text;
		size_t max = TEXT_MAX;

		if (f->kind != CV_FIELD_STR)
			continue;
		text = *(const char *const *)(const void *)((const char *)facts + f->offset);
		if (f->offset == offsetof(struct cv_facts, library_path))
			max = LIBRARY_PATH_MAX; /* the user's, not the interpreter's */
		if (!text || strnlen(text, max) == max || !obeys(f->rule, text))
			return refuse(err, facts, f->name);
	}
	return 0;
}

static int check_version(const struct cv_facts *facts, struct cv_err *err)
{
	char said[VERSION_MAX];

	(void)snprintf(said, sizeof(said), "%u.%u.%u", facts->major, facts->minor, facts->micro);
	if (facts->major > 999 || facts->minor > 999 || facts->micro > 999 ||
		strcmp(said, facts->version) != 0)
		return refuse(err, facts, "version");
	if (facts->major < 3 || (facts->major == 3 && facts->minor < CV_PYTHON_MINOR_MIN))
		return cv_facts_too_old(err, facts->path, facts->version);
	if (facts->major > 3)
		return cv_fail_msg(err, CV_EPYTHON, "'%s' is Python %s, which cvenv does not know",
			facts->path, facts->version);
	return 0;
}

int cv_facts_too_old(struct cv_err *err, const char *path, const char *version)
{
	int rc = cv_fail_msg(err, CV_EPYTHON, "'%s' is Python %s", path, version);

	return cv_cure(err, rc, "cvenv needs 3.%d or later", CV_PYTHON_MINOR_MIN);
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

static int check_relations(const struct cv_facts *facts, struct cv_err *err)
{
	if (strcmp(cv_path_base(facts->base), facts->exe_name) != 0)
		return refuse(err, facts, "exe_name");
	if (facts->needs_setuptools != (facts->minor < 12))
		return refuse(err, facts, "needs_setuptools");
	if ((facts->libpython[0] == '\0') != (facts->libpython_dest[0] == '\0'))
		return refuse(err, facts, "libpython");
	if (!wheel_ok(facts->pip_wheel, "pip", facts->pip_sha256))
		return refuse(err, facts, "pip_wheel");
	if (!wheel_ok(facts->setuptools_wheel, "setuptools", facts->setuptools_sha256))
		return refuse(err, facts, "setuptools_wheel");
	if (facts->stamp_count > CV_STAMPS_MAX)
		return refuse(err, facts, "stamps");
	for (size_t i = 0; i < facts->stamp_count; i++)
		if (facts->stamps[i].path[0] != '/')
			return refuse(err, facts, "stamps");
	return 0;
}

int cv_facts_check(const struct cv_facts *facts, struct cv_err *err)
{
	int rc = check_strings(facts, err);

	rc = rc < 0 ? rc : check_version(facts, err);
	return rc < 0 ? rc : check_relations(facts, err);
}
