/* SPDX-License-Identifier: MIT */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/system.h"

enum { SHORT_MAX = 512 };

bool cv_variable_starts(const char *entry, const char *name, size_t len)
{
	return (CV_WINDOWS ? strncasecmp(entry, name, len) : strncmp(entry, name, len)) == 0;
}

const char *cv_getenv(const struct cv_ctx *ctx, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *e = ctx->envp; e && *e; e++)
		if (cv_variable_starts(*e, name, len) && (*e)[len] == '=')
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

bool cv_stopped_waiting(const struct cv_ctx *ctx, const char *name)
{
	cv_progress(ctx, CVENV_PHASE_WAIT, name, 0, 0);
	return cv_stopped(ctx);
}

void cv_progress(const struct cv_ctx *ctx, enum cvenv_phase phase, const char *name, size_t done,
	size_t total)
{
	if (ctx->progress)
		ctx->progress(ctx->progress_data, phase, name, done, total);
}

void cv_log(const struct cv_ctx *ctx, enum cvenv_level level, const char *fmt, ...)
{
	char few[SHORT_MAX]; /* enough for most messages; saves stack */
	OWN_MEM char *all = NULL;
	va_list ap;
	int n;

	if (!ctx->log)
		return;
	va_start(ap, fmt);
	n = vsnprintf(few, sizeof(few), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(few))
		all = malloc((size_t)n + 1);
	if (all) {
		va_start(ap, fmt);
		(void)vsnprintf(all, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	ctx->log(ctx->log_data, level, all ? all : few);
}
