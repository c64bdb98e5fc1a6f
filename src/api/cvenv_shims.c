/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "create/shims.h"

int cvenv_install_shims(struct cvenv *s, const char *dir, const char *command, bool dry_run,
	size_t *ret_count, struct cvenv_error *error)
{
	int rc;

	error = cv_public_begin(s, error);
	cv_arena_done(&s->shim_strings);
	rc = cv_shims_install(s->session, &s->shim_strings, dir, command, dry_run, &s->shims,
		&s->shim_count, error);
	if (rc < 0)
		s->shim_count = 0;
	*ret_count = s->shim_count;
	return cv_public_rc(rc);
}

bool cvenv_shim_entry(struct cvenv *s, size_t index, struct cvenv_shim *ret)
{
	return cv_public_entry(s->shims, s->shim_count, index, ret, ret->size, sizeof(*ret));
}
