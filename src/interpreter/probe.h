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
 * Run an interpreter to get its info: `PATH -I -S -B -c` with the script probe.py and its argument
 * probe_windows.py, without the user's PYTHON* variables. This starts the interpreter once, and the
 * base of each virtual environment on the way once. All answers are checked: see cv_info_check().
 */
enum {
	CV_PROBE_TIMEOUT_MS = 10000,
	CV_PROBE_HOPS_MAX = 8, /* nested virtual environments; more are taken for a loop */
};

/*
 * PATH is absolute and not a shim (find.h). Strings of *ret are in ARENA. Errors: CVENV_EPYTHON
 * with the reason, or the code of cv_spawn(). MEANWHILE (may be NULL) runs while the first
 * interpreter does.
 */
int cv_probe(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path, int timeout_ms,
	const struct cv_meanwhile *meanwhile, struct cv_info *ret, struct cvenv_error *err);

/* Returns the info of the interpreter PATH in place of cv_probe(), for example from a cache. */
struct cv_prober {
	int (*probe)(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err);
	void *data;
};

/* Ask PROBER, or if that is NULL, cv_probe() with CV_PROBE_TIMEOUT_MS; then nothing is cached. */
int cv_probe_by(const struct cv_prober *prober, const struct cv_ctx *ctx, struct cv_arena *arena,
	const char *path, struct cv_info *ret, struct cvenv_error *err);

#endif
