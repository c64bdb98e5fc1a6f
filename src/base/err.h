/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_ERR_H
#define CV_BASE_ERR_H

/*
 * Errors. A function that can fail returns 0 or a negative code and takes
 * `struct cvenv_error *err` last. On failure it fills *err exactly once, where the
 * failure is first understood. Callers only put context in front of the message on the
 * way up; cli/ prints it. On success *err is not changed. A caller that
 * needs no message passes NULL: a struct cvenv_error is large, and the library must run on a stack
 * of 64 kB.
 *
 * A code is an errno or of enum cvenv_code, so both share one int. Callers decide by code, never
 * by message. Nothing here allocates: "out of memory" can be reported too.
 *
 * Message style: lower case, no full stop, what failed first, the subject in
 * single quotes, the reason after a colon. What the user can do about it goes
 * into the hint, which is printed after the message in parentheses.
 */

#include <stdbool.h>

#include "cvenv.h"

/* Fill *err with "FMT: text of CODE" and return -CODE, for `return cv_fail(...)`. */
int cv_fail(struct cvenv_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* The same with a reason of the caller's own: the message is FMT alone. */
int cv_fail_msg(struct cvenv_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* Out of memory; always -ENOMEM. */
int cv_fail_nomem(struct cvenv_error *err) __attribute__((cold));

/* Put "FMT: " in front of an error already set; returns rc unchanged. */
int cv_wrap(struct cvenv_error *err, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* Say what the user can do; returns rc unchanged. The first hint given stays. */
int cv_hint(struct cvenv_error *err, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

/* Is CODE a lack of the moment (memory, descriptors) or a signal, and no fault of what was named?
 */
bool cv_err_passes(int code);

/*
 * Does CODE mean that the file is missing: its last component (ENOENT), a directory above it
 * (ENOTDIR), or the end of its links (ELOOP: a circle, or a link in spite of O_NOFOLLOW)?
 */
bool cv_err_missing(int code);

/*
 * Does CODE mean that this system call, or this use of it, is not supported here? Used for every
 * call that is optional or has an older substitute. ENOSYS comes from an old kernel, EPERM from a
 * sandbox that does not know the call, EOPNOTSUPP, EINVAL or EXDEV from a file system. The caller
 * then does without, or makes the older call, whose error reports any other problem.
 */
bool cv_err_unsupported(int code);

/* The text of an errno or of an enum cvenv_code; never NULL. */
const char *cv_err_text(int code);

#endif
