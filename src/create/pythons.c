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
	struct cv_pyspec *wanted; /* requests; none: all */
	size_t wanted_count;
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

static bool may_fit(const struct listing *l, const struct cv_candidate *c)
{
	bool fits = l->wanted_count == 0;

	for (size_t i = 0; i < l->wanted_count && !fits; i++)
		fits = cv_pyspec_may_fit(&l->wanted[i], c->implementation, &c->said);
	return fits;
}

static bool fits(const struct listing *l, const struct cv_info *info)
{
	bool fits = l->wanted_count == 0;

	for (size_t i = 0; i < l->wanted_count && !fits; i++)
		fits = cv_pyspec_fits_info(&l->wanted[i], info);
	return fits;
}

/* 1 and *ret; 0 if it cannot be used; -EINTR, -ENOMEM. SPEC is a path, or the name of a command. */
static int probe(struct listing *l, const char *spec, struct cv_info *ret)
{
	struct cv_session *s = l->session;
	int rc = cv_base_info_of(s->ctx, l->arena, &s->cache, spec, ret, l->err);

	if (rc == -EINTR || rc == -ENOMEM || rc == 0)
		return rc < 0 ? rc : 1;
	cv_log(s->ctx, CVENV_LOG_INFO, "left out '%s': %s", spec, l->err->message);
	return 0;
}

static int consider(struct listing *l, const struct cv_candidate *c)
{
	struct cv_info info;
	int rc = may_fit(l, c) ? probe(l, c->path, &info) : 0;

	if (rc <= 0 || !fits(l, &info))
		return rc < 0 ? rc : 0;
	return append(l, &info, strcmp(info.base, c->path) == 0 ? c->origin : NULL);
}

static int list_candidates(struct listing *l)
{
	const struct cv_candidate *list;
	struct cv_candidates *places;
	size_t count;
	int rc = cv_candidates(l->session->ctx, l->arena, &places);

	while (rc >= 0 && (rc = cv_candidates_next(places, &list, &count)) > 0)
		for (size_t i = 0; i < count && rc >= 0; i++)
			rc = consider(l, &list[i]);
	if (rc == -ENOMEM)
		return cv_fail_nomem(l->err);
	return rc == -EINTR ? cv_fail(l->err, EINTR, "search for Pythons") : rc;
}

static int list_named(struct listing *l, const char *spec)
{
	struct cv_info info;
	int rc = probe(l, spec, &info);

	return rc > 0 ? append(l, &info, NULL) : rc;
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

/* The number of -p; SPECS, if it is not NULL, gets them. */
static size_t specs_of(const struct cvenv_options *o, const char **specs)
{
	size_t count = 0;

	if (!o->python || o->python_source) /* it is not of -p */
		return 0;
	if (specs)
		specs[0] = o->python;
	for (count = 1; o->pythons && o->pythons[count - 1]; count++)
		if (specs)
			specs[count] = o->pythons[count - 1];
	return count;
}

static int list_all(struct listing *l, const char *const *specs, size_t count)
{
	struct cv_pyspec spec;
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		cv_pyspec_parse(specs[i], &spec);
		if (spec.kind == CV_PYSPEC_REQUEST)
			l->wanted[l->wanted_count++] = spec;
	}
	if (count == 0 || l->wanted_count)
		rc = list_candidates(l);
	for (size_t i = 0; i < count && rc == 0; i++)
		if (!cv_pyspec_is_request(specs[i]))
			rc = list_named(l, specs[i]);
	/* if -p can only mean one, its error is told */
	return rc < 0 ? rc : mark_default(l, count && !l->wanted_count && !l->count);
}

int cv_pythons(struct cv_session *session, struct cv_arena *arena, struct cvenv_python **ret,
	size_t *ret_count, struct cvenv_error *err)
{
	struct listing l = { .session = session, .arena = arena, .err = err };
	size_t count = specs_of(session->request, NULL);
	const char **specs = cv_new(arena, const char *, count + 1);
	int rc;

	l.list = cv_new(arena, struct cvenv_python, CV_CANDIDATES_MAX);
	l.reals = cv_new(arena, const char *, CV_CANDIDATES_MAX);
	l.wanted = cv_new(arena, struct cv_pyspec, count + 1);
	if (!l.list || !l.reals || !l.wanted || !specs)
		return cv_fail_nomem(err);
	specs_of(session->request, specs);
	cv_session_cache(session);
	rc = list_all(&l, specs, count);
	*ret = l.list;
	*ret_count = l.count;
	return rc;
}
