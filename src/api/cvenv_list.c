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
	return cv_public_entry(s->list.entries, s->list.count, index, ret, ret->size, sizeof(*ret));
}

void cvenv_list_total(struct cvenv *s, struct cvenv_environment *ret)
{
	cv_public_put(ret, ret->size, &s->list.total, sizeof(s->list.total));
}
