/* SPDX-License-Identifier: MIT */
#ifndef CV_API_PUBLIC_H
#define CV_API_PUBLIC_H

#include "cache/gc.h"
#include "create/create.h"
#include "cvenv.h"
#include "env/finding.h"
#include "finished/search.h"

/*
 * Implements include/cvenv.h with create.h, steps.h and cache/gc.h. It translates structs and
 * errors, and makes no decisions. cvenv.c has sessions and environments, cvenv_steps.c the steps,
 * cvenv_cache.c the cache, cvenv_pythons.c the list of interpreters, cvenv_shims.c shims,
 * cvenv_list.c lists, cvenv_examine.c findings; cvenv_clone.c and others change environments.
 */
struct cvenv {
	struct cvenv_options options; /* members that the caller does not know are zero */
	struct cv_ctx ctx;
	struct cv_session *session;
	struct cv_arena strings; /* of the last result */
	const char *named;       /* the last ENV_DIR as the caller wrote it; NULL: none */
	bool planned;            /* session->plan is what the last call did, or would do */
	struct cv_gc gc;
	struct cvenv_python *pythons; /* of the last cvenv_pythons() */
	struct cv_arena python_strings;
	size_t python_count;
	struct cvenv_shim *shims; /* of the last cvenv_install_shims() */
	struct cv_arena shim_strings;
	size_t shim_count;
	struct cv_findings findings; /* of the last environment that was examined */
	struct cvenv_distribution *distributions;
	size_t distribution_count;
	struct cv_arena finished;   /* the memory of both */
	struct cv_search_list list; /* of the last cvenv_list() */
	struct cvenv_error ignored; /* for callers that pass no error */
};

/* ERROR, or a place for it: the library reads an error again, for its log. */
static inline struct cvenv_error *cv_public_error(struct cvenv *session, struct cvenv_error *error)
{
	return error ? error : &session->ignored;
}

/* Nothing is known of the last call any more. */
static inline void cv_public_forget(struct cvenv *session)
{
	session->named = NULL;
	session->planned = false;
	session->findings = (struct cv_findings){ .arena = &session->finished };
	session->distributions = NULL;
	session->distribution_count = 0;
	cv_arena_done(&session->finished);
}

/* Each call for a session begins with this; it returns the error to fill. */
struct cvenv_error *cv_public_begin(struct cvenv *session, struct cvenv_error *error);

/* The public return value for RC: 0, or -1 for an error. */
static inline int cv_public_rc(int rc)
{
	return rc < 0 ? -1 : 0;
}

/*
 * Structs that are extended at the end, and may be shorter in the caller.
 *
 * - get copies FROM (SIZE bytes) to *RET (KNOWN bytes) and sets the rest of *RET to zero. EINVAL if
 *   SIZE is 0, E2BIG if FROM is longer and has a member there that is not zero.
 * - put copies FROM (KNOWN bytes) to *RET as far as its ROOM allows.
 * - check returns EINVAL if ROOM is 0. Call it before any other work.
 * - entry puts the element INDEX of ALL, an array of COUNT; false: it has none.
 */
int cv_public_get(void *ret, size_t known, const void *from, size_t size, struct cvenv_error *err);
void cv_public_put(void *ret, size_t room, const void *from, size_t known);
int cv_public_check(size_t room, struct cvenv_error *err);
bool cv_public_entry(
	const void *all, size_t count, size_t index, void *ret, size_t room, size_t known);

/* Replace unset members of *OPTIONS by their defaults, and check the others. */
int cv_public_options(
	struct cvenv_options *options, unsigned *ret_activators, struct cvenv_error *err);

#endif
