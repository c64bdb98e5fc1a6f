/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_H
#define CV_CREATE_H

#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "env/request.h"
#include "fs/plan.h"

/*
 * Environments, one after the other from the same request; what they share (the
 * base, the store, unpacked wheels) is found once.
 *
 *	struct cv_session *session;
 *	rc = cv_session_open(&ctx, &request, &session, &err);
 *	for each ENV_DIR:
 *		rc = cv_create(session, "dir", 0, &result, &err);
 *	cv_session_close(session);
 *
 * CTX and REQUEST must live as long as the session. A session is used by one
 * thread at a time; several may be open.
 */
struct cv_session;

int cv_session_open(const struct cv_ctx *ctx, const struct cv_request *request,
	struct cv_session **ret, struct cv_err *err);
void cv_session_close(struct cv_session *session); /* NULL is fine */

enum { CV_PACKAGES_MAX = 2 };

struct cv_package {
	struct cv_str name, version;
};

/* What came of it; valid until the next cv_create() of the session, or its close. */
struct cv_result {
	const char *path;           /* ENV_DIR, absolute */
	const char *python;         /* the environment's interpreter */
	const char *version;        /* "3.13.0" */
	const char *implementation; /* "cpython" */
	const char *home;           /* of the base, as in pyvenv.cfg */
	const char *bin;            /* absolute */
	const char *site_packages;  /* absolute */
	const char *prompt;
	struct cv_package packages[CV_PACKAGES_MAX];
	size_t package_count;
	enum cv_link_mode link_mode; /* what most files came by */
	const struct cv_plan *plan;
};

enum cv_create_flags {
	CV_CREATE_DRY_RUN = 1 << 0, /* stop at the plan; ENV_DIR is not touched */
};

/*
 * ENV_DIR may be relative. It appears whole or not at all (publish.h); after that only
 * --upgrade-deps can fail, which leaves the environment as it was made and says so.
 */
int cv_create(struct cv_session *session, const char *env_dir, unsigned flags,
	struct cv_result *ret, struct cv_err *err);

/*
 * Compile for the store what the last environment was made from, in one process, if
 * it is not there yet; for a caller that has time. Quiet.
 */
void cv_session_compile_later(struct cv_session *session);

/* True when cv_session_compile_later() would have something to do. */
bool cv_session_wants_bytecode(const struct cv_session *session);

#endif
