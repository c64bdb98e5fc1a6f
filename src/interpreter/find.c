/* SPDX-License-Identifier: MIT */
#include "interpreter/find.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/system.h"
#include "interpreter/managers/shim.h"
#include "interpreter/missing.h"
#include "interpreter/request.h"
#include "interpreter/spec.h"
#include "interpreter/version.h"
#include "interpreter/which.h"

struct finder {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_prober *prober;
	struct cvenv_error *err;
};

/* PATH is the directory of an environment or of an installation. -EISDIR if it is neither. */
static int in_directory(struct finder *f, const char *path, char **ret)
{
	static const char *const posix[] = { "bin/python3", "bin/python" };
	static const char *const windows[] = { "python.exe", "Scripts/python.exe" };
	const char *const *names = CV_WINDOWS ? windows : posix;

	for (size_t i = 0; i < 2; i++) {
		int rc;

		*ret = cv_path_join(f->arena, path, names[i]);
		rc = *ret ? cv_exe_check(*ret) : -ENOMEM;

		if (rc == 0 || rc == -ENOMEM)
			return rc;
	}
	return -EISDIR;
}

/* On Windows, ".exe" may be left out. */
static int check_path(struct finder *f, char **path)
{
	int rc = cv_exe_check(*path);
	char *exe;

	if (rc == -EISDIR)
		return in_directory(f, *path, path);
	if (!CV_WINDOWS || rc != -ENOENT)
		return rc;
	exe = cv_strfmt(f->arena, "%s.exe", *path);
	rc = exe ? cv_exe_check(exe) : -ENOMEM;
	if (rc == 0)
		*path = exe;
	return rc;
}

static int from_path(struct finder *f, const char *spec, char **ret)
{
	char *path;
	int rc;

	if (!cv_path_has_abs(f->ctx, spec))
		return cv_fail(
			f->err, ENOENT, "cannot find '%s' without a current directory", spec);
	path = cv_path_abs(f->arena, f->ctx, spec);
	if (!path)
		return cv_fail_nomem(f->err);
	*ret = path;
	rc = check_path(f, ret);
	if (rc < 0)
		cv_fail(f->err, -rc, "cannot use '%s' as a Python", path);
	if (rc == -EISDIR)
		cv_hint(f->err, rc, "it has no %s", CV_WINDOWS ? "python.exe" : "bin/python3");
	if (rc == -ENOEXEC)
		cv_hint(f->err, rc, "it is an alias that leads to an installer of Python");
	return rc < 0 ? rc : cv_shim_resolve(f->ctx, f->arena, ret, NULL, f->err);
}

/*
 * 1 and *ret; 0 when PATH has no NAME; an error when the first one is a shim that cannot be
 * resolved.
 */
static int from_name(struct finder *f, const char *name, char **ret)
{
	struct cv_which w = cv_which(f->ctx);

	while (cv_which_next(&w, f->arena, name, ret)) {
		int rc = cv_shim_resolve(f->ctx, f->arena, ret, NULL, f->err);

		if (rc < 0 || !cv_exe_is_batch(*ret))
			return rc < 0 ? rc : 1;
	}
	return w.nomem ? cv_fail_nomem(f->err) : 0;
}

/* A name without a slash is not searched in the current directory; suggest it if it exists. */
static int hint_at_path(struct finder *f, const char *spec, int rc)
{
	char *path = f->ctx->cwd ? cv_path_join(f->arena, f->ctx->cwd, spec) : NULL;
	struct cv_os_stat st;

	if (path && spec[0] && cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &st) == 0)
		return cv_hint(f->err, rc, "to use '%s' in the current directory, write '.%c%s'",
			spec, CV_PATH_SEP, spec);
	return rc;
}

static int no_name(struct finder *f, const char *spec)
{
	int rc = cv_fail_msg(f->err, CVENV_ENOPYTHON, "no '%s' found on PATH", spec);

	rc = hint_at_path(f, spec, rc);
	if (!spec[0] || strpbrk(spec, "<>=!~^*@,"))
		return cv_hint(f->err, rc,
			"give a path, the name of a command, a version such as 3.12, or a range in "
			"quotes such as '>=3.11,<3.14'");
	return cv_hint(f->err, rc, "install it, or give its path");
}

static int no_version(struct finder *f, const struct cv_pyspec *want, const struct cvenv_error *why)
{
	const char *word = strchr("0123456789<>=!~ ", want->text[0]) ? "Python " : "";
	int rc;

	if (why->code) {
		*f->err = *why;
		rc = cv_wrap(f->err, -why->code, "no %s%s found", word, want->text);
	} else {
		rc = cv_fail_msg(f->err, CVENV_ENOPYTHON, "no %s%s found", word, want->text);
	}
	f->err->hint[0] = '\0'; /* drop the hint of a shim: the list is better */
	rc = hint_at_path(f, want->text, rc);
	return cv_hint_missing(f->ctx, f->arena, f->prober, want, f->err, rc);
}

static bool is_too_old(const struct cv_pyversion *want)
{
	return want->major != CV_VERSION_ANY &&
	       (want->major < 3 || (want->major == 3 && want->minor != CV_VERSION_ANY &&
					   want->minor < CV_PYTHON_MINOR_MIN));
}

static int from_request(struct finder *f, const struct cv_pyspec *want, char **ret)
{
	struct cvenv_error *why = cv_new(f->arena, struct cvenv_error, 1);
	int rc;

	if (!why)
		return cv_fail_nomem(f->err);
	if (is_too_old(&want->version)) {
		rc = cv_fail_msg(f->err, CVENV_EPYTHON, "cannot use Python '%s'", want->text);
		return cv_hint(f->err, rc, "cvenv needs 3.%d or later", CV_PYTHON_MINOR_MIN);
	}
	rc = cv_request_find(f->ctx, f->arena, f->prober, want, ret, why, f->err);
	if (rc)
		return rc < 0 ? rc : 0;
	return no_version(f, want, why);
}

/* Any version that is installed: installers of Windows register, and may leave PATH alone. */
static int registered(struct finder *f, char **ret)
{
	struct cvenv_error *why = cv_new(f->arena, struct cvenv_error, 1);
	struct cv_pyspec any;

	cv_pyspec_parse("3", &any);
	return why ? cv_request_find(f->ctx, f->arena, f->prober, &any, ret, why, f->err)
		   : cv_fail_nomem(f->err);
}

static int invalid(struct finder *f, const char *spec)
{
	int rc = cv_fail_msg(f->err, CVENV_EUSAGE, "'%s' is not a valid range of versions", spec);

	return cv_hint(
		f->err, rc, "write it in quotes, such as '>=3.11,<3.14', '~=3.12' or '==3.12.*'");
}

/*
 * 1 and *ret; 0: there is none; negative: error. Windows users type "python", and Python may be
 * registered only.
 */
static int by_default(struct finder *f, char **ret)
{
	int rc = from_name(f, CV_WINDOWS ? "python" : "python3", ret);

	rc = rc ? rc : from_name(f, CV_WINDOWS ? "python3" : "python", ret);
	return rc == 0 && CV_WINDOWS ? registered(f, ret) : rc;
}

static int from_spec(struct finder *f, const char *text, char **ret)
{
	struct cv_pyspec spec;
	int rc;

	cv_pyspec_parse(text, &spec);
	switch (spec.kind) {
	case CV_PYSPEC_PATH:
		return from_path(f, text, ret);
	case CV_PYSPEC_REQUEST:
		return from_request(f, &spec, ret);
	case CV_PYSPEC_INVALID:
		return invalid(f, text);
	case CV_PYSPEC_NAME:
		break;
	}
	rc = from_name(f, text, ret);
	if (rc == 0 && CV_WINDOWS && (strcmp(text, "python") == 0 || strcmp(text, "python3") == 0))
		rc = registered(f, ret);
	return rc < 0 ? rc : rc ? 0 : no_name(f, text);
}

int cv_python_find(const struct cv_ctx *ctx, struct cv_arena *arena, const char *spec,
	const struct cv_prober *prober, char **ret, struct cvenv_error *err)
{
	struct finder f = { ctx, arena, prober, err };
	int rc;

	if (spec)
		return from_spec(&f, spec, ret);
	rc = by_default(&f, ret);
	if (rc)
		return rc < 0 ? rc : 0;
	if (CV_WINDOWS)
		rc = cv_fail_msg(err, CVENV_ENOPYTHON,
			"no python or python3 found on PATH, and no Python is registered");
	else
		rc = cv_fail_msg(err, CVENV_ENOPYTHON, "no python3 or python found on PATH");
	return cv_hint_missing(ctx, arena, prober, NULL, err, rc);
}
