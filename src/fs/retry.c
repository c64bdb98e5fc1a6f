/* SPDX-License-Identifier: MIT */
#include "fs/retry.h"

#include <errno.h>

#include "base/err.h"
#include "os/process.h"

enum { FIRST_MS = 10, TICK_MS = 50 };

static bool stopped(const struct cv_retry *r)
{
	return r->ctx && cv_stopped(r->ctx);
}

bool cv_retry(struct cv_retry *r, int rc)
{
	int pause = r->step_ms ? r->step_ms : FIRST_MS;

	if (rc >= 0 || !cv_os_in_use(rc) || r->left_ms <= 0 || stopped(r))
		return false;
	if (pause > r->left_ms)
		pause = r->left_ms;
	r->step_ms = 2 * pause;
	r->left_ms -= pause;
	while (pause > 0 && !(r->ctx && cv_stopped_waiting(r->ctx, ""))) {
		int tick = pause < TICK_MS ? pause : TICK_MS;

		cv_os_sleep_ms(tick);
		pause -= tick;
	}
	return true;
}

int cv_rename(struct cv_retry *r, struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind)
{
	int rc;

	r->step_ms = 0;
	do
		rc = cv_os_rename(from, name, to, to_name, kind);
	while (cv_retry(r, rc));
	return rc < 0 && cv_os_in_use(rc) && stopped(r) ? -EINTR : rc;
}

int cv_rename_new(struct cv_retry *r, struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name)
{
	int rc = cv_rename(r, from, name, to, to_name, CV_OS_NEW);

	return rc < 0 && cv_err_unsupported(-rc)
		       ? cv_rename(r, from, name, to, to_name, CV_OS_REPLACE)
		       : rc;
}
