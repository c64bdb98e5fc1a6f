/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_REPAIR_H
#define CV_FINISHED_REPAIR_H

#include "create/session.h"
#include "cvenv.h"
#include "env/finding.h"

/*
 * --repair: repair what --check finds and can be repaired, and keep all packages.
 *
 * - The base interpreter is the environment's own if discovery (interpreter/choose.h) finds that
 *   same file; else another one of the same implementation and X.Y; or that of options.python.
 *   Nothing that the environment names is run.
 * - The interpreters in bin, the keys of pyvenv.cfg that name the base, scripts, activation scripts
 *   and RECORDs are changed as far as they are wrong. All else keeps its bytes.
 * - pip is installed again only if there was one, and a part of it is missing or corrupt.
 * - Everything is published in one step onto the existing directory (fs/publish.h). What needs no
 *   repair is not written.
 *
 * If no Python of that X.Y exists: -CVENV_ENOPYTHON, and ret->requirements lists what is installed.
 * If options.python is another X.Y or implementation, the environment is created again from that
 * list (recreate.h): pip runs. CVENV_EPIP: it failed, and nothing has changed.
 *
 * *ret_findings are those afterwards; with CVENV_DRY_RUN and after an error those before. Strings
 * of *RET, and session->plan, are valid until the session's next call. -CVENV_ENOTENV.
 */
int cv_repair(struct cv_session *session, const char *env_dir, unsigned flags,
	struct cv_findings *ret_findings, struct cvenv_change *ret, struct cvenv_error *err);

#endif
