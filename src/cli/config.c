/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/path.h"
#include "cli/config_file.h"
#include "cli/option_table.h"
#include "cli/suggest.h"
#include "interpreter/spec.h"

#define CV_CONFIG_HINT "--no-config ignores configuration files"

struct config {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	struct cv_options *out;
	struct cvenv_error *err;
	struct cv_option_source source;
};

static bool is_project(const struct config *c)
{
	return c->source.from == CV_FROM_PROJECT;
}

/* May the file have the option as a key? */
static bool is_key(const struct config *c, const struct cv_option *option)
{
	if (option->variable == CV_VARIABLE_NO || option->key == CV_KEY_NONE)
		return false;
	return !is_project(c) || option->key == CV_KEY_PROJECT;
}

static int no_such_key(const struct config *c, const struct cv_toml *value)
{
	const struct cv_option *option = cv_option_of(value->key);
	struct cv_suggestion closest = { .typed = value->key };
	struct cv_buf list = { 0 };
	int rc;

	rc = cv_toml_fail(value, c->err, "%s",
		!option         ? "unknown key"
		: is_project(c) ? "a project may not decide this"
				: "not allowed in a file");
	for (size_t i = 0; i < cv_option_count; i++) {
		if (!is_key(c, &cv_option_table[i]))
			continue;
		cv_suggest(&closest, cv_option_table[i].name);
		cv_buf_addf(&list, "%s%s", list.n ? ", " : "", cv_option_table[i].name);
	}
	if (!option && closest.name)
		cv_hint(c->err, rc, "did you mean '%s'?", closest.name);
	else if (is_project(c) && !list.bad)
		cv_hint(c->err, rc, "it may decide %s", list.p);
	cv_buf_done(&list);
	return rc;
}

/* The items of an array as a list that --activators accepts. */
static int join(const struct config *c, const struct cv_toml *array, const char **ret)
{
	struct cv_buf list = { 0 };
	const char *item;
	int rc = 0;

	for (const struct cv_toml *v = array->child; v && rc == 0; v = v->next) {
		rc = cv_toml_want_string(v, &item, c->err);
		if (rc == 0)
			cv_buf_addf(&list, "%s%s", v == array->child ? "" : ",", item);
	}
	*ret = list.bad ? NULL : cv_strdup(c->arena, cv_buf_slice(&list));
	cv_buf_done(&list);
	return rc < 0 || *ret ? rc : cv_fail_nomem(c->err);
}

/* A path as the user means it in the file. */
static int complete(const struct config *c, const struct cv_toml *value, const char **path)
{
	struct cv_ctx there = { .envp = c->ctx->envp,
		.cwd = cv_path_dir(c->arena, c->source.path) };
	const char *rest = *path;

	if (rest[0] == '~' && (!rest[1] || cv_path_is_sep(rest[1]))) {
		there.cwd = cv_path_home(c->ctx);
		if (!there.cwd)
			return cv_toml_fail(value, c->err, "the home directory is unknown");
		for (rest++; cv_path_is_sep(*rest);)
			rest++;
	}
	*path = there.cwd ? cv_path_abs(c->arena, &there, rest) : NULL;
	return *path ? 0 : cv_fail_nomem(c->err);
}

/* A boolean or a number as the word that cv_option_set() knows. */
static int read_switch(const struct config *c, const struct cv_option *option,
	const struct cv_toml *value, const char **ret)
{
	int64_t count = 0;
	bool on = false;
	int rc;

	if (option->kind == CV_OPTION_COUNT && value->type != CV_TOML_BOOLEAN) {
		rc = cv_toml_want_integer(value, 0, CV_COUNT_MAX, &count, c->err);
		*ret = cv_strfmt(c->arena, "%" PRId64, count);
		return rc < 0 || *ret ? rc : cv_fail_nomem(c->err);
	}
	rc = cv_toml_want_bool(value, &on, c->err);
	*ret = on ? "true" : "false";
	return rc;
}

/* VALUE as an argument of the option. */
static int read_value(const struct config *c, const struct cv_option *option,
	const struct cv_toml *value, const char **ret)
{
	bool dir = option->kind == CV_OPTION_DIR, python = option->kind == CV_OPTION_PYTHON;
	int rc;

	if (!option->metavar)
		return read_switch(c, option, value, ret);
	if (option->kind == CV_OPTION_CHOICES && value->type == CV_TOML_ARRAY)
		return join(c, value, ret);
	rc = cv_toml_want_string(value, ret, c->err);
	/* A prompt is shown by programs that print VIRTUAL_ENV_PROMPT as it is. */
	if (rc == 0 && is_project(c) && !cv_utf8_plain(cv_str(*ret)))
		return cv_toml_fail(value, c->err, "contains a control character");
	if (rc < 0 || !(dir || python))
		return rc;
	if (!**ret)
		return cv_toml_fail(value, c->err, "an empty name");
	if (python && strcmp(*ret, "project") == 0) /* by requires-python */
		return 0;
	if (is_project(c) && !cv_pyspec_is_request(*ret)) {
		rc = cv_toml_fail(value, c->err, "'%s' is not a version", *ret);
		return cv_hint(c->err, rc,
			"a project may choose a version only: use -p for a path, or --no-config");
	}
	if (python && !cv_path_is_path(*ret) && **ret != '~')
		return 0;
	return complete(c, value, ret);
}

static int set(struct config *c, const struct cv_option *option, const struct cv_toml *value)
{
	const char *text = NULL;
	int rc = read_value(c, option, value, &text);

	return rc < 0 ? rc : cv_option_set(c->out, option, &c->source, text, c->err);
}

static int apply_key(struct config *c, const struct cv_toml *value)
{
	const struct cv_option *option = cv_option_of(value->key);
	int rc = 0;

	if (!option || !is_key(c, option))
		return no_such_key(c, value);
	c->source.line = value->line;
	/* A project chooses one. The user's list is like -p several times. */
	if (option->kind != CV_OPTION_PYTHON || value->type != CV_TOML_ARRAY || is_project(c))
		return set(c, option, value);
	if (!value->child)
		return cv_toml_fail(value, c->err, "an empty array");
	for (const struct cv_toml *v = value->child; v && rc == 0; v = v->next)
		rc = set(c, option, v);
	return rc;
}

static int apply(struct config *c, const struct cv_toml *table)
{
	int rc = cv_toml_want(table, CV_TOML_TABLE, c->err);

	for (const struct cv_toml *v = table->child; v && rc == 0; v = v->next)
		rc = apply_key(c, v);
	return rc;
}

int cv_config_apply(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o,
	enum cv_option_from from, const char *path, const struct cv_toml *table,
	struct cvenv_error *err)
{
	struct config c = { .ctx = ctx,
		.arena = a,
		.out = o,
		.err = err,
		.source = { .from = from, .path = path } };
	int rc = apply(&c, table);

	if (rc >= 0 || rc == -ENOMEM)
		return rc;
	err->code = CVENV_EUSAGE; /* whatever is wrong with the file */
	return cv_hint(err, -CVENV_EUSAGE, CV_CONFIG_HINT);
}

static int read_project(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o, struct cvenv_error *err)
{
	struct cv_toml *table;
	const char *path;
	int rc = cv_config_read_project(ctx, a, &path, &table, err);

	o->project_file = (struct cv_config_file){ path, table };
	if (rc < 0 || !table)
		return rc;
	return cv_config_apply(ctx, a, o, CV_FROM_PROJECT, path, table, err);
}

static int read_user(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o, struct cvenv_error *err)
{
	const char *path = cv_config_user_file(ctx, a);
	struct cv_toml *table;
	int rc;

	if (!path)
		return 0;
	rc = cv_config_read_user(ctx, a, path, &table, err);
	o->user_file = (struct cv_config_file){ path, table };
	if (rc == 0 && table)
		return cv_config_apply(ctx, a, o, CV_FROM_USER, path, table, err);
	if (rc >= 0 || rc == -ENOMEM)
		return rc;
	err->code = CVENV_EUSAGE;
	return cv_hint(err, -CVENV_EUSAGE, CV_CONFIG_HINT);
}

int cv_config_read(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_options *o, struct cvenv_error *err)
{
	int rc = o->library.no_config ? 0 : read_project(ctx, a, o, err);

	return rc < 0 || o->library.no_config ? rc : read_user(ctx, a, o, err);
}
