/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "finished/archive.h"

int cvenv_pack(struct cvenv *s, const char *env_dir, const struct cvenv_archive *how,
	unsigned flags, struct cvenv_change *ret, struct cvenv_error *error)
{
	struct cvenv_change change = { 0 };
	struct cvenv_archive known = { 0 };
	bool dry_run = flags & CVENV_DRY_RUN;
	int rc;

	error = cv_public_begin(s, error);
	rc = cv_public_get(&known, sizeof(known), how, how->size, error);
	if (rc == 0 && ret)
		rc = cv_public_check(ret->size, error);
	if (rc < 0)
		return cv_public_rc(rc);
	s->session->plan = (struct cv_plan){ .arena = &s->finished };
	rc = cv_archive_pack(
		&s->ctx, &s->finished, env_dir, &known, dry_run, &s->session->plan, &change, error);
	s->planned = rc == 0;
	if (rc == 0 && ret)
		cv_public_put(ret, ret->size, &change, sizeof(change));
	return cv_public_rc(rc);
}
