/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cv_err_text(int code)
{
	switch (code) {
#define X(name, text) \
	case name:    \
		return text;
		CV_ERRORS(X)
#undef X
	default:
		return strerror(code);
	}
}

__attribute__((format(printf, 3, 0))) static void set(
	struct cv_err *err, int code, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->code = code;
	err->hint[0] = '\0';
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

int cv_fail(struct cv_err *err, int code, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	set(err, code, fmt, ap);
	va_end(ap);
	if (!err)
		return -code;
	len = strlen(err->msg);
	(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s", cv_err_text(code));
	return -code;
}

int cv_fail_msg(struct cv_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, code, fmt, ap);
	va_end(ap);
	return -code;
}

int cv_fail_nomem(struct cv_err *err)
{
	return cv_fail_msg(err, ENOMEM, "out of memory");
}

int cv_wrap(struct cv_err *err, int rc, const char *fmt, ...)
{
	static const char colon[] = { ':', ' ' };
	size_t len, room;
	va_list ap;
	int n;

	if (!err)
		return rc;
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return rc;
	len = (size_t)n < sizeof(err->msg) - sizeof(colon) ? (size_t)n
							   : sizeof(err->msg) - sizeof(colon) - 1;
	/* Move the old message behind the new text; at least its NUL remains. */
	room = sizeof(err->msg) - len - sizeof(colon);
	memmove(err->msg + len + sizeof(colon), err->msg, strnlen(err->msg, room - 1) + 1);
	err->msg[sizeof(err->msg) - 1] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, len + 1, fmt, ap);
	va_end(ap);
	memcpy(err->msg + len, colon, sizeof(colon));
	return rc;
}

int cv_hint(struct cv_err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (!err || err->hint[0] != '\0')
		return rc;
	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return rc;
}

bool cv_err_passes(int code)
{
	return code == ENOMEM || code == EMFILE || code == ENFILE || code == EINTR;
}

bool cv_err_missing(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

bool cv_err_unsupported(int code)
{
	return code == ENOSYS || code == EPERM || code == EOPNOTSUPP || code == EINVAL ||
	       code == EXDEV;
}
