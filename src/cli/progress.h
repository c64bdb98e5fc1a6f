/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PROGRESS_H
#define CV_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A progress line at the bottom of the terminal, which is erased at the end. It only appears if the
 * work takes time, and if stderr is a terminal that can erase lines. Zero-initialise. With a TOTAL
 * of 0, which is unknown, it only shows DOING and NAME.
 */
struct cv_progress {
	enum { CV_PROGRESS_UNKNOWN, CV_PROGRESS_NEVER, CV_PROGRESS_OK } can;
	double since_ms, drawn_ms;
	bool drawn;
};

void cv_progress_show(
	struct cv_progress *p, const char *doing, const char *name, size_t done, size_t total);
void cv_progress_clear(struct cv_progress *p); /* call before writing to stderr */

double cv_now_ms(void);

#endif
