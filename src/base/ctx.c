/* SPDX-License-Identifier: MIT */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

const char *cv_getenv(const struct cv_ctx *ctx, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *e = ctx->envp; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

const char *cv_getenv_nonempty(const struct cv_ctx *ctx, const char *name)
{
	const char *value = cv_getenv(ctx, name);

	return value && value[0] ? value : NULL;
}

bool cv_stopped(const struct cv_ctx *ctx)
{
	return ctx->stop && *ctx->stop;
}

void cv_progress(
	const struct cv_ctx *ctx, enum cv_phase phase, const char *name, size_t done, size_t total)
{
	if (ctx->progress)
		ctx->progress(ctx->progress_data, phase, name, done, total);
}

void cv_log(const struct cv_ctx *ctx, enum cv_level level, const char *fmt, ...)
{
	char msg[CV_ERR_MSG_MAX];
	va_list ap;

	if (!ctx->log)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	ctx->log(ctx->log_data, level, msg);
}
