/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_MOVED_LINK_H
#define CV_ENV_MOVED_LINK_H

#include "base/arena.h"
#include "env/rewrite.h"

/*
 * A symbolic link of an environment that gets another place. R tells which directories have moved:
 * the environment itself, from FROM to TO, and others. PATH is the name of the link in the
 * environment, TARGET its text.
 *
 * Returns the text of the link in TO:
 *
 * - TARGET if it leads to the same file from there, or into the environment by a relative path;
 * - else the absolute path of the file that it leads to, in a directory that has moved: the new
 * one.
 *
 * Only text: ".." after another link is not what the system makes of it. NULL: no memory.
 */
const char *cv_moved_link(struct cv_arena *a, const struct cv_rewriting *r, const char *from,
	const char *to, const char *path, const char *target);

#endif
