/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/choice.h"

#include <string.h>

#include "base/path.h"
#include "base/toml.h"
#include "interpreter/version_file.h"

enum { FILE_SIZE_MAX = 64 * 1024 };

struct reader {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	struct cv_choice *choice;
	struct cvenv_error *err;
};

/* Adds the versions in TEXT, the content of the file PATH. */
typedef int (*parser)(struct reader *r, const char *path, struct cv_str text);

struct source {
	const char *name;
	parser parse;
	bool always; /* the file decides even if it names no version */
};

static void add(struct cv_choice *c, struct cv_str version)
{
	if (version.n && c->count < CV_CHOICE_MAX)
		c->versions[c->count++] = version;
}

static bool cut_word(struct cv_str *s, struct cv_str *ret)
{
	*s = cv_str_trim(*s);
	*ret = cv_version_file_word(*s);
	s->p += ret->n;
	s->n -= ret->n;
	return ret->n > 0;
}

static void add_words(struct cv_choice *c, struct cv_str text)
{
	struct cv_str word;

	while (cut_word(&text, &word) && word.p[0] != '#')
		add(c, word);
}

/* .python-version: the first word of each line that is no comment. */
static int parse_python_version(struct reader *r, const char *path, struct cv_str text)
{
	struct cv_str line;
	int number = 0;

	(void)path;
	while (cv_version_file_line(&text, &number, &line))
		add(r->choice, cv_version_file_word(line));
	return 0;
}

/* .tool-versions: "TOOL VERSION..."; the first line for python counts. */
static int parse_tool_versions(struct reader *r, const char *path, struct cv_str text)
{
	struct cv_str line, tool;

	(void)path;
	while (r->choice->count == 0 && cv_str_cut(&text, '\n', &line))
		if (cut_word(&line, &tool) && cv_str_eq(tool, CV_LIT("python")))
			add_words(r->choice, line);
	return 0;
}

/* "3.12" or { version = "3.12", ... }, which may also be the items of an array. */
static int add_tool(struct reader *r, const struct cv_toml *tool)
{
	const char *version;
	int rc;

	if (tool->type == CV_TOML_TABLE)
		tool = cv_toml_get(tool, "version");
	if (!tool)
		return 0;
	rc = cv_toml_want_string(tool, &version, r->err);
	if (rc == 0)
		add(r->choice, cv_str(version));
	return rc;
}

/* mise.toml: `python` in [tools]. mise refuses a file that is not TOML, or has other types. */
static int parse_mise_toml(struct reader *r, const char *path, struct cv_str text)
{
	const struct cv_toml *tool;
	struct cv_toml *root;
	int rc = cv_toml_parse(r->arena, path, text, &root, r->err);

	if (rc < 0)
		return rc;
	tool = cv_toml_get(cv_toml_get(root, "tools"), "python");
	if (!tool || tool->type != CV_TOML_ARRAY)
		return tool ? add_tool(r, tool) : 0;
	for (tool = tool->child; tool && rc == 0; tool = tool->next)
		rc = add_tool(r, tool);
	return rc;
}

/* 1: the file decides; 0: it does not; negative: error. */
static int try_file(struct reader *r, const char *path, parser parse, bool always)
{
	struct cv_str text = { 0 };
	int rc = path ? cv_version_file_read(r->arena, path, FILE_SIZE_MAX, &text, r->err)
		      : cv_fail_nomem(r->err);

	if (rc <= 0)
		return rc;
	rc = parse(r, path, text);
	if (rc < 0)
		return rc;
	if (r->choice->count == 0 && !always)
		return 0;
	r->choice->origin = path;
	return 1;
}

static int try_variable(struct reader *r, const char *name, char sep)
{
	struct cv_str value = cv_str(cv_getenv_nonempty(r->ctx, name)), part;

	if (sep == ' ')
		add_words(r->choice, value);
	else
		while (cv_str_cut(&value, sep, &part))
			add(r->choice, cv_str_trim(part));
	if (r->choice->count)
		r->choice->origin = name;
	return r->choice->count > 0;
}

static int try_upwards(struct reader *r, const char *dir, const struct source *sources)
{
	int rc = 0;

	while (rc == 0 && dir && cv_path_is_abs(dir)) {
		for (const struct source *s = sources; s->name && rc == 0; s++)
			rc = try_file(r, cv_path_join(r->arena, dir, s->name), s->parse, s->always);
		if (rc == 0)
			rc = cv_dir_above(r->arena, &dir, r->err);
	}
	return rc;
}

static int read_pyenv(struct reader *r, const char *root)
{
	static const struct source sources[] = { { ".python-version", parse_python_version, true },
		{ 0 } };
	const char *dir = cv_getenv_nonempty(r->ctx, "PYENV_DIR");
	int rc = try_variable(r, "PYENV_VERSION", ':');

	if (rc)
		return rc;
	rc = try_upwards(r, dir, sources);
	if (rc == 0 && (!dir || !r->ctx->cwd || strcmp(dir, r->ctx->cwd) != 0))
		rc = try_upwards(r, r->ctx->cwd, sources);
	if (rc)
		return rc;
	return try_file(r, cv_path_join(r->arena, root, "version"), parse_python_version, true);
}

static int read_asdf(struct reader *r)
{
	const char *name = cv_getenv_nonempty(r->ctx, "ASDF_DEFAULT_TOOL_VERSIONS_FILENAME");
	const char *home = cv_path_home(r->ctx);
	struct source sources[] = { { ".tool-versions", parse_tool_versions, false }, { 0 } };
	int rc = try_variable(r, "ASDF_PYTHON_VERSION", ' ');

	if (name)
		sources[0].name = name;
	rc = rc ? rc : try_upwards(r, r->ctx->cwd, sources);
	if (rc || !home)
		return rc;
	return try_file(
		r, cv_path_join(r->arena, home, sources[0].name), parse_tool_versions, false);
}

static int read_mise(struct reader *r)
{
	static const struct source sources[] = {
		{ "mise.local.toml", parse_mise_toml, false },
		{ ".mise.local.toml", parse_mise_toml, false },
		{ "mise.toml", parse_mise_toml, false },
		{ ".mise.toml", parse_mise_toml, false },
		{ "mise/config.toml", parse_mise_toml, false },
		{ ".mise/config.toml", parse_mise_toml, false },
		{ ".config/mise.toml", parse_mise_toml, false },
		{ ".config/mise/config.toml", parse_mise_toml, false },
		{ ".tool-versions", parse_tool_versions, false },
		{ ".python-version", parse_python_version, false },
		{ 0 },
	};
	const char *home = cv_path_home(r->ctx);
	const char *config = cv_getenv_nonempty(r->ctx, "MISE_CONFIG_DIR");
	const char *xdg = cv_getenv_nonempty(r->ctx, "XDG_CONFIG_HOME");
	char *path;
	int rc = try_variable(r, "MISE_PYTHON_VERSION", ' ');

	rc = rc ? rc : try_upwards(r, r->ctx->cwd, sources);
	if (rc || (!config && !xdg && !home))
		return rc;
	if (config)
		path = cv_path_join(r->arena, config, "config.toml");
	else if (xdg)
		path = cv_path_join(r->arena, xdg, "mise/config.toml");
	else
		path = cv_path_join(r->arena, home, ".config/mise/config.toml");
	rc = try_file(r, path, parse_mise_toml, false);
	if (rc || !home)
		return rc;
	return try_file(
		r, cv_path_join(r->arena, home, ".tool-versions"), parse_tool_versions, false);
}

int cv_choice_read(const struct cv_ctx *ctx, struct cv_arena *arena, enum cv_manager m,
	const char *root, struct cv_choice *ret, struct cvenv_error *err)
{
	struct reader r = { ctx, arena, ret, err };
	int rc = 0;

	*ret = (struct cv_choice){ 0 };
	if (m == CV_PYENV)
		rc = read_pyenv(&r, root);
	else if (m == CV_ASDF)
		rc = read_asdf(&r);
	else if (m == CV_MISE)
		rc = read_mise(&r);
	return rc < 0 ? rc : 0;
}
