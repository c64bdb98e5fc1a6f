/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_FIND_H
#define CV_INTERPRETER_FIND_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/probe.h"
#include "interpreter/which.h"

/*
 * Find the base interpreter. SPEC is the argument of -p, or NULL for the default (choose.h says
 * who decides that):
 *
 *	a/path        that file; in a directory, its bin/python3 or bin/python
 *	NAME          the first of that name on PATH
 *	3, 3.12, 3.12.1, 3.13t, 3.12-32, each also after "python"
 *	              pythonX.Y on PATH; else the newest such version that pyenv, asdf, mise or uv
 *	              has installed; else python3 or python on PATH if it is that version
 *	NULL          the first python3, else the first python, on PATH
 *
 * On Windows:
 *
 *	a\path        ".exe" may be left out; in a directory, its python.exe or Scripts\python.exe
 *	NAME          with the extensions of PATHEXT
 *	3.12          the versions that are installed are also those of the registry (PEP 514) and
 *	              of the Python install manager: see managers/installed.h for their order
 *	NULL          the first python, else the first python3, on PATH; else the best version that
 *	              is installed. "python" and "python3" as NAME mean the same if PATH has none
 *
 * The launcher py is never run, and neither is an alias that installs a Python (which.h).
 *
 * If a shim of pyenv, asdf or mise is found, it is not run, but resolved by the rules of shim.h.
 * The path of the result is absolute, links are not resolved, and it is an executable file. Only a
 * probe can tell whether it is a Python. CVENV_ENOPYTHON when none is found.
 */

/* PROBER (may be NULL) probes the candidates when SPEC is a version, as in cv_probe_by(). */
int cv_python_find(const struct cv_ctx *ctx, struct cv_arena *arena, const char *spec,
	const struct cv_prober *prober, char **ret, struct cvenv_error *err);

#endif
