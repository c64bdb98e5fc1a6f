/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_EXISTING_H
#define CV_CREATE_EXISTING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/system.h"
#include "env/existing.h"
#include "os/os.h"

/*
 * Read the content of the open directory ENV into *RET; if ENV is none, nothing exists. Writes
 * nothing, and ignores whatever is malformed.
 */
int cv_existing_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	struct cv_existing *ret, struct cvenv_error *err);

/*
 * Read the file PATH below ENV. 1: read; 0: it is missing, or not a regular file of at most MAX
 * bytes; negative: a temporary failure (cv_err_passes()).
 */
int cv_existing_text(struct cv_arena *a, struct cv_os_dir env, const char *path, size_t max,
	struct cv_str *ret, struct cvenv_error *err);

/*
 * The environment whose bin is PATH (absolute, normalised) or contains it; NULL if there is none.
 * Links are not resolved. The file system is only read for paths with a component "bin", on Windows
 * "Scripts".
 */
#define CV_EXISTING_BIN (CV_WINDOWS ? "Scripts" : "bin")
const char *cv_existing_around(struct cv_arena *a, const char *path);

#endif
