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
	const char *python, *variable, *default_python; /* NULL: this says nothing */
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

/*
 * The same for a request of a project. If that is a range, CPython comes first, wherever it is:
 * who writes ">=3.9" does not think of PyPy. uv uses CPython only.
 */
static int find_for_project(struct chooser *c, const char *request, const char *source)
{
	if (request && request[0] && strchr("<>=!~", request[0])) {
		char *cpython = cv_strfmt(c->arena, "cpython%s", request);
		struct chooser first = *c;
		int rc;

		first.err = cv_new(c->arena, struct cvenv_error, 1);
		if (!cpython || !first.err)
			return cv_fail_nomem(c->err);
		rc = find(&first, cpython, source);
		if (rc == 0 || cv_err_passes(-rc)) {
			if (rc < 0)
				*c->err = *first.err;
			return rc;
		}
	}
	return find(c, request, source);
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

/* Is `python` what a pyproject.toml says? */
static bool is_project_setting(const struct chooser *c)
{
	const char *source = c->options->python_source;

	return c->python && source && cv_path_is_abs(source) &&
	       strcmp(cv_path_base(source), "pyproject.toml") == 0;
}

static bool is_project(const char *spec)
{
	return spec && strcmp(spec, "project") == 0;
}

static int choose(struct chooser *c);

/* Does that Python fit? 1 or 0; it does not either if its probe fails. -EINTR, -ENOMEM. */
static int fits(struct chooser *c, const char *path, const struct cv_requires *requires)
{
	struct cvenv_error *why = cv_new(c->arena, struct cvenv_error, 1);
	struct cv_info *info = cv_new(c->arena, struct cv_info, 1);
	int rc;

	if (!why || !info)
		return cv_fail_nomem(c->err);
	rc = cv_probe_by(c->prober, c->ctx, c->arena, path, info, why);
	if (rc == -EINTR || rc == -ENOMEM) {
		*c->err = *why;
		return rc;
	}
	return rc == 0 && cv_requires_fits(requires, info);
}

/* 1 if the Python fits that would be chosen without "project"; 0 if not, or if there is none. */
static int others_fit(struct chooser *c, const struct cv_requires *requires)
{
	struct chooser others = *c;
	int rc;

	if (!is_project_setting(c) || is_project(c->python))
		others.python = NULL; /* -p asks for "project", maybe after others */
	if (is_project(c->variable))
		others.variable = NULL;
	if (is_project(c->default_python))
		others.default_python = NULL;
	others.err = cv_new(c->arena, struct cvenv_error, 1);
	if (!others.err)
		return cv_fail_nomem(c->err);
	rc = choose(&others);
	if (rc == 0)
		return fits(c, c->chosen->path, requires);
	if (cv_err_passes(-rc)) {
		*c->err = *others.err;
		return rc;
	}
	cv_log(c->ctx, CVENV_LOG_INFO, "%s", others.err->message);
	return 0;
}

static int no_requires(struct chooser *c, const struct cv_requires *requires)
{
	int rc;

	if (requires->file)
		rc = cv_fail_msg(c->err, CVENV_ENOPYTHON,
			"cannot choose a Python for the project: '%s' has no requires-python",
			requires->file);
	else
		rc = cv_fail_msg(c->err, CVENV_ENOPYTHON,
			"cannot choose a Python for the project: no pyproject.toml in '%s' or "
			"above it",
			c->ctx->cwd ? c->ctx->cwd : ".");
	return cv_hint(c->err, rc, "for a program named 'project', give its path");
}

/* If OPTIONAL is true, and there is no requires-python, the default is chosen. */
static int by_project(struct chooser *c, const char *source, bool optional)
{
	struct cv_requires requires;
	int rc = cv_requires_read(c->ctx, c->arena, &requires, c->err);

	if (rc < 0)
		return rc;
	if (!requires.specifiers)
		return optional ? find(c, NULL, "default") : no_requires(c, &requires);
	rc = others_fit(c, &requires);
	if (rc == 0) {
		rc = find_for_project(c, requires.specifiers, source);
		return rc < 0 ? cv_wrap(c->err, rc, "'%s'", requires.file) : rc;
	}
	c->chosen->source = source;
	return rc < 0 ? rc : 0;
}

/* The Python for SPEC, which SOURCE says. OPTIONAL is for by_project(). */
static int by_spec(struct chooser *c, const char *spec, const char *source, bool optional)
{
	return is_project(spec) ? by_project(c, source, optional) : find(c, spec, source);
}

/* May another request of the same user be tried after this error? */
static bool is_missing(int rc)
{
	return !cv_err_passes(-rc) && rc != -CVENV_EUSAGE;
}

/* SPEC, else the first of MORE that exists. The error is that of SPEC. OPTIONAL: only the last is.
 */
static int by_first(struct chooser *c, const char *spec, const char *const *more,
	const char *source, bool optional)
{
	static const char *const none[] = { NULL };
	struct cvenv_error *err = c->err, *later = NULL;
	int rc, first;

	more = more ? more : none;
	rc = by_spec(c, spec, source, optional && !*more);
	first = rc;
	while (rc < 0 && is_missing(rc) && *more) {
		cv_log(c->ctx, CVENV_LOG_INFO, "%s", (later ? later : err)->message);
		later = later ? later : cv_new(c->arena, struct cvenv_error, 1);
		if (!later)
			return cv_fail_nomem(err);
		c->err = later;
		rc = by_spec(c, *more, source, optional && !more[1]);
		c->err = err;
		more++;
	}
	if (rc < 0 && later && is_missing(rc))
		rc = cv_wrap(err, first, "found none of the Pythons that were given");
	else if (rc < 0 && later)
		*err = *later;
	return rc;
}

static int by_caller(struct chooser *c)
{
	const char *source = c->options->python_source;
	int rc = by_first(c, c->python, c->options->pythons, source ? source : "-p", false);

	return rc < 0 && source ? blame(c, rc, source) : rc;
}

static int by_project_setting(struct chooser *c)
{
	const char *source = c->options->python_source, *spec = c->python;
	int rc;

	if (!is_project(spec) && !cv_pyspec_is_request(spec)) {
		rc = cv_fail_msg(c->err, CVENV_EREFUSED, "'%s' is not a version", spec);
		rc = cv_hint(c->err, rc,
			"a project may choose a version only: use -p for a path, or --no-config");
	} else {
		rc = is_project(spec) ? by_project(c, source, false)
				      : find_for_project(c, spec, source);
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
		rc = find_for_project(c, pins->list[i].request, pins->file);
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
	const char *spec = c->default_python, *source = c->options->python_source;
	const char *const *more = c->options->pythons;
	int rc;

	if (!spec)
		return find(c, NULL, "default");
	if (c->options->python) { /* they are of `python` */
		source = NULL;
		more = NULL;
	}
	if (!source)
		source = "default_python";
	c->default_python = NULL; /* "project" asks what the others choose, not this one again */
	rc = by_first(c, spec, more, source, true);
	return rc < 0 ? blame(c, rc, source) : rc;
}

/* The directory of [tool.cvenv], at which the search for .python-version ends; NULL: none. */
static int setting_dir(struct chooser *c, const char **ret)
{
	*ret = NULL;
	if (!is_project_setting(c))
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
	static const char *const names[] = { "python", "python3", "python" };

	for (size_t i = CV_WINDOWS ? 0 : 1; i < 3; i++) {
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
 * A variable such as $PYENV_VERSION is for this run or this shell, and a file is for everybody: the
 * shim that a variable controls comes first.
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

	if (!c->default_python)
		shim = default_shim(c, &variable);
	if (shim < 0)
		return cv_fail_nomem(c->err);
	if (shim == CV_PYENV || shim == CV_MISE)
		return 0; /* it warns itself */
	if (pins->ignored[0])
		cv_log(c->ctx, CVENV_LOG_WARNING,
			"'%s', line %d: ignoring '%s', which is not a version", pins->file,
			pins->ignored_line, pins->ignored);
	else
		cv_log(c->ctx, CVENV_LOG_WARNING, "'%s', line %d: ignoring an invalid name",
			pins->file, pins->ignored_line);
	return 0;
}

static int by_files(struct chooser *c)
{
	const char *variable = NULL;
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

static int choose(struct chooser *c)
{
	int rc;

	if (c->python && !is_project_setting(c))
		return by_caller(c);
	if (c->variable) {
		rc = by_spec(c, c->variable, "CVENV_PYTHON", false);
		return rc < 0 ? blame(c, rc, "CVENV_PYTHON") : rc;
	}
	return c->options->no_config ? find(c, NULL, "default") : by_files(c);
}

int cv_choose_python(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cvenv_options *options, const struct cv_prober *prober, struct cv_chosen *ret,
	struct cvenv_error *err)
{
	struct chooser c = { .ctx = ctx,
		.arena = arena,
		.options = options,
		.python = options->python,
		.variable = cv_getenv_nonempty(ctx, "CVENV_PYTHON"),
		.default_python = options->default_python,
		.prober = prober,
		.chosen = ret,
		.err = err };

	*ret = (struct cv_chosen){ 0 };
	return choose(&c);
}
