/* SPDX-License-Identifier: MIT */
#ifndef CV_API_PUBLIC_H
#define CV_API_PUBLIC_H

#include "cache/gc.h"
#include "create/create.h"
#include "cvenv.h"

/*
 * The public face, include/cvenv.h, over create.h, steps.h and cache/gc.h: translates
 * structures and errors, decides nothing. cvenv.c has sessions and environments, cvenv_steps.c the
 * steps, cvenv_cache.c the cache.
 */
struct cvenv {
	struct cvenv_options options; /* as far as the caller knows it, zero beyond */
	struct cv_ctx ctx;
	struct cv_session *session;
	struct cv_arena strings; /* of the last result */
	const char *named;       /* ENV_DIR of the last one, as it was named; NULL: none */
	const char *bin;         /* its bin, relative */
	struct cv_gc gc;
};

/* What a function of cvenv.h returns for RC. */
static inline int cv_public_rc(int rc)
{
	return rc < 0 ? -1 : 0;
}

/*
 * Structures that grow. Get: *ret is zero beyond what the caller has; EINVAL if the caller has set
 * no size, E2BIG if it contains something that this library does not know. Put: copies FROM, as far
 * as the caller has room. check: EINVAL if the caller has set no size, before anything is done.
 */
int cv_public_get(void *ret, size_t known, const void *from, size_t size, struct cvenv_error *err);
void cv_public_put(void *ret, size_t room, void *from, size_t known);
int cv_public_check(size_t room, struct cvenv_error *err);

/* Replace in *OPTIONS what is not set by its default, and check the rest. */
int cv_public_options(
	struct cvenv_options *options, unsigned *ret_activators, struct cvenv_error *err);

#endif
