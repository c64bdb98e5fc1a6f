/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_PLACES_H
#define CV_FINISHED_PLACES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"

/* Where programs keep the environments of a user. */
struct cv_place {
	const char *path;    /* absolute */
	const char *manager; /* as in cvenv_environment; NULL: several programs use it */
};

/*
 * The current directory, and the places of virtualenvwrapper, pipenv, poetry, hatch, pipx, pdm, the
 * tools of uv, and direnv, by their variables, else by the rules of platformdirs. Their own
 * configuration files are not read. Most of the places do not exist. -ENOMEM.
 */
int cv_places(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_place **ret, size_t *ret_count);

/*
 * Caches whose environments belong to the cache: those of uv and of pre-commit. Found only if one
 * of them is asked for itself.
 */
int cv_places_excluded(
	const struct cv_ctx *ctx, struct cv_arena *a, const char *const **ret, size_t *ret_count);

#endif
