/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_INTERPRETERS_H
#define CV_ENV_INTERPRETERS_H

#include "cvenv.h"
#include "env/existing.h"
#include "env/layout.h"
#include "fs/plan.h"
#include "interpreter/info.h"

/*
 * The interpreter's names in bin/ (setup_python in Lib/venv/__init__.py): the first an
 * absolute link to the base as it was called, the rest links to the first; or copies, 0755
 * whatever the umask. A copy that could not start without a shared libpython
 * beside it gets that too (CPython leaves it out). Leftovers that suit this Python
 * are treated in the same way; the others are removed (leftovers.h).
 */
void cv_interpreters_plan(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cvenv_options *request,
	const struct cv_existing *existing);

#endif
