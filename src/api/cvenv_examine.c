/* SPDX-License-Identifier: MIT */
#include "api/public.h"
#include "finished/check.h"
#include "finished/distributions.h"

static int examine(struct cvenv *s, const char *env_dir, unsigned flags,
	struct cvenv_environment *ret, struct cvenv_error *error)
{
	struct cv_finished env = { 0 };
	struct cvenv_environment described = { .size = sizeof(described) };
	int rc = cv_finished_open(&s->ctx, &s->finished, env_dir, 0, &env, error);

	if (rc == 0)
		rc = cv_examine(s->session, &env, flags & CVENV_FULL, &s->findings, error);
	if (rc == 0)
		rc = cv_distributions_read(
			&s->finished, &env, &s->distributions, &s->distribution_count, error);
	if (rc == 0 && ret) {
		cv_finished_describe(&env, &described);
		cv_public_put(ret, ret->size, &described, sizeof(described));
	}
	cv_finished_close(&env);
	return rc;
}

int cvenv_examine(struct cvenv *s, const char *env_dir, unsigned flags,
	struct cvenv_environment *ret, struct cvenv_error *error)
{
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	if (rc == 0) {
		cv_session_read_only(s->session, true);
		rc = examine(s, env_dir, flags, ret, error);
		cv_session_read_only(s->session, false);
	}
	if (rc < 0)
		cv_public_forget(s);
	return cv_public_rc(rc);
}

bool cvenv_finding_entry(const struct cvenv *s, size_t index, struct cvenv_finding *ret)
{
	const struct cv_finding *f;
	struct cvenv_finding public;

	if (index >= s->findings.count)
		return false;
	f = &s->findings.all[index];
	public = (struct cvenv_finding){ .kind = cv_finding_name(f->kind),
		.severity = f->severity,
		.file = f->file,
		.detail = f->detail,
		.cure = f->cure };
	cv_public_put(ret, ret->size, &public, sizeof(public));
	return true;
}

bool cvenv_distribution_entry(const struct cvenv *s, size_t index, struct cvenv_distribution *ret)
{
	return cv_public_entry(
		s->distributions, s->distribution_count, index, ret, ret->size, sizeof(*ret));
}
