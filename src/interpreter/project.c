/* SPDX-License-Identifier: MIT */
#include "interpreter/project.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/toml.h"
#include "interpreter/spec.h"
#include "interpreter/version.h"
#include "interpreter/version_file.h"
#include "wheel/version.h"

enum { REQUEST_MAX = 256 }; /* bytes */

struct reader {
	struct cv_arena *arena;
	struct cv_pins *pins;
	bool nomem;
	struct cvenv_error *err;
};

/* Is LINE a path, here or on another system? */
static bool is_path(struct cv_str line)
{
	return memchr(line.p, '/', line.n) || memchr(line.p, '\\', line.n) || line.p[0] == '~' ||
	       cv_str_eq(line, CV_LIT(".")) || cv_str_eq(line, CV_LIT(".."));
}

/* A copy of TEXT if that is a request; NULL if it is none, or if memory is exhausted. */
static char *request(struct reader *r, struct cv_str text)
{
	char *copy;

	if (text.n == 0 || text.n > REQUEST_MAX || r->nomem || !cv_utf8_plain(text))
		return NULL;
	copy = cv_strdup(r->arena, text);
	r->nomem = !copy;
	return copy && cv_pyspec_is_request(copy) ? copy : NULL;
}

/* "3.12.1" of "3.12.1/envs/NAME"; empty if it is something else. */
static struct cv_str base_of_environment(struct cv_str word)
{
	struct cv_str version, part;

	(void)cv_str_cut(&word, '/', &version);
	if (!cv_str_cut(&word, '/', &part) || !cv_str_eq(part, CV_LIT("envs")) || word.n == 0 ||
		memchr(word.p, '/', word.n) || !cv_pyversion_name_ok(word))
		version.n = 0;
	return version;
}

/* The request in LINE. */
static char *request_in(struct reader *r, struct cv_str line)
{
	struct cv_str word = cv_version_file_word(line);
	char *found = request(r, line);

	if (!found && word.n < line.n)
		found = request(r, word);
	return found ? found : request(r, base_of_environment(word));
}

static int refuse_path(struct reader *r, struct cv_str line, int number)
{
	int rc;

	if (!cv_utf8_plain(line))
		line = CV_LIT("it");
	rc = cv_fail_msg(r->err, CVENV_EREFUSED, "'%s', line %d: '%.*s' is a path, not a version",
		r->pins->file, number, CV_ARG(line));
	return cv_hint(r->err, rc,
		"a project may choose a version only: use -p for a path, or --no-config");
}

static int add(struct reader *r, const char *text, int number)
{
	struct cv_pins *pins = r->pins;

	if (pins->count == CV_PINS_MAX)
		return cv_fail_msg(r->err, CVENV_ELIMIT, "'%s', line %d: more than %d versions",
			pins->file, number, CV_PINS_MAX);
	pins->list[pins->count++] = (struct cv_pin){ text, number };
	return 0;
}

static int read_line(struct reader *r, struct cv_str line, int number)
{
	struct cv_pins *pins = r->pins;
	char *found;

	if (cv_str_eq(cv_version_file_word(line), CV_LIT("system")))
		return add(r, NULL, number);
	found = request_in(r, line);
	if (r->nomem)
		return cv_fail_nomem(r->err);
	if (found)
		return add(r, found, number);
	if (is_path(line))
		return refuse_path(r, line, number);
	if (pins->ignored_line)
		return 0;
	pins->ignored_line = number;
	if (!cv_utf8_plain(line) || line.n > CV_VERSION_NAME_MAX)
		line.n = 0;
	pins->ignored = cv_strdup(r->arena, line);
	return pins->ignored ? 0 : cv_fail_nomem(r->err);
}

int cv_pins_parse(struct cv_arena *arena, const char *file, struct cv_str text, struct cv_pins *ret,
	struct cvenv_error *err)
{
	struct reader r = { .arena = arena, .pins = ret, .err = err };
	struct cv_str line;
	int number = 0, rc = 0;

	*ret = (struct cv_pins){ .file = file };
	if (!cv_utf8_ok(text)) {
		rc = cv_fail_msg(err, EILSEQ, "cannot read '%s': it is not UTF-8", file);
		return cv_hint(err, rc, "save it as UTF-8, or use -p or --no-config");
	}
	while (rc == 0 && cv_version_file_line(&text, &number, &line))
		rc = read_line(&r, line, number);
	return rc;
}

/* 1: *ret is what the file says; 0: there is no such file. */
static int read_in(struct reader *r, const char *dir, const char *name)
{
	char *path = cv_path_join(r->arena, dir, name);
	struct cv_str text = { 0 };
	int rc = path ? cv_version_file_read(r->arena, path, CV_PINS_SIZE_MAX, &text, r->err)
		      : cv_fail_nomem(r->err);

	if (rc < 0)
		return cv_hint(r->err, rc, "choose a Python with -p, or use --no-config");
	if (rc == 0)
		return 0;
	rc = cv_pins_parse(r->arena, path, text, r->pins, r->err);
	return rc < 0 ? rc : 1;
}

int cv_pins_read(const struct cv_ctx *ctx, struct cv_arena *arena, const char *end,
	struct cv_pins *ret, struct cvenv_error *err)
{
	static const char *const names[] = { ".python-version", ".python-versions" };
	struct reader r = { .arena = arena, .pins = ret, .err = err };
	const char *dir = ctx->cwd;
	int rc = 0;

	*ret = (struct cv_pins){ 0 };
	while (rc == 0 && dir && !(end && cv_path_same(dir, end))) {
		for (size_t i = 0; i < 2 && rc == 0; i++)
			rc = read_in(&r, dir, names[i]);
		if (rc == 0)
			rc = cv_dir_above(arena, &dir, err);
	}
	return rc < 0 ? rc : 0;
}

/* Can a TOML text have a key KEY, as it is or with escaped characters? */
static bool may_have(struct cv_str text, struct cv_str key)
{
	return cv_str_find(text, key) || cv_str_find(text, CV_LIT("\\u")) ||
	       cv_str_find(text, CV_LIT("\\U"));
}

int cv_pyproject_read(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_str key,
	const char **ret_path, struct cv_toml **ret, struct cvenv_error *err)
{
	const char *dir = ctx->cwd;
	int rc = 0;

	*ret_path = NULL;
	*ret = NULL;
	while (rc == 0 && dir) {
		char *path = cv_path_join(arena, dir, "pyproject.toml");
		struct cv_str text = { 0 };

		rc = path ? cv_version_file_read(arena, path, CV_TOML_SIZE_MAX, &text, err)
			  : cv_fail_nomem(err);
		if (rc > 0) {
			*ret_path = path;
			rc = may_have(text, key) ? cv_toml_parse(arena, path, text, ret, err) : 0;
			return rc < 0 ? rc : 1;
		}
		if (rc == 0)
			rc = cv_dir_above(arena, &dir, err);
	}
	return rc;
}

/* Read requires-python of ROOT. */
static int parse_requires(struct cv_arena *arena, const struct cv_toml *root,
	struct cv_requires *ret, struct cvenv_error *err)
{
	const struct cv_toml *value = cv_toml_get(cv_toml_get(root, "project"), "requires-python");
	const char *specifiers;
	struct cv_str trimmed;
	int rc = value ? cv_toml_want_string(value, &specifiers, err) : 0;

	if (rc < 0 || !value)
		return rc;
	trimmed = cv_str_trim(cv_str(specifiers));
	if (trimmed.n > CV_REQUIRES_MAX)
		return cv_toml_fail(value, err, "must be at most %d bytes long", CV_REQUIRES_MAX);
	if (!cv_utf8_plain(trimmed) || !cv_specifiers_ok(trimmed))
		return cv_toml_fail(value, err, "must be specifiers such as '>=3.9'");
	if (trimmed.n == 0)
		return 0;
	ret->specifiers = cv_strdup(arena, trimmed);
	return ret->specifiers ? 0 : cv_fail_nomem(err);
}

int cv_requires_read(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_requires *ret,
	struct cvenv_error *err)
{
	struct cv_toml *root;
	int rc;

	*ret = (struct cv_requires){ 0 };
	rc = cv_pyproject_read(ctx, arena, CV_LIT("requires-python"), &ret->file, &root, err);
	return rc <= 0 ? rc : parse_requires(arena, root, ret, err);
}

bool cv_requires_fits(const struct cv_requires *requires, const struct cv_info *info)
{
	return !requires->specifiers ||
	       cv_version_in(cv_str(requires->specifiers), cv_str(info->version));
}

int cv_requires_warn(const struct cv_ctx *ctx, struct cv_arena *arena, const struct cv_info *info,
	struct cvenv_error *err)
{
	struct cvenv_error *why = cv_new(arena, struct cvenv_error, 1);
	struct cv_requires requires;
	int rc = why ? cv_requires_read(ctx, arena, &requires, why) : -ENOMEM;

	if (rc == -ENOMEM)
		return cv_fail_nomem(err);
	if (rc < 0)
		cv_log(ctx, CVENV_LOG_WARNING, CV_PYPROJECT_IGNORED, why->message);
	else if (!cv_requires_fits(&requires, info))
		cv_log(ctx, CVENV_LOG_WARNING,
			"'%s' requires Python '%s', but %s is used: '-p project' chooses one that "
			"fits",
			requires.file, requires.specifiers, info->version);
	return 0;
}
