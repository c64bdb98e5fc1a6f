/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "create/create.h"
#include "create/pythons.h"

int cvenv_pythons(struct cvenv *s, size_t *ret_count, struct cvenv_error *error)
{
	int rc;

	error = cv_public_begin(s, error);
	cv_arena_done(&s->python_strings);
	rc = cv_pythons(s->session, &s->python_strings, &s->pythons, &s->python_count, error);
	if (rc < 0)
		s->python_count = 0;
	*ret_count = s->python_count;
	return cv_public_rc(rc);
}

bool cvenv_python_entry(struct cvenv *s, size_t index, struct cvenv_python *ret)
{
	return cv_public_entry(s->pythons, s->python_count, index, ret, ret->size, sizeof(*ret));
}

int cvenv_find(struct cvenv *s, struct cvenv_result *ret, struct cvenv_error *error)
{
	struct cvenv_result result = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = cv_public_check(ret->size, error);
	if (rc == 0)
		rc = cv_find_base(s->session, &result, error);
	if (rc == 0)
		cv_public_put(ret, ret->size, &result, sizeof(result));
	return cv_public_rc(rc);
}
