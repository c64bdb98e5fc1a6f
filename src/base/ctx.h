/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_CTX_H
#define CV_BASE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/system.h"
#include "cvenv.h"

/*
 * Everything that the library would otherwise keep in globals. The caller owns it. Code outside
 * cli/ reads the environment variables, the current directory and the clock only from here.
 */
struct cv_ctx {
	const char *const *envp; /* NULL-terminated "NAME=VALUE", as environ; may be NULL */
	const char *cwd;         /* absolute; NULL when the current directory is gone */
	void (*log)(void *log_data, enum cvenv_level level, const char *msg); /* may be NULL */
	void *log_data;
	/*
	 * Called during slow work: DONE of TOTAL files of the wheel NAME ("pip") are finished. DONE
	 * is 0 first, and TOTAL last unless the work fails. Also called while cvenv waits. Called
	 * by the thread that called the library. May be NULL.
	 */
	void (*progress)(void *progress_data, enum cvenv_phase phase, const char *name, size_t done,
		size_t total);
	void *progress_data;
	const volatile int *stop; /* set by a signal handler to end the call; may be NULL */
	int64_t now; /* seconds since the epoch; 0: unknown, then no use of the cache is recorded */
};

/*
 * The value of an environment variable; NULL when it is not set. Names have no case on Windows:
 * PATH is usually "Path".
 */
const char *cv_getenv(const struct cv_ctx *ctx, const char *name);

/* The same, but NULL also when the value is empty. */
const char *cv_getenv_nonempty(const struct cv_ctx *ctx, const char *name);

/* Does ENTRY, such as "NAME=VALUE", begin with the LEN bytes at NAME, as names are compared here?
 */
bool cv_variable_starts(const char *entry, const char *name, size_t len);

/* True when the caller asks for an end. Then remove unfinished files and return -EINTR. */
bool cv_stopped(const struct cv_ctx *ctx);

/*
 * The same, for loops that wait for NAME. It calls `progress`, where the caller may find out that
 * an end is asked for: handlers of signals in Python do not run otherwise.
 */
bool cv_stopped_waiting(const struct cv_ctx *ctx, const char *name);

void cv_progress(const struct cv_ctx *ctx, enum cvenv_phase phase, const char *name, size_t done,
	size_t total);

void cv_log(const struct cv_ctx *ctx, enum cvenv_level level, const char *fmt, ...) CV_PRINTF(3, 4);

#endif
