/* SPDX-License-Identifier: MIT */
#include "interpreter/find.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/system.h"
#include "interpreter/managers/installed.h"
#include "interpreter/managers/shim.h"
#include "interpreter/probe.h"
#include "interpreter/version.h"
#include "interpreter/which.h"

enum {
	TOLD_MAX = 8, /* versions listed in an error */
};

static const struct cv_pyversion any_version = { 3, CV_VERSION_ANY, CV_VERSION_ANY, false, 0 };

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
	return rc < 0 ? rc : cv_shim_resolve(f->ctx, f->arena, ret, f->err);
}

/*
 * 1 and *ret; 0 when PATH has no NAME; an error when the first one is a shim that cannot be
 * resolved.
 */
static int from_name(struct finder *f, const char *name, char **ret)
{
	struct cv_which w = cv_which(f->ctx);

	while (cv_which_next(&w, f->arena, name, ret)) {
		int rc = cv_shim_resolve(f->ctx, f->arena, ret, f->err);

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
	if (!spec[0] || strpbrk(spec, "<>=!~*@,"))
		return cv_hint(f->err, rc,
			"give a path, the name of a command, or a version such as 3.12");
	return cv_hint(f->err, rc, "install it, or give its path");
}

/* 1 if PATH is that version; 0 if it is not, or if its probe fails (*why); -EINTR; -ENOMEM. */
static int is_version(struct finder *f, const char *path, const struct cv_pyversion *want,
	struct cvenv_error *why)
{
	struct cv_info info;
	int rc;

	if (f->prober)
		rc = f->prober->probe(f->prober->data, path, &info, why);
	else
		rc = cv_probe(f->ctx, f->arena, path, CV_PROBE_TIMEOUT_MS, NULL, &info, why);
	if (rc == -EINTR || rc == -ENOMEM)
		return rc;
	return rc == 0 && cv_pyversion_fits_info(want, &info);
}

/*
 * Find the first NAME on PATH that is that version: its name proves nothing. Candidates that fail
 * are skipped, since the user asked for a version, not for a file. *why is the error of the first
 * failed one, if why->code is not 0.
 */
static int version_on_path(struct finder *f, const char *name, const struct cv_pyversion *want,
	char **ret, struct cvenv_error *why)
{
	struct cv_which w = cv_which(f->ctx);
	struct cvenv_error *now = cv_new(f->arena, struct cvenv_error, 1);

	if (!now)
		return cv_fail_nomem(f->err);
	while (cv_which_next(&w, f->arena, name, ret)) {
		int rc;

		now->code = 0;
		rc = cv_shim_resolve(f->ctx, f->arena, ret, now);
		if (rc == 0 && !cv_exe_is_batch(*ret))
			rc = is_version(f, *ret, want, now);
		if (rc == -EINTR || rc == -ENOMEM) {
			*f->err = *now;
			return rc;
		}
		if (rc > 0)
			return 1;
		if (now->code)
			cv_log(f->ctx, CVENV_LOG_DEBUG, "skipped: %s", now->message);
		if (now->code && !why->code)
			*why = *now;
	}
	return w.nomem ? cv_fail_nomem(f->err) : 0;
}

/* 1 when it can be used; 0 when not: it was removed, or is another version meanwhile. */
static int is_usable(
	struct finder *f, const struct cv_installed *installed, const struct cv_pyversion *want)
{
	struct cvenv_error *why = cv_new(f->arena, struct cvenv_error, 1);
	int rc = why ? cv_exe_check(installed->exe) : -ENOMEM;

	if (rc == -ENOMEM)
		return cv_fail_nomem(f->err);
	if (rc < 0 || !installed->only_said)
		return rc == 0;
	rc = is_version(f, installed->exe, want, why);
	if (rc < 0)
		*f->err = *why;
	if (rc == 0 && why->code)
		cv_log(f->ctx, CVENV_LOG_DEBUG, "skipped: %s", why->message);
	return rc;
}

static int version_installed(struct finder *f, const struct cv_pyversion *want, char **ret)
{
	struct cv_installed *list;
	size_t count;
	int rc = cv_installed(f->ctx, f->arena, want, &list, &count, f->err);

	for (size_t i = 0; i < count && rc == 0; i++) {
		*ret = list[i].exe;
		rc = is_usable(f, &list[i], want);
	}
	return rc;
}

/* List the versions that the user can choose instead: "3.13.0, 3.12.1". */
static int tell_installed(struct finder *f, struct cv_buf *text)
{
	const struct cv_pyversion threaded = { 3, CV_VERSION_ANY, CV_VERSION_ANY, true, 0 };
	const struct cv_pyversion *const kinds[] = { &any_version, &threaded };
	size_t told = 0;

	for (size_t k = 0; k < 2; k++) {
		struct cv_installed *list;
		size_t count;
		int rc = cv_installed(f->ctx, f->arena, kinds[k], &list, &count, f->err);

		if (rc < 0)
			return rc;
		for (size_t i = 0; i < count && told < TOLD_MAX; i++) {
			const struct cv_pyversion *v = &list[i].version;

			if (v->minor < CV_PYTHON_MINOR_MIN ||
				(i && cv_pyversion_cmp(v, &list[i - 1].version) == 0))
				continue;
			cv_buf_addf(text, "%s%d.%d", told++ ? ", " : "", v->major, v->minor);
			if (v->micro != CV_VERSION_ANY)
				cv_buf_addf(text, ".%d", v->micro);
			cv_buf_addf(text, "%s%s", v->free_threaded ? "t" : "",
				v->bits == 32 ? "-32" : "");
		}
	}
	return text->bad ? cv_fail_nomem(f->err) : 0;
}

static int no_version(struct finder *f, const char *spec, const struct cvenv_error *why)
{
	const char *word = strncmp(spec, "python", 6) == 0 ? "" : "Python ";
	OWN_BUF struct cv_buf others = { 0 };
	int rc = tell_installed(f, &others);

	if (rc < 0)
		return rc;
	if (why->code) {
		*f->err = *why;
		rc = cv_wrap(f->err, -why->code, "no %s%s found", word, spec);
	} else {
		rc = cv_fail_msg(f->err, CVENV_ENOPYTHON, "no %s%s found", word, spec);
	}
	if (others.n)
		f->err->hint[0] = '\0'; /* drop the hint of a shim: the list is better */
	rc = hint_at_path(f, spec, rc);
	if (others.n)
		return cv_hint(f->err, rc, "installed versions: %s", others.p);
	return why->code ? rc : cv_hint(f->err, rc, "install it, or give its path");
}

static int from_version(
	struct finder *f, const char *spec, const struct cv_pyversion *want, char **ret)
{
	static const char *const names[] = { "python3", "python" };
	char *name = cv_pyversion_command(f->arena, want);
	struct cvenv_error *why = cv_new(f->arena, struct cvenv_error, 2); /* of NAME, of others */
	int rc;

	if (!name || !why)
		return cv_fail_nomem(f->err);
	if (want->major < 3 || (want->major == 3 && want->minor != CV_VERSION_ANY &&
				       want->minor < CV_PYTHON_MINOR_MIN)) {
		rc = cv_fail_msg(f->err, CVENV_EPYTHON, "cannot use Python '%s'", spec);
		return cv_hint(f->err, rc, "cvenv needs 3.%d or later", CV_PYTHON_MINOR_MIN);
	}
	rc = version_on_path(f, name, want, ret, &why[0]);
	rc = rc ? rc : version_installed(f, want, ret);
	for (size_t i = 0; i < 2 && rc == 0; i++)
		rc = version_on_path(f, names[i], want, ret, &why[1]);
	if (rc)
		return rc < 0 ? rc : 0;
	return no_version(f, spec, &why[0]);
}

/*
 * 1 and *ret; 0: there is none; negative: error. Windows users type "python", and Python may be
 * registered only.
 */
static int by_default(struct finder *f, char **ret)
{
	int rc = from_name(f, CV_WINDOWS ? "python" : "python3", ret);

	rc = rc ? rc : from_name(f, CV_WINDOWS ? "python3" : "python", ret);
	return rc == 0 && CV_WINDOWS ? version_installed(f, &any_version, ret) : rc;
}

static int from_spec(struct finder *f, const char *spec, char **ret)
{
	bool any = strcmp(spec, "python3") == 0 || strcmp(spec, "python") == 0;
	struct cv_pyversion want;
	int rc;

	if (cv_path_is_path(spec))
		return from_path(f, spec, ret);
	/* "python3" is a command name, as in a shell, and not a version */
	if (!any && cv_pyversion_parse(cv_str(spec), &want))
		return from_version(f, spec, &want, ret);
	rc = from_name(f, spec, ret);
	if (rc == 0 && any && CV_WINDOWS) /* installers register, and may leave PATH alone */
		rc = version_installed(f, &any_version, ret);
	return rc < 0 ? rc : rc ? 0 : no_name(f, spec);
}

int cv_python_find(const struct cv_ctx *ctx, struct cv_arena *arena, const char *spec,
	const struct cv_prober *prober, char **ret, struct cvenv_error *err)
{
	struct finder f = { ctx, arena, prober, err };
	int rc;

	if (spec)
		return from_spec(&f, spec, ret);
	spec = cv_getenv_nonempty(ctx, "CVENV_PYTHON");
	if (spec) {
		rc = from_spec(&f, spec, ret);
		return rc < 0 ? cv_wrap(err, rc, "CVENV_PYTHON") : rc;
	}
	rc = by_default(&f, ret);
	if (rc)
		return rc < 0 ? rc : 0;
	if (CV_WINDOWS)
		rc = cv_fail_msg(err, CVENV_ENOPYTHON,
			"no python or python3 found on PATH, and no Python is registered");
	else
		rc = cv_fail_msg(err, CVENV_ENOPYTHON, "no python3 or python found on PATH");
	return cv_hint(err, rc, "install it, or name a Python with -p");
}
