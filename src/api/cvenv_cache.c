/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <time.h>

#include "api/public.h"

static_assert((int)CVENV_CACHE_BYTECODE == (int)CV_GC_BYTECODE, "the two lists are one");

int cvenv_warm(struct cvenv *s, struct cvenv_result *ret, struct cvenv_error *error)
{
	struct cv_result result;
	struct cv_err err;
	int rc;

	cv_arena_done(&s->strings);
	s->named = NULL;
	s->ctx.now = time(NULL);
	rc = cv_warm(s->session, &result, &err);
	if (rc == 0)
		rc = cv_public_result(&s->strings, &result, s->packages, ret, &err);
	return rc < 0 ? cv_public_error(&err, error) : 0;
}

int cvenv_cache_info(struct cvenv *s, struct cvenv_cache_info *ret, struct cvenv_error *error)
{
	struct cvenv_cache_info public = { 0 };
	struct cv_err err;

	cv_arena_done(&s->strings);
	s->named = NULL;
	if (cv_gc_scan(&s->ctx, &s->strings, s->options.cache_dir, &s->gc, &err) < 0) {
		s->gc = (struct cv_gc){ 0 };
		return cv_public_error(&err, error);
	}
	public.dir = s->gc.dir;
	public.exists = s->gc.exists;
	public.entry_count = s->gc.count;
	public.leftovers = s->gc.leftovers;
	public.leftover_bytes = s->gc.leftover_bytes;
	public.bytes = s->gc.bytes;
	public.shared = s->gc.shared;
	cv_public_put(ret, ret->size, &public, sizeof(public));
	return 0;
}

bool cvenv_cache_entry(struct cvenv *s, size_t index, struct cvenv_cache_entry *ret)
{
	const struct cv_gc_entry *e;
	struct cvenv_cache_entry public;

	if (index >= s->gc.count)
		return false;
	e = &s->gc.entries[index];
	public = (struct cvenv_cache_entry){ .kind = (enum cvenv_cache_kind)e->kind,
		.key = e->key,
		.name = e->name.p,
		.version = e->version.p,
		.python = e->python,
		.tag = e->tag,
		.bytes = e->bytes,
		.shared = e->shared,
		.used = e->used };
	cv_public_put(ret, ret->size, &public, sizeof(public));
	return true;
}

int cvenv_cache_clean(struct cvenv *s, int64_t unused_seconds, struct cvenv_cache_freed *ret,
	struct cvenv_error *error)
{
	struct cv_gc_freed freed = { 0 };
	struct cvenv_cache_freed public = { 0 };
	struct cv_err err;
	int rc;

	s->ctx.now = time(NULL);
	rc = cv_gc_clean(&s->ctx, s->options.cache_dir, unused_seconds, &freed, &err);
	public.entries = freed.entries;
	public.leftovers = freed.leftovers;
	public.bytes = freed.bytes;
	if (ret)
		cv_public_put(ret, ret->size, &public, sizeof(public));
	return rc < 0 ? cv_public_error(&err, error) : 0;
}
