/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_INTERPRETERS_H
#define CV_ENV_INTERPRETERS_H

#include "env/existing.h"
#include "env/layout.h"
#include "fs/plan.h"
#include "interpreter/info.h"

/*
 * The interpreter's names in bin/ (setup_python in Lib/venv/__init__.py). Leftovers that suit this
 * Python become further names, the others are deleted (leftovers.h).
 *
 * POSIX: the first name is an absolute link to the base interpreter, the others are links to the
 * first. With --copies all are copies, 0755 without regard to the umask. If a copy needs a shared
 * libpython beside it, that is copied as well, unlike in CPython.
 *
 * Windows: copies of the base's launchers, which start the base. A copy with the same bytes is
 * kept, so that a program that runs is left alone. With --symlinks all are absolute links.
 */
void cv_interpreters_plan(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cv_existing *existing);

#endif
