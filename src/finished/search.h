/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_SEARCH_H
#define CV_FINISHED_SEARCH_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"

/*
 * Implements cvenv_list(): finds environments with fs/walk.h, and reads each with
 * finished/finished.h in the worker that has found it. Writes nothing, and does not change access
 * times where the system lets us read without.
 *
 * An environment was last used at the latest of these times: pyvenv.cfg was read, as each start of
 * its Python does, or pyvenv.cfg or site-packages was changed. The first one is left out if the
 * file system keeps no access times, and in environments of other users: there, reading it would
 * change it.
 */
struct cv_search_list {
	struct cv_arena arena;
	struct cvenv_environment *entries; /* sorted by path */
	size_t count;
	struct cvenv_environment total; /* only files, bytes, frees: of all of them together */
};

/*
 * ROOTS ends with NULL; if it is NULL, search the places of places.h. A root that was named must be
 * a directory. FLAGS: CVENV_QUICK. Call cv_search_done() in any case.
 */
int cv_search(const struct cv_ctx *ctx, const char *const *roots, unsigned flags,
	struct cv_search_list *ret, struct cvenv_error *err);
void cv_search_done(struct cv_search_list *list);

#endif
