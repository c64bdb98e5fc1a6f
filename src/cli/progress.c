/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>

#include "cli/print.h"
#include "os/command.h"
#include "os/process.h"

static const double patience_ms = 100, pause_ms = 50;

double cv_now_ms(void)
{
	return (double)cv_os_monotonic_ns() / 1e6;
}

void cv_progress_clear(struct cv_progress *p)
{
	if (p->drawn) {
		fputs("\r\033[K", stderr);
		(void)fflush(stderr);
	}
	p->drawn = false;
}

void cv_progress_show(
	struct cv_progress *p, const char *doing, const char *name, size_t done, size_t total)
{
	double now;

	if (p->can == CV_PROGRESS_UNKNOWN)
		p->can = cv_os_has_escapes(CV_OS_STDERR) ? CV_PROGRESS_OK : CV_PROGRESS_NEVER;
	if (p->can == CV_PROGRESS_NEVER)
		return;
	now = cv_now_ms();
	if (done == 0)
		p->since_ms = now;
	if (total && done >= total) {
		cv_progress_clear(p);
		return;
	}
	if (now - p->since_ms < patience_ms || now - p->drawn_ms < pause_ms)
		return;
	fprintf(stderr, "\r%s ", doing);
	cv_print_safe(stderr, name);
	if (total)
		fprintf(stderr, ": %zu of %zu", done, total);
	fputs("\033[K", stderr);
	(void)fflush(stderr);
	p->drawn = true;
	p->drawn_ms = now;
}
