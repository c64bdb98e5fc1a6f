/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_SESSION_H
#define CV_CREATE_SESSION_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "cvenv.h"
#include "env/environment.h"
#include "env/pip_plan.h"
#include "fs/plan.h"
#include "fs/publish.h"
#include "interpreter/info.h"

/*
 * What environments made from one request share: the cache, what the base is, unpacked wheels. Each
 * is got when it is first needed, by cv_session_*(); which are for create.c, steps.c and warm.c
 * only.
 *
 *	struct cv_session *session;
 *	rc = cv_session_open(&ctx, &request, &session, &err);
 *	...
 *	cv_session_close(session);
 *
 * CTX and REQUEST must live as long as the session. A session is used by one thread at a
 * time; several may be open.
 */
struct cv_session {
	const struct cv_ctx *ctx;
	const struct cvenv_options *request;
	struct cv_arena arena; /* for the session */
	struct cv_arena once;  /* for one environment of create.h */
	struct cv_cache cache;
	bool has_cache, opened_reading;
	struct cv_info info;
	bool has_info;
	struct cv_pip_package pip[CV_PIP_MAX];
	size_t pip_count;
	bool has_pip;
	enum cvenv_compile pip_compile; /* as was asked when they were found */
	struct cv_plan plan;
	struct cv_outcome outcome; /* of the last environment of create.h */
	unsigned activators;       /* as the request names them */
};

/* It goes into pyvenv.cfg, which is UTF-8. NULL is fine. */
int cv_session_check_prompt(const char *prompt, struct cvenv_error *err);

/* What the request lets `clear` delete. */
enum cv_clear cv_session_clear(const struct cvenv_options *request);

int cv_session_open(const struct cv_ctx *ctx, const struct cvenv_options *request,
	unsigned activators, struct cv_session **ret, struct cvenv_error *err);
void cv_session_close(struct cv_session *session); /* NULL is fine */

void cv_session_cache(struct cv_session *session);

/*
 * From now on the cache is only read, or again written to. What was found while reading is for
 * plans, not for publishing, and is forgotten at the end.
 */
void cv_session_read_only(struct cv_session *session, bool reading);
int cv_session_info(struct cv_session *session, struct cvenv_error *err);
/* ENV_DIR: the last choice for a temporary cache, below or beside it; NULL: not available. */
int cv_session_pip(struct cv_session *session, const struct cvenv_options *request,
	const char *env_dir, struct cvenv_error *err);

/* After ENV_DIR is published: remove a temporary cache beside it. The next one gets its own. */
void cv_session_end_temporary(struct cv_session *session);

/* Python's repr() of a prompt, for pyvenv.cfg; *ret is NULL for none. */
int cv_session_prompt(
	struct cv_session *session, const char *prompt, const char **ret, struct cvenv_error *err);

/*
 * Evict the cached wheels just used: one of them is corrupt. If that has not helped the first time
 * (ATTEMPT counts from 0), another process changes or cleans the cache at the same time; then the
 * session continues with a temporary cache.
 */
void cv_session_evict(struct cv_session *session, int attempt, const struct cvenv_error *why);

/* True when the packages have no bytecode, though there could be some. */
bool cv_session_wants_bytecode(const struct cv_session *session);

#endif
