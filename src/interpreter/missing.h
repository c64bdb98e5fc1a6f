/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MISSING_H
#define CV_INTERPRETER_MISSING_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/find.h"
#include "interpreter/spec.h"

/*
 * Set the hint of an error, if it has none: which Pythons were found, and where; and which commands
 * would install the missing one (install.h):
 *
 *	installed versions: 3.12.1 (pyenv), 3.11.2 (/usr/bin); to install it: 'uv python install
 *	3.13'
 *
 * WANT is the request that nothing fits, or NULL if there is no python3 and no python on PATH. A
 * candidate whose name does not say its whole version is probed by PROBER. Returns RC, or -EINTR or
 * -ENOMEM and *err.
 */
int cv_hint_missing(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_prober *prober, const struct cv_pyspec *want, struct cvenv_error *err,
	int rc);

#endif
