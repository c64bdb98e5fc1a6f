/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_CTX_H
#define CV_BASE_CTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cvenv.h"

/*
 * What the world looks like to the library: everything that would otherwise be
 * a global. The caller owns it; nothing below cli/ reads the environment
 * variables, the current directory or the clock except through this.
 */
struct cv_ctx {
	const char *const *envp; /* NULL-terminated "NAME=VALUE", as environ; may be NULL */
	const char *cwd;         /* absolute; NULL when the current directory is gone */
	void (*log)(void *log_data, enum cvenv_level level, const char *msg); /* may be NULL */
	void *log_data;
	/*
	 * What may take seconds: DONE of TOTAL files of the wheel NAME ("pip"), 0 first and TOTAL
	 * last unless it fails; by the thread that called us. May be NULL.
	 */
	void (*progress)(void *progress_data, enum cvenv_phase phase, const char *name, size_t done,
		size_t total);
	void *progress_data;
	const volatile int *stop; /* set by a signal handler: give up cleanly; may be NULL */
	int64_t now; /* seconds since the epoch; 0: not known, and no use of the cache is noted */
};

/* The value of an environment variable; NULL when it is not set. */
const char *cv_getenv(const struct cv_ctx *ctx, const char *name);

/* The same, but an empty value counts as not set. */
const char *cv_getenv_nonempty(const struct cv_ctx *ctx, const char *name);

/* True when the caller was asked to stop: return -EINTR and leave nothing behind. */
bool cv_stopped(const struct cv_ctx *ctx);

void cv_progress(const struct cv_ctx *ctx, enum cvenv_phase phase, const char *name, size_t done,
	size_t total);

void cv_log(const struct cv_ctx *ctx, enum cvenv_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
