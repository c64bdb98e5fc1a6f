/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_BELOW_H
#define CV_FINISHED_BELOW_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "os/os.h"

/*
 * Files below a directory whose content nobody trusts. No component of a path is followed if it is
 * a link, and access times do not change.
 *
 *	struct cv_below below = { .arena = a, .top = dir, .name = "/abs/dir" };
 *	rc = cv_below_text(&below, "lib/x.pth", MAX, &text, err);
 *	cv_below_close(&below);
 *
 * Opening files of one directory one after the other opens that directory once.
 */
struct cv_below {
	struct cv_arena *arena;
	struct cv_os_dir top;
	const char *name; /* of `top`, for messages */
	const char *path; /* the directory that is open; NULL: none */
	struct cv_os_dir dir;
};

/* PATH is relative, and has no empty component, "." or "..". It may be a pipe or a device. */
int cv_below_open(struct cv_below *below, const char *path, struct cv_os_file *ret);

/*
 * 1: read; 0: it is missing, not a regular file, or has more than MAX bytes; negative: a temporary
 * failure. A NUL is added, which is not counted.
 */
int cv_below_text(struct cv_below *below, const char *path, size_t max, struct cv_str *ret,
	struct cvenv_error *err);

void cv_below_close(struct cv_below *below);

#endif
