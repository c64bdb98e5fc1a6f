/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_PATH_WINDOWS_H
#define CV_BASE_PATH_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/str.h"

/*
 * Private to path.c: what differs on Windows. Text only, so it is compiled and tested on every
 * system.
 */

size_t cv_windows_root(const char *path);
bool cv_windows_is_abs(const char *path);

/* Neither case counts, nor which of the separators it is. */
bool cv_windows_starts(const char *path, struct cv_str prefix);

/* PATH is not absolute: prefix what it is relative to. CTX must have a current directory. */
char *cv_windows_complete(struct cv_arena *a, const struct cv_ctx *ctx, const char *path);

/* Remove the dots and spaces that Windows removes; see cv_path_abs(). PATH starts after the root.
 */
void cv_windows_trim(char *path);

bool cv_windows_list_cut(struct cv_arena *a, struct cv_str *list, char **ret_dir);

#endif
