/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_EXISTING_H
#define CV_CREATE_EXISTING_H

#include "base/arena.h"
#include "base/err.h"
#include "env/existing.h"
#include "os/os.h"

/*
 * Reads what exists in the open directory ENV (none: nothing exists) into *RET. It writes nothing,
 * and uses only what is well-formed.
 */
int cv_existing_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	struct cv_existing *ret, struct cvenv_error *err);

/*
 * The text of the file PATH below ENV. 1: read; 0: it is missing, or cannot be such a file (a
 * link, a pipe, longer than MAX); negative: a failure that may pass.
 */
int cv_existing_text(struct cv_arena *a, struct cv_os_dir env, const char *path, size_t max,
	struct cv_str *ret, struct cvenv_error *err);

/*
 * The environment in whose own bin PATH (absolute, normalised) lies, or which bin it is; NULL when
 * there is none. Looks at names: links are not resolved, and disks are asked only about names with
 * a "bin" in them.
 */
const char *cv_existing_around(struct cv_arena *a, const char *path);

#endif
