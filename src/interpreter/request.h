/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_REQUEST_H
#define CV_INTERPRETER_REQUEST_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/find.h"
#include "interpreter/spec.h"

/*
 * Find an interpreter that fits WANT, a request. Every candidate is asked for its version first:
 * names and directories prove nothing. Those that fail are skipped, since the user asked for a
 * version, not for a file.
 *
 * A version of any implementation or of CPython, such as "3.12" or "cpython3.13t", by its name:
 *
 *	1. pythonX.Y on PATH
 *	2. the newest such version that is installed (managers/installed.h)
 *	3. python3, then python, on PATH
 *
 * Anything else, such as ">=3.11" or "pypy", place by place (candidates.h), after a command on PATH
 * that is called as the request is written ("pypy3.10"). Of the first place with one that fits, the
 * highest version is taken; of equal versions a release build rather than a debug build, then
 * CPython, then 64 bits.
 *
 * A pre-release that was not asked for (spec.h) is taken only if no final release fits.
 *
 * 1 and *ret; 0 if there is none; negative: error. With 0, why->code is not 0 if a command that is
 * called like the request has failed: then *why is the error of the first one. A shim whose chosen
 * version is not installed counts only if that version could fit.
 */
int cv_request_find(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_prober *prober, const struct cv_pyspec *want, char **ret,
	struct cvenv_error *why, struct cvenv_error *err);

#endif
