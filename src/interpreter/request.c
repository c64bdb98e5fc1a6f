/* SPDX-License-Identifier: MIT */
#include "interpreter/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "interpreter/candidates.h"
#include "interpreter/managers/installed.h"
#include "interpreter/managers/shim.h"
#include "wheel/version.h"

struct search {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_prober *prober;
	const struct cv_pyspec *want;
	struct cvenv_error *now; /* of the candidate that is being asked */
	struct cvenv_error *err;
	char *pre; /* the first pre-release that fits, but was not asked for */
};

static int skipped(struct search *s, struct cvenv_error *why)
{
	if (s->now->code)
		cv_log(s->ctx, CVENV_LOG_DEBUG, "skipped: %s", s->now->message);
	if (s->now->code && why && !why->code)
		*why = *s->now;
	return 0;
}

/* Does the interpreter fit? 1, 0, -EINTR, -ENOMEM. */
static int ask(struct search *s, const char *path, struct cv_info *ret, struct cvenv_error *why)
{
	int rc;

	s->now->code = 0;
	rc = cv_probe_by(s->prober, s->ctx, s->arena, path, ret, s->now);
	if (rc == -EINTR || rc == -ENOMEM) {
		*s->err = *s->now;
		return rc;
	}
	return rc < 0 ? skipped(s, why) : cv_pyspec_fits_info(s->want, ret);
}

static bool is_unwanted_pre(const struct search *s, const struct cv_info *info)
{
	return info->pre[0] && !s->want->exact.n && !s->want->specifiers.n;
}

/* As ask(), but a pre-release that was not asked for is only kept for later. */
static int try(struct search *s, char *path, struct cvenv_error *why)
{
	struct cv_info info;
	int rc = ask(s, path, &info, why);

	if (rc <= 0 || !is_unwanted_pre(s, &info))
		return rc;
	if (!s->pre)
		s->pre = path;
	return 0;
}

/*
 * A shim has failed with RC. That is a reason only if it would have started a Python that is
 * wanted, and not if another version is chosen. If the manager's files are invalid, nobody knows.
 */
static bool explains(const struct search *s, int rc, struct cv_str missing)
{
	struct cv_installed is;

	if (!missing.n)
		return rc != -CVENV_ENOPYTHON && rc != -CVENV_EUNSAFE;
	cv_installed_parse(missing, &is);
	return (is.implementation || is.version.major != CV_VERSION_ANY) &&
	       cv_pyspec_may_fit(s->want, is.implementation, &is.version);
}

static int on_path(struct search *s, const char *name, char **ret, struct cvenv_error *why)
{
	struct cv_which w = cv_which(s->ctx);
	struct cv_ctx quiet = *s->ctx; /* a shim that leads to another version must not warn */

	quiet.log = NULL;
	while (cv_which_next(&w, s->arena, name, ret)) {
		struct cv_str missing;
		int rc;

		s->now->code = 0;
		rc = cv_shim_resolve(&quiet, s->arena, ret, &missing, s->now);
		if (rc == -EINTR || rc == -ENOMEM) {
			*s->err = *s->now;
			return rc;
		}
		if (rc < 0)
			rc = skipped(s, explains(s, rc, missing) ? why : NULL);
		else if (!cv_exe_is_batch(*ret))
			rc = try(s, *ret, why);
		if (rc)
			return rc;
	}
	return w.nomem ? cv_fail_nomem(s->err) : 0;
}

static int installed(struct search *s, char **ret)
{
	struct cv_installed *list;
	size_t count;
	int rc = cv_installed(s->ctx, s->arena, &s->want->version, &list, &count, s->err);

	for (size_t i = 0; i < count && rc == 0; i++) {
		*ret = list[i].exe;
		rc = cv_exe_check(*ret);
		if (rc == -ENOMEM)
			return cv_fail_nomem(s->err);
		rc = rc < 0 ? 0 : try(s, *ret, NULL);
	}
	return rc;
}

static int by_name(struct search *s, char **ret, struct cvenv_error *why)
{
	static const char *const others[] = { "python3", "python" };
	char *name = cv_pyversion_command(s->arena, &s->want->version);
	int rc;

	if (!name)
		return cv_fail_nomem(s->err);
	rc = on_path(s, name, ret, why);
	rc = rc ? rc : installed(s, ret);
	for (size_t i = 0; i < 2 && rc == 0; i++)
		rc = on_path(s, others[i], ret, NULL);
	return rc;
}

/* --- place by place ------------------------------------------------------------------------ */

static int compare_versions(const struct cv_info *a, const struct cv_info *b)
{
	char x[CV_INFO_VERSION_ROOM], y[CV_INFO_VERSION_ROOM];

	cv_info_full_version(a, x);
	cv_info_full_version(b, y);
	return cv_version_cmp(cv_str(x), cv_str(y));
}

static bool is_better(const struct cv_info *a, const struct cv_info *b)
{
	int d = compare_versions(a, b);

	if (d == 0)
		d = b->debug - a->debug;
	if (d == 0)
		d = (strcmp(a->implementation, "cpython") == 0) -
		    (strcmp(b->implementation, "cpython") == 0);
	return d ? d > 0 : a->bits64 && !b->bits64;
}

/* Do the candidates from here on say that they are older than BEST? */
static bool is_older(const struct cv_candidate *c, const struct cv_info *best)
{
	const struct cv_pyversion have = { (int)best->major, (int)best->minor,
		c->said.micro < 0 ? CV_VERSION_ANY : (int)best->micro, c->said.free_threaded,
		c->said.bits };

	return c->said.minor != CV_VERSION_ANY && cv_pyversion_cmp(&c->said, &have) < 0;
}

/* 1 and *ret, the best of one place; 0; negative: error. */
static int best_of(struct search *s, const struct cv_candidate *list, size_t count, char **ret)
{
	struct cv_info best, info;
	char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct cv_candidate *c = &list[i];
		int rc;

		if (found && is_older(c, &best))
			break;
		if (!cv_pyspec_may_fit(s->want, c->implementation, &c->said))
			continue;
		rc = ask(s, c->path, &info, NULL);
		if (rc < 0)
			return rc;
		if (rc == 0 || (found && !is_better(&info, &best)))
			continue;
		if (is_unwanted_pre(s, &info)) {
			s->pre = s->pre ? s->pre : c->path;
			continue;
		}
		best = info;
		found = c->path;
	}
	*ret = found;
	return found != NULL;
}

static int by_place(struct search *s, char **ret, struct cvenv_error *why)
{
	const struct cv_candidate *list;
	struct cv_candidates *c;
	size_t count;
	char first = s->want->text[0];
	bool named = !s->want->specifiers.n && (first < '0' || first > '9');
	int rc = named ? on_path(s, s->want->text, ret, why) : 0;

	if (rc)
		return rc;
	rc = cv_candidates(s->ctx, s->arena, &c);
	while (rc >= 0 && (rc = cv_candidates_next(c, &list, &count)) > 0) {
		rc = best_of(s, list, count, ret);
		if (rc)
			return rc;
	}
	if (rc == -ENOMEM)
		return cv_fail_nomem(s->err);
	return rc < 0 ? cv_fail(s->err, -rc, "searching for Python") : 0;
}

int cv_request_find(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_prober *prober, const struct cv_pyspec *want, char **ret,
	struct cvenv_error *why, struct cvenv_error *err)
{
	struct search s = {
		.ctx = ctx, .arena = arena, .prober = prober, .want = want, .err = err
	};
	bool cpython = !want->implementation || strcmp(want->implementation, "cpython") == 0;
	int rc;

	s.now = cv_new(arena, struct cvenv_error, 1);
	if (!s.now)
		return cv_fail_nomem(err);
	if (cpython && want->version.major != CV_VERSION_ANY && !want->exact.n && !want->debug)
		rc = by_name(&s, ret, why);
	else
		rc = by_place(&s, ret, why);
	if (rc == 0 && s.pre) {
		*ret = s.pre;
		return 1;
	}
	return rc;
}
