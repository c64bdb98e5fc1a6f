/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PROGRESS_H
#define CV_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One line at the bottom of a terminal that says how far something is, and is gone when it is done.
 * Nothing is drawn of what takes no time, nor where stderr is no terminal that can erase
 * a line. Zero-initialise.
 */
struct cv_progress {
	enum { CV_PROGRESS_UNKNOWN, CV_PROGRESS_NEVER, CV_PROGRESS_OK } can;
	double since_ms, drawn_ms;
	bool drawn;
};

void cv_progress_show(
	struct cv_progress *p, const char *doing, const char *name, size_t done, size_t total);
void cv_progress_clear(struct cv_progress *p); /* before anything else goes to stderr */

double cv_now_ms(void);

#endif
