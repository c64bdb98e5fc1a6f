/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cv_err_text(int code)
{
	static const char *const texts[] = {
		[0] = "wrong usage", /* CVENV_EUSAGE */
		[CVENV_EPYTHON - CVENV_EUSAGE] = "not a usable Python",
		[CVENV_EWHEEL - CVENV_EUSAGE] = "not a valid wheel",
		[CVENV_EUNSAFE - CVENV_EUSAGE] = "unsafe name",
		[CVENV_ELIMIT - CVENV_EUSAGE] = "too large",
		[CVENV_EREFUSED - CVENV_EUSAGE] = "refused",
		[CVENV_ENOPYTHON - CVENV_EUSAGE] = "no such Python",
		[CVENV_ENOWHEEL - CVENV_EUSAGE] = "no such wheel",
		[CVENV_ENOCACHE - CVENV_EUSAGE] = "no cache",
		[CVENV_ECORRUPT - CVENV_EUSAGE] = "corrupt",
		[CVENV_EPIP - CVENV_EUSAGE] = "pip failed",
		[CVENV_ECHANGED - CVENV_EUSAGE] = "changed in part",
		[CVENV_EREDIRECT - CVENV_EUSAGE] = "redirect file not written",
		[CVENV_ENOTENV - CVENV_EUSAGE] = "not an environment",
	};
	size_t index = (size_t)code - CVENV_EUSAGE;

	if (code >= CVENV_EUSAGE && index < sizeof(texts) / sizeof(texts[0]))
		return texts[index];
	return strerror(code);
}

CV_PRINTF(3, 0) static void set(struct cvenv_error *err, int code, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->code = code;
	err->hint[0] = '\0';
	(void)vsnprintf(err->message, sizeof(err->message), fmt, ap);
}

int cv_fail(struct cvenv_error *err, int code, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	set(err, code, fmt, ap);
	va_end(ap);
	if (!err)
		return -code;
	len = strlen(err->message);
	(void)snprintf(err->message + len, sizeof(err->message) - len, ": %s", cv_err_text(code));
	return -code;
}

int cv_fail_msg(struct cvenv_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, code, fmt, ap);
	va_end(ap);
	return -code;
}

int cv_fail_missing(struct cvenv_error *err, int code, const char *path)
{
	return cv_fail_msg(err, code, "'%s' does not exist", path);
}

int cv_fail_nomem(struct cvenv_error *err)
{
	return cv_fail_msg(err, ENOMEM, "out of memory");
}

int cv_wrap(struct cvenv_error *err, int rc, const char *fmt, ...)
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
	len = (size_t)n < sizeof(err->message) - sizeof(colon)
		      ? (size_t)n
		      : sizeof(err->message) - sizeof(colon) - 1;
	/* Move the old message behind the new text; at least its NUL remains. */
	room = sizeof(err->message) - len - sizeof(colon);
	memmove(err->message + len + sizeof(colon), err->message,
		strnlen(err->message, room - 1) + 1);
	err->message[sizeof(err->message) - 1] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(err->message, len + 1, fmt, ap);
	va_end(ap);
	memcpy(err->message + len, colon, sizeof(colon));
	return rc;
}

int cv_hint(struct cvenv_error *err, int rc, const char *fmt, ...)
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
