/* SPDX-License-Identifier: MIT */
#include "api/public.h"

int cvenv_warm(struct cvenv *s, struct cvenv_result *ret, struct cvenv_error *error)
{
	struct cvenv_result result = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	if (rc == 0)
		rc = cv_warm(s->session, &result, error);
	if (rc == 0 && ret)
		cv_public_put(ret, ret->size, &result, sizeof(result));
	return cv_public_rc(rc);
}

int cvenv_cache_info(struct cvenv *s, struct cvenv_cache_info *ret, struct cvenv_error *error)
{
	int rc;

	error = cv_public_begin(s, error);
	rc = cv_public_check(ret->size, error);
	cv_arena_done(&s->strings);
	s->gc = (struct cv_gc){ 0 };
	if (rc == 0)
		rc = cv_gc_scan(&s->ctx, &s->strings, s->options.cache_dir, &s->gc, error);
	if (rc == 0)
		cv_public_put(ret, ret->size, &s->gc.info, sizeof(s->gc.info));
	return cv_public_rc(rc);
}

bool cvenv_cache_entry(struct cvenv *s, size_t index, struct cvenv_cache_entry *ret)
{
	return cv_public_entry(
		s->gc.entries, s->gc.info.entry_count, index, ret, ret->size, sizeof(*ret));
}

int cvenv_cache_clean(struct cvenv *s, int64_t unused_seconds, struct cvenv_cache_freed *ret,
	struct cvenv_error *error)
{
	struct cvenv_cache_freed freed = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	if (rc < 0)
		return -1;
	rc = cv_gc_clean(&s->ctx, s->options.cache_dir, unused_seconds, &freed, error);
	if (ret)
		cv_public_put(ret, ret->size, &freed, sizeof(freed));
	return cv_public_rc(rc);
}
