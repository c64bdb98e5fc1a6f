/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_FIND_H
#define CV_INTERPRETER_FIND_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/info.h"
#include "interpreter/which.h"

/*
 * Which Python? SPEC (what -p was given, or NULL) means
 *
 *	a/path        that file
 *	NAME          the first of that name on PATH
 *	3, 3.12, 3.12.1, 3.13t, each also after "python"
 *	              pythonX.Y on PATH; else the newest such version that pyenv, asdf, mise or uv
 *	              has installed; else python3 or python on PATH if it is that version
 *	NULL          $CVENV_PYTHON, which means the same as above; else the first python3, else the
 *	              first python, on PATH
 *
 * A shim of pyenv, asdf or mise that is met is never run: shim.h says what it stands for.
 * The path of the result is absolute, links are not resolved, and it is an executable file; whether
 * it is a Python only a probe can tell. CVENV_ENOPYTHON when there is none.
 */

/* Where find gets the interpreter info of a candidate when a version is asked for: a cache, for
 * one. */
struct cv_prober {
	int (*probe)(
		void *data, const struct cv_exe *exe, struct cv_info *ret, struct cvenv_error *err);
	void *data;
};

/* PROBER may be NULL: then such candidates are probed by cv_probe(), and nothing is cached. */
int cv_python_find(const struct cv_ctx *ctx, struct cv_arena *arena, const char *spec,
	const struct cv_prober *prober, struct cv_exe *ret, struct cvenv_error *err);

#endif
