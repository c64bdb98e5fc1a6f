/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_USERS_H
#define CV_FS_USERS_H

#include "base/arena.h"

/*
 * Private to clear.c: the programs that use files of the directory PATH (absolute), as text for a
 * message; NULL if there are none, or if the system cannot tell. Slow.
 */
const char *cv_users_below(struct cv_arena *a, const char *path);

#endif
