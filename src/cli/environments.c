/* SPDX-License-Identifier: MIT */
#include "cli/environments.h"

#include <errno.h>
#include <stdio.h>

#include "base/own.h"
#include "cli/name.h"
#include "cli/print.h"

int cv_each_environment(
	const struct cv_options *o, cv_environment_fn *fn, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *const *dirs;
	struct cvenv *session = NULL;
	size_t count;
	int rc = cv_env_dirs(&a, o, &dirs, &count, error), worst = 0;

	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	for (size_t i = 0; i < count && rc == 0; i++) {
		int one = fn(session, dirs[i], o, error);

		if (one < 0 && error->code == EINTR) {
			rc = one;
		} else if (one < 0) {
			(void)fflush(stdout); /* it is about earlier ones */
			cv_print_error(error->message, error->hint);
			one = CV_RUN_FINDINGS;
		}
		worst = one > worst ? one : worst;
	}
	cvenv_close(session);
	if (rc < 0)
		return rc;
	rc = cv_print_flush(NULL, error);
	return rc < 0 ? rc : worst;
}
