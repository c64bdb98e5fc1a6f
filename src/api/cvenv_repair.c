/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "api/public.h"
#include "finished/repair.h"

int cvenv_repair(struct cvenv *s, const char *env_dir, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error)
{
	struct cvenv_change change = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	s->ctx.now = time(NULL);
	if (rc < 0)
		return -1;
	rc = cv_repair(s->session, env_dir, flags, &s->findings, &change, error);
	s->planned = rc == 0;
	/* Also after a failure: the requirements. */
	if (ret)
		cv_public_put(ret, ret->size, &change, sizeof(change));
	return cv_public_rc(rc);
}
