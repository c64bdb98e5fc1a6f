/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_CREATE_H
#define CV_CREATE_CREATE_H

#include "create/session.h"
#include "env/environment.h"

/*
 * Whole environments, one after the other in one session. What a result points to is valid until
 * the session's next cv_create(), or its close; so is the plan, session->plan.
 */
enum cv_create_flags {
	CV_CREATE_DRY_RUN = 1 << 0, /* stop at the plan; nothing is written, to the cache neither */
};

/* How often to retry after a corrupt cache entry, or after another process made ENV_DIR. */
enum { CV_ATTEMPTS_MAX = 3 };

/*
 * ENV_DIR may be relative. It is published completely or not at all (publish.h). Afterwards only
 * --upgrade-deps can fail: then the environment exists without the upgrade.
 */
int cv_create(struct cv_session *session, const char *env_dir, unsigned flags,
	struct cvenv_result *ret, struct cvenv_error *err);

/* Would cv_create() refuse ENV_DIR because of its name, location or content? Writes nothing. */
int cv_create_check(struct cv_session *session, const char *env_dir, struct cvenv_error *err);

/*
 * Put into the cache what environments of the session's Python are made from, bytecode too unless
 * the request says never.
 */
int cv_warm(struct cv_session *session, struct cvenv_result *ret, struct cvenv_error *err);

#endif
