/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_SESSION_H
#define CV_CREATE_SESSION_H

#include "base/ctx.h"
#include "base/err.h"
#include "cache/cache.h"
#include "create/redirect.h"
#include "cvenv.h"
#include "env/environment.h"
#include "env/pip_plan.h"
#include "fs/plan.h"
#include "fs/publish.h"
#include "interpreter/info.h"

/*
 * The state that environments of one request share: the cache, the interpreter info, unpacked
 * wheels. cv_session_*() gets each of them when it is first needed; only code in create/ calls
 * these functions.
 *
 *	struct cv_session *session;
 *	rc = cv_session_open(&ctx, &request, activators, &session, &err);
 *	...
 *	cv_session_close(session);
 *
 * CTX and REQUEST must live as long as the session. One thread at a time may use a session. Several
 * sessions may be open.
 */
struct cv_session {
	const struct cv_ctx *ctx;
	const struct cvenv_options *request;
	struct cv_arena arena; /* as long as the session */
	struct cv_arena once;  /* as long as one environment of create.h */
	struct cv_cache cache;
	bool has_cache, opened_reading;
	struct cv_info info;
	const char *python_source; /* what chose the interpreter */
	bool has_info, checked_project;
	struct cv_pip_package pip[CV_PIP_MAX];
	size_t pip_count;
	bool has_pip;
	enum cvenv_compile pip_compile; /* the option with which they were found */
	struct cv_layout layout; /* of the last environment of create.h, like the next four */
	struct cv_plan plan;
	struct cv_outcome outcome;
	struct cv_redirect redirect;
	bool redirected;     /* ENV_DIR was a redirect file */
	unsigned activators; /* from the request */
	bool dated;          /* SOURCE_DATE_EPOCH is set, to `mtime` */
	int64_t mtime;
	unsigned warned; /* bits by enum cv_warning: those that were given */
};

/* Fail if PROMPT is not UTF-8, as pyvenv.cfg is. PROMPT may be NULL. */
int cv_session_check_prompt(const char *prompt, struct cvenv_error *err);

/* What `clear` may delete by the options of REQUEST. */
enum cv_clear cv_session_clear(const struct cvenv_options *request);

int cv_session_open(const struct cv_ctx *ctx, const struct cvenv_options *request,
	unsigned activators, struct cv_session **ret, struct cvenv_error *err);
void cv_session_close(struct cv_session *session); /* may be NULL */

/*
 * A plan in ARENA. If SOURCE_DATE_EPOCH is set, it is dated: the same base interpreter and options
 * give the same bytes and times then, whatever the cache contains.
 */
struct cv_plan cv_session_plan(const struct cv_session *session, struct cv_arena *arena);

void cv_session_cache(struct cv_session *session);

/*
 * Turn on or off that the cache is only read. Turning it off forgets wheels found meanwhile: they
 * can be planned, but not published.
 */
void cv_session_read_only(struct cv_session *session, bool reading);
int cv_session_info(struct cv_session *session, struct cvenv_error *err);
/* Warn once if the project in the current directory requires another Python. */
int cv_session_check_project(struct cv_session *session, struct cvenv_error *err);
/* ENV_DIR is the last choice for the place of a temporary cache, below or beside it; NULL: none. */
int cv_session_pip(struct cv_session *session, const struct cvenv_options *request,
	const char *env_dir, struct cvenv_error *err);

/*
 * Call it after publishing ENV_DIR: deletes a temporary cache beside it. The next environment gets
 * another one.
 */
void cv_session_end_temporary(struct cv_session *session);

/* Python's repr() of a prompt, for pyvenv.cfg; *ret is NULL for none. */
int cv_session_prompt(
	struct cv_session *session, const char *prompt, const char **ret, struct cvenv_error *err);

/*
 * Evict the cached wheels just used: one of them is corrupt. If the first attempt (ATTEMPT 0) did
 * not help, another process changes or cleans the cache at the same time: then the session
 * continues with a temporary cache.
 */
void cv_session_evict(struct cv_session *session, int attempt, const struct cvenv_error *why);

/* Were packages installed without bytecode, although cv_warm() could compile it? */
bool cv_session_wants_bytecode(const struct cv_session *session);

#endif
