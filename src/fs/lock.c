/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>

#include "base/str.h"
#include "fs/publish.h"
#include "os/process.h"

/* The lock of publish.h. */

enum { TICK_MS = 5, TIMEOUT_MAX_S = 1000000 };

int cv_lock_timeout(const struct cv_ctx *ctx, int64_t *ret_ms, struct cvenv_error *err)
{
	const char *asked = cv_getenv_nonempty(ctx, "CVENV_LOCK_TIMEOUT");
	uint64_t seconds = CV_LOCK_TIMEOUT_S;

	if (asked && !cv_str_u64(cv_str(asked), TIMEOUT_MAX_S, &seconds)) {
		cv_fail_msg(err, CVENV_EUSAGE,
			"CVENV_LOCK_TIMEOUT: invalid number of seconds: '%s'", asked);
		return cv_hint(err, -CVENV_EUSAGE, "use a whole number up to %d", TIMEOUT_MAX_S);
	}
	*ret_ms = (int64_t)seconds * 1000;
	return 0;
}

/* 1: locked; 0: nothing can be locked here; or what stopped the waiting. */
static int wait_for_lock(const struct cv_ctx *ctx, const char *env_dir, struct cv_os_dir dir,
	struct cvenv_error *err)
{
	int64_t left = 0;
	int rc = cv_lock_timeout(ctx, &left, err);

	if (rc < 0)
		return rc;
	for (;; left -= TICK_MS) {
		rc = cv_os_lock_dir(dir);
		if (rc == 0)
			return 1;
		if (rc != -EWOULDBLOCK && rc != -EINTR)
			return 0;
		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", env_dir);
		if (left <= 0) {
			cv_fail_msg(err, EBUSY, "another process is at work in '%s'", env_dir);
			return cv_hint(err, -EBUSY,
				"wait for it; CVENV_LOCK_TIMEOUT says how many seconds cvenv does");
		}
		cv_os_sleep_ms(TICK_MS);
	}
}

/* Is PATH still what is open as DIR? */
static bool is_still(const char *path, struct cv_os_dir dir)
{
	struct cv_os_stat here, there;

	return cv_os_stat_dir(dir, &here) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &there) == 0 &&
	       cv_os_same(&here, &there);
}

int cv_target_lock(const struct cv_ctx *ctx, struct cv_target *t, struct cvenv_error *err)
{
	while (t->exists) {
		OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
		int rc = cv_os_open_dir(CV_OS_ABSOLUTE, t->place, CV_OS_NOFOLLOW, &dir);

		if (rc == -EACCES) /* an exchange can do without reading it */
			return 0;
		if (rc < 0)
			return cv_fail(err, -rc, "cannot open '%s'", t->env_dir);
		rc = wait_for_lock(ctx, t->env_dir, dir, err);
		if (rc <= 0)
			return rc;
		if (is_still(t->place, dir)) {
			t->held = cv_os_take_dir(&dir);
			return 0;
		}
		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", t->env_dir);
	}
	return 0;
}

void cv_target_unlock(struct cv_target *t)
{
	cv_os_close_dir(&t->held);
}
