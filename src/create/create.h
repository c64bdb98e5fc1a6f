/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_CREATE_H
#define CV_CREATE_CREATE_H

#include "create/session.h"
#include "env/environment.h"

/*
 * Creates whole environments. A session may create several. Pointers in a result, and
 * session->plan, are valid until the session's next cv_create() or its close.
 */
enum cv_create_flags {
	CV_CREATE_DRY_RUN = 1 << 0, /* only plan: write nothing, not even to the cache */
};

/* Limit of retries after a corrupt cache entry, or after another process created ENV_DIR. */
enum { CV_ATTEMPTS_MAX = 3 };

/*
 * ENV_DIR may be relative. It is published in one step (publish.h). Afterwards only
 * --upgrade-deps can fail: then the environment exists without the upgrade.
 */
int cv_create(struct cv_session *session, const char *env_dir, unsigned flags,
	struct cvenv_result *ret, struct cvenv_error *err);

/*
 * Fail if cv_create() would refuse ENV_DIR because of its name, location or content. Writes
 * nothing.
 */
int cv_create_check(struct cv_session *session, const char *env_dir, struct cvenv_error *err);

/* Find the base interpreter. Sets what describes it in *ret, and the rest to zero. */
int cv_find_base(struct cv_session *session, struct cvenv_result *ret, struct cvenv_error *err);

/*
 * Fill the cache with everything that environments of the session's Python need, including bytecode
 * unless the request excludes it.
 */
int cv_warm(struct cv_session *session, struct cvenv_result *ret, struct cvenv_error *err);

#endif
