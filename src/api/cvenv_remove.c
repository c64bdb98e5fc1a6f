/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "finished/remove.h"

int cvenv_remove(struct cvenv *s, const char *env_dir, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error)
{
	struct cvenv_change change = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	cv_arena_done(&s->strings);
	if (rc == 0)
		rc = cv_remove(s->session, &s->strings, env_dir, flags, &change, error);
	if (rc == 0 && ret)
		cv_public_put(ret, ret->size, &change, sizeof(change));
	return cv_public_rc(rc);
}
