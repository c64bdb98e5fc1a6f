/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_REQUIREMENTS_H
#define CV_FINISHED_REQUIREMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "finished/finished.h"

/*
 * What is installed, as lines of a requirements file: what `pip freeze --all` prints, but without
 * running Python or git.
 *
 * - "NAME==VERSION", with the name of METADATA; "NAME===VERSION" if that is no version
 * - "NAME @ URL" of what was installed from a URL (PEP 610)
 * - "-e DIR" of an editable project, which must be in the file system
 *
 * Sorted by name. Anyone may have written these files: what is malformed, or has line breaks, is
 * left out and logged. All is in the arena. Errors are temporary failures, such as -ENOMEM.
 */
struct cv_requirement {
	const char *key;  /* the name, normalised as in PEP 503 */
	const char *line; /* of the file */
	const char *dir;  /* of an editable project, absolute; else NULL */
};

struct cv_requirements {
	struct cv_requirement *all;
	size_t count;
};

int cv_requirements_read(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_finished *env, struct cv_requirements *ret, struct cvenv_error *err);

/* The lines, NULL-terminated. NULL: no memory. */
const char *const *cv_requirements_lines(
	struct cv_arena *a, const struct cv_requirements *requirements);

#endif
