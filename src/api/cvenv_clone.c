/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "finished/clone.h"

typedef int relocate_fn(struct cv_session *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *err);

static int relocate(struct cvenv *s, relocate_fn *work, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error)
{
	struct cvenv_relocation known = { .size = sizeof(known) };
	struct cvenv_change change = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	if (rc == 0 && how)
		rc = cv_public_get(&known, sizeof(known), how, how->size, error);
	if (rc == 0)
		rc = work(s->session, src, dest, &known, flags, &change, error);
	if (rc < 0)
		return -1;
	s->planned = true;
	if (ret)
		cv_public_put(ret, ret->size, &change, sizeof(change));
	return 0;
}

int cvenv_clone(struct cvenv *s, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error)
{
	return relocate(s, cv_clone, src, dest, how, flags, ret, error);
}

int cvenv_move(struct cvenv *s, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error)
{
	return relocate(s, cv_move, src, dest, how, flags, ret, error);
}
