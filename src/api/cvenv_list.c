/* SPDX-License-Identifier: MIT */
#include "api/public.h"

int cvenv_list(struct cvenv *s, const char *const *roots, unsigned flags, size_t *ret_count,
	struct cvenv_error *error)
{
	int rc;

	error = cv_public_begin(s, error);
	cv_search_done(&s->list);
	rc = cv_search(&s->ctx, roots, flags, &s->list, error);
	if (rc < 0)
		cv_search_done(&s->list);
	*ret_count = s->list.count;
	return cv_public_rc(rc);
}

bool cvenv_list_entry(struct cvenv *s, size_t index, struct cvenv_environment *ret)
{
	struct cvenv_environment environment;

	if (index >= s->list.count)
		return false;
	environment = s->list.entries[index];
	cv_public_put(ret, ret->size, &environment, sizeof(environment));
	return true;
}

void cvenv_list_total(struct cvenv *s, struct cvenv_environment *ret)
{
	struct cvenv_environment total = s->list.total;

	cv_public_put(ret, ret->size, &total, sizeof(total));
}
