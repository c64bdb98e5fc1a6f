/* SPDX-License-Identifier: MIT */
#include "interpreter/choose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "interpreter/managers/shim.h"
#include "interpreter/project.h"
#include "interpreter/spec.h"
#include "interpreter/which.h"

struct chooser {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cvenv_options *options;
	const struct cv_prober *prober;
	struct cv_chosen *chosen;
	struct cvenv_error *err;
};

/* The Python for SPEC; NULL: the default. */
static int find(struct chooser *c, const char *spec, const char *source)
{
	c->chosen->source = source;
	return cv_python_find(c->ctx, c->arena, spec, c->prober, &c->chosen->path, c->err);
}

/* Name SOURCE in the error of rc. */
static int blame(struct chooser *c, int rc, const char *source)
{
	return cv_path_is_abs(source) ? cv_wrap(c->err, rc, "'%s'", source)
				      : cv_wrap(c->err, rc, "%s", source);
}

/* Add to the hint how to get another Python. */
static int hint_at_others(struct chooser *c, int rc)
{
	char before[sizeof(c->err->hint)];

	memcpy(before, c->err->hint, sizeof(before));
	c->err->hint[0] = '\0';
	return cv_hint(c->err, rc, "%s%schoose another with -p, or use --no-config", before,
		before[0] ? "; " : "");
}

/* Is options.python what a pyproject.toml says? */
static bool is_project_setting(const struct cvenv_options *o)
{
	return o->python && o->python_source && cv_path_is_abs(o->python_source) &&
	       strcmp(cv_path_base(o->python_source), "pyproject.toml") == 0;
}

static int by_caller(struct chooser *c)
{
	const char *source = c->options->python_source;
	int rc = find(c, c->options->python, source ? source : "-p");

	return rc < 0 && source ? blame(c, rc, source) : rc;
}

static int by_project_setting(struct chooser *c)
{
	const char *source = c->options->python_source, *spec = c->options->python;
	int rc;

	if (!cv_pyspec_is_request(spec)) {
		rc = cv_fail_msg(c->err, CVENV_EREFUSED, "'%s' is not a version", spec);
		rc = cv_hint(c->err, rc,
			"a project may choose a version only: use -p for a path, or --no-config");
	} else {
		rc = find(c, spec, source);
		rc = rc < 0 ? hint_at_others(c, rc) : rc;
	}
	return rc < 0 ? blame(c, rc, source) : rc;
}

/* The first of several requests that exists. The error is that of the first. */
static int by_pins(struct chooser *c, const struct cv_pins *pins)
{
	struct cvenv_error *err = c->err, *later;
	int first = 0;

	later = pins->count > 1 ? cv_new(c->arena, struct cvenv_error, 1) : NULL;
	if (pins->count > 1 && !later)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < pins->count; i++) {
		int rc;

		c->err = i ? later : err;
		rc = find(c, pins->list[i].request, pins->file);
		c->err = err;
		if (rc == 0)
			return 0;
		if (cv_err_passes(-rc)) {
			if (i)
				*err = *later;
			return rc;
		}
		if (pins->count > 1)
			cv_log(c->ctx, CVENV_LOG_INFO, "'%s', line %d: %s", pins->file,
				pins->list[i].line, (i ? later : err)->message);
		first = i ? first : rc;
	}
	return blame(c, hint_at_others(c, first), pins->file);
}

static int by_default(struct chooser *c)
{
	const char *spec = c->options->no_config ? NULL : c->options->default_python;
	const char *source = c->options->python_source;
	int rc;

	if (!spec)
		return find(c, NULL, "default");
	if (!source || c->options->python)
		source = "default_python";
	rc = find(c, spec, source);
	return rc < 0 ? blame(c, rc, source) : rc;
}

/* The directory of [tool.cvenv], at which the search for .python-version ends; NULL: none. */
static int setting_dir(struct chooser *c, const char **ret)
{
	*ret = NULL;
	if (!is_project_setting(c->options))
		return 0;
	*ret = cv_path_dir(c->arena, c->options->python_source);
	return *ret ? 0 : cv_fail_nomem(c->err);
}

/*
 * The manager of which the default Python is a shim, else CV_SHIMS. *ret_variable is the variable
 * that sets its version, if there is one.
 */
static int default_shim(struct chooser *c, const char **ret_variable)
{
	static const char *const names[] = { "python3", "python" };

	for (size_t i = 0; i < 2; i++) {
		struct cv_which w = cv_which(c->ctx);
		char *exe;

		if (cv_which_next(&w, c->arena, names[i], &exe))
			return cv_shim_manager(c->ctx, c->arena, exe, ret_variable);
		if (w.nomem)
			return -ENOMEM;
	}
	return CV_SHIMS;
}

/*
 * $PYENV_VERSION and its like are for this run or this shell, and files are for everybody: the shim
 * that they control comes first.
 */
static int set_by_variable(struct chooser *c, const char **ret)
{
	static const char *const names[] = { "PYENV_VERSION", "MISE_PYTHON_VERSION",
		"ASDF_PYTHON_VERSION" };
	size_t i = 0;
	int rc;

	*ret = NULL;
	while (i < 3 && !cv_getenv_nonempty(c->ctx, names[i]))
		i++;
	if (i == 3)
		return 0;
	rc = default_shim(c, ret);
	return rc < 0 ? cv_fail_nomem(c->err) : 0;
}

/* No line of .python-version is a version. */
static int warn_of_names(struct chooser *c, const struct cv_pins *pins)
{
	const char *variable;
	int shim = CV_SHIMS;

	if (!c->options->default_python)
		shim = default_shim(c, &variable);
	if (shim < 0)
		return cv_fail_nomem(c->err);
	if (shim != CV_PYENV && shim != CV_MISE)
		cv_log(c->ctx, CVENV_LOG_WARNING,
			"'%s', line %d: ignoring '%s', which is not a version", pins->file,
			pins->ignored_line, pins->ignored);
	return 0;
}

static int by_files(struct chooser *c)
{
	const char *variable;
	struct cv_pins *pins = cv_new(c->arena, struct cv_pins, 1);
	const char *end;
	int rc = pins ? set_by_variable(c, &variable) : cv_fail_nomem(c->err);

	if (rc == 0 && variable)
		return find(c, NULL, variable);
	rc = rc < 0 ? rc : setting_dir(c, &end);
	rc = rc < 0 ? rc : cv_pins_read(c->ctx, c->arena, end, pins, c->err);
	if (rc < 0)
		return rc;
	if (pins->count)
		return by_pins(c, pins);
	if (end)
		return by_project_setting(c);
	rc = pins->ignored_line ? warn_of_names(c, pins) : 0;
	return rc < 0 ? rc : by_default(c);
}

int cv_choose_python(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cvenv_options *options, const struct cv_prober *prober, struct cv_chosen *ret,
	struct cvenv_error *err)
{
	struct chooser c = { ctx, arena, options, prober, ret, err };
	const char *variable = cv_getenv_nonempty(ctx, "CVENV_PYTHON");
	int rc;

	*ret = (struct cv_chosen){ 0 };
	if (options->python && !is_project_setting(options))
		return by_caller(&c);
	if (variable) {
		rc = find(&c, variable, "CVENV_PYTHON");
		return rc < 0 ? blame(&c, rc, "CVENV_PYTHON") : rc;
	}
	return options->no_config ? by_default(&c) : by_files(&c);
}
