/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_ERR_H
#define CV_BASE_ERR_H

/*
 * Errors. A function that can fail returns 0 or a negative code and takes `struct cvenv_error *err`
 * last. On failure it fills *err exactly once, where the cause is first known. On the way up,
 * callers only put context in front of the message, and cli/ prints it. On success *err is not
 * changed. A caller that needs no message passes NULL: a struct cvenv_error is large, and the
 * library must run on a stack of 64 kB.
 *
 * A code is an errno or a value of enum cvenv_code, so both share one int. Callers decide by code,
 * never by message. Nothing here allocates memory, so ENOMEM can be reported too.
 *
 * Message style: lower case, no full stop, what failed first, the subject in single quotes, the
 * reason after a colon. What the user can do about it goes into the hint, which is printed after
 * the message in parentheses.
 */

#include <stdbool.h>

#include "base/system.h"
#include "cvenv.h"

/* Fill *err with "FMT: text of CODE" and return -CODE, for `return cv_fail(...)`. */
int cv_fail(struct cvenv_error *err, int code, const char *fmt, ...) CV_PRINTF(3, 4)
	__attribute__((cold));

/* The same without ": text of CODE": FMT itself states the reason. */
int cv_fail_msg(struct cvenv_error *err, int code, const char *fmt, ...) CV_PRINTF(3, 4)
	__attribute__((cold));

/* PATH, which the user named, does not exist: return -CODE, ENOENT or CVENV_ENOTENV. */
int cv_fail_missing(struct cvenv_error *err, int code, const char *path) __attribute__((cold));

/* Out of memory; always -ENOMEM. */
int cv_fail_nomem(struct cvenv_error *err) __attribute__((cold));

/* Put "FMT: " in front of an error already set; returns rc unchanged. */
int cv_wrap(struct cvenv_error *err, int rc, const char *fmt, ...) CV_PRINTF(3, 4)
	__attribute__((cold));

/* Set the hint: what the user can do. Returns rc unchanged. A hint that is already set stays. */
int cv_hint(struct cvenv_error *err, int rc, const char *fmt, ...) CV_PRINTF(3, 4)
	__attribute__((cold));

/*
 * Is CODE a temporary condition (no memory, no free descriptor, a signal) that says nothing about
 * the file or program concerned?
 */
bool cv_err_passes(int code);

/*
 * Does CODE mean that the file is missing? Its last component is (ENOENT), a directory above it is
 * (ENOTDIR), or its links do not end at a file (ELOOP: they form a circle, or links are not
 * followed).
 */
bool cv_err_missing(int code);

/*
 * Does CODE mean that this system call, or this use of it, is not supported here? Used for every
 * call that is optional or has an older substitute. An old kernel returns ENOSYS, a sandbox that
 * does not know the call EPERM, a file system EOPNOTSUPP, EINVAL or EXDEV. The caller then skips
 * the call, or makes the older one, whose error reports any other problem.
 */
bool cv_err_unsupported(int code);

/*
 * The text of an errno or of an enum cvenv_code; never NULL. May be overwritten by the next call.
 */
const char *cv_err_text(int code);

#endif
