/* SPDX-License-Identifier: MIT */
#include "create/pythons.h"

#include <errno.h>
#include <string.h>

#include "create/base_info.h"
#include "interpreter/candidates.h"
#include "interpreter/spec.h"

struct listing {
	struct cv_session *session;
	struct cv_arena *arena;
	struct cvenv_python *list;
	const char **reals; /* of each in `list` */
	size_t count;
	struct cvenv_error *err;
};

static bool is_listed(const struct listing *l, const struct cv_info *info)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->reals[i], info->real) == 0)
			return true;
	return false;
}

static int append(struct listing *l, const struct cv_info *info, const char *origin)
{
	struct cvenv_python *p = &l->list[l->count];

	if (l->count == CV_CANDIDATES_MAX || is_listed(l, info))
		return 0;
	p->path = info->base;
	p->version = cv_strfmt(l->arena, "%s%s", info->version, info->pre);
	p->implementation = info->implementation;
	p->free_threaded = info->free_threaded;
	p->debug = info->debug;
	p->bits = info->bits64 ? 64 : 32;
	p->origin = origin ? origin : cv_candidate_origin(l->session->ctx, l->arena, info->base);
	if (!p->version || !p->origin)
		return cv_fail_nomem(l->err);
	l->reals[l->count++] = info->real;
	return 0;
}

/* Probe one candidate, and list it if it is one of those that SPEC asks for. */
static int consider(
	struct listing *l, const struct cv_candidate *candidate, const struct cv_pyspec *spec)
{
	struct cv_session *s = l->session;
	struct cv_info info;
	int rc;

	if (spec && !cv_pyspec_may_fit(spec, candidate->implementation, &candidate->said))
		return 0;
	rc = cv_base_info_of(s->ctx, l->arena, &s->cache, candidate->path, &info, l->err);
	if (rc == -EINTR || rc == -ENOMEM)
		return rc;
	if (rc < 0) {
		cv_log(s->ctx, CVENV_LOG_INFO, "left out '%s': %s", candidate->path,
			l->err->message);
		return 0;
	}
	if (spec && !cv_pyspec_fits_info(spec, &info))
		return 0;
	return append(l, &info, strcmp(info.base, candidate->path) == 0 ? candidate->origin : NULL);
}

static int list_candidates(struct listing *l, const struct cv_pyspec *spec)
{
	const struct cv_candidate *list;
	struct cv_candidates *places;
	size_t count;
	int rc = cv_candidates(l->session->ctx, l->arena, &places);

	while (rc >= 0 && (rc = cv_candidates_next(places, &list, &count)) > 0)
		for (size_t i = 0; i < count && rc >= 0; i++)
			rc = consider(l, &list[i], spec);
	if (rc == -ENOMEM)
		return cv_fail_nomem(l->err);
	return rc == -EINTR ? cv_fail(l->err, EINTR, "search for Pythons") : rc;
}

/* Mark the base interpreter of the session. Without one, nothing is marked. */
static int mark_default(struct listing *l, bool needed)
{
	struct cv_session *s = l->session;
	int rc = cv_session_info(s, l->err);

	if (rc == -EINTR || rc == -ENOMEM || (rc < 0 && needed))
		return rc;
	if (rc < 0) {
		cv_log(s->ctx, CVENV_LOG_INFO, "no default: %s", l->err->message);
		return 0;
	}
	rc = append(l, &s->info, NULL);
	for (size_t i = 0; i < l->count && rc == 0; i++)
		l->list[i].is_default = strcmp(l->reals[i], s->info.real) == 0;
	return rc;
}

int cv_pythons(struct cv_session *session, struct cv_arena *arena, struct cvenv_python **ret,
	size_t *ret_count, struct cvenv_error *err)
{
	struct listing l = { .session = session, .arena = arena, .err = err };
	struct cv_pyspec spec = { .kind = CV_PYSPEC_NAME };
	const struct cvenv_options *o = session->request;
	const char *python = o->python_source ? NULL : o->python; /* as -p has it */
	int rc = 0;

	l.list = cv_new(arena, struct cvenv_python, CV_CANDIDATES_MAX);
	l.reals = cv_new(arena, const char *, CV_CANDIDATES_MAX);
	if (!l.list || !l.reals)
		return cv_fail_nomem(err);
	if (python)
		cv_pyspec_parse(python, &spec);
	cv_session_cache(session);
	if (!python || spec.kind == CV_PYSPEC_REQUEST)
		rc = list_candidates(&l, python ? &spec : NULL);
	if (rc == 0)
		rc = mark_default(&l, python && spec.kind != CV_PYSPEC_REQUEST);
	*ret = l.list;
	*ret_count = l.count;
	return rc;
}
