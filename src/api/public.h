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
	struct cv_request request;
	struct cv_session *session;
	struct cv_arena strings; /* of the last result */
	struct cvenv_package packages[CV_PIP_MAX];
	const char *named; /* ENV_DIR of the last one, as it was named; NULL: none */
	const char *bin;   /* its bin, relative */
	unsigned activators;
	bool relocatable;
	struct cv_gc gc;
};

/* -1, for `return`; RET may be NULL. */
int cv_public_error(const struct cv_err *err, struct cvenv_error *ret);

/*
 * Structures that grow. Get: *ret is zero beyond what the caller has; EINVAL when it has set no
 * size, E2BIG when there is something in it that we do not know. Put: what the caller has room for.
 */
int cv_public_get(void *ret, size_t known, const void *from, size_t size, struct cv_err *err);
void cv_public_put(void *ret, size_t room, void *from, size_t known);

/* What options say of one environment; their texts are borrowed. */
int cv_public_request(
	const struct cvenv_options *options, struct cv_request *ret, struct cv_err *err);

/* RESULT's texts that are no C strings are copied to A. */
int cv_public_result(struct cv_arena *a, const struct cv_result *result,
	struct cvenv_package packages[CV_PIP_MAX], struct cvenv_result *ret, struct cv_err *err);

#endif
