/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_PROBE_H
#define CV_INTERPRETER_PROBE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/info.h"
#include "interpreter/spawn.h"

/*
 * Ask an interpreter what it is, by running it: `PATH -I -S -B -c` with a script of our
 * own (probe.py), without the user's PYTHON* variables. Costs one start of that Python,
 * one more for each virtual environment on the way to the base. Nothing it says is
 * believed unseen: see cv_info_check().
 */
enum {
	CV_PROBE_TIMEOUT_MS = 10000,
	CV_PROBE_HOPS_MAX =
		8, /* virtual environments inside each other, before we call it a loop */
};

/*
 * PATH is absolute and no shim (find.h). Strings of *ret are in ARENA. On failure CVENV_EPYTHON
 * (what is wrong with it), or the errno of the run.
 */
int cv_probe(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path, int timeout_ms,
	struct cv_info *ret, struct cvenv_error *err);

/* The same; MEANWHILE runs while the first interpreter does. NULL is fine. */
int cv_probe_and(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path, int timeout_ms,
	const struct cv_meanwhile *meanwhile, struct cv_info *ret, struct cvenv_error *err);

/*
 * repr() of TEXT (UTF-8) as PYTHON says it, as UTF-8 with what that cannot hold escaped.
 * Only for text that is not ASCII: what is printable depends on its Unicode tables.
 */
int cv_probe_repr(const struct cv_ctx *ctx, struct cv_arena *arena, const char *python,
	struct cv_str text, char **ret, struct cvenv_error *err);

#endif
