/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/publish.h"

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
static int wait_for_lock(
	const struct cv_ctx *ctx, const char *env_dir, int fd, struct cvenv_error *err)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	int64_t left = 0;
	int rc = cv_lock_timeout(ctx, &left, err);

	if (rc < 0)
		return rc;
	for (;; left -= TICK_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 1;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0;
		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", env_dir);
		if (left <= 0) {
			cv_fail_msg(err, EBUSY, "another process is at work in '%s'", env_dir);
			return cv_hint(err, -EBUSY,
				"wait for it; CVENV_LOCK_TIMEOUT says how many seconds cvenv does");
		}
		(void)nanosleep(&tick, NULL);
	}
}

/* Does NAME still lead to what FD is? */
static bool is_still(const char *name, int fd)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && lstat(name, &there) == 0 && cv_same_file(&here, &there);
}

int cv_target_lock(const struct cv_ctx *ctx, struct cv_target *t, struct cvenv_error *err)
{
	while (t->exists) {
		OWN_FD int fd = cv_open_dir(AT_FDCWD, t->place);
		int rc;

		if (fd == -EACCES) /* an exchange can do without reading it */
			return 0;
		if (fd < 0)
			return cv_fail(err, -fd, "cannot open '%s'", t->env_dir);
		rc = wait_for_lock(ctx, t->env_dir, fd, err);
		if (rc <= 0)
			return rc;
		if (is_still(t->place, fd)) {
			t->held = take_fd(&fd);
			return 0;
		}
		if (cv_stopped(ctx))
			return cv_fail(err, EINTR, "waiting for '%s'", t->env_dir);
	}
	return 0;
}

void cv_target_unlock(struct cv_target *t)
{
	cv_own_fd(&t->held);
	t->held = -1;
}
