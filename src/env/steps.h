/* SPDX-License-Identifier: MIT */
#ifndef CV_STEPS_H
#define CV_STEPS_H

#include "env/making.h"
#include "env/session.h"

/*
 * An environment made part by part in the directory as it stands, for who wants to do something
 * between the parts.
 *
 *	struct cv_env *env;
 *	rc = cv_env_begin(session, "dir", &env, &err);
 *	rc = cv_env_make(env, CV_PART_DIRECTORIES, &err);
 *	...
 *	cv_env_end(env);
 *
 * The names may be changed in between, in env->making.layout and env->facts, and so may
 * env->request: what they point to must be in env->arena. A session may have several.
 */
struct cv_env {
	struct cv_session *session;
	struct cv_arena arena; /* as long as this */
	struct cv_arena once;  /* for one step */
	struct cv_request request;
	struct cv_facts facts;
	struct cv_making making;
	bool begun;           /* a step has been taken */
	bool was_environment; /* what ENV_DIR was then */
	bool own_prompt;      /* the layout's was chosen, whatever the request says */
	enum cv_link_mode link_mode;
};

int cv_env_begin(
	struct cv_session *session, const char *env_dir, struct cv_env **ret, struct cv_err *err);
void cv_env_end(struct cv_env *env); /* NULL is fine */

/* After a change of env->request: what follows from it. */
int cv_env_reconsider(struct cv_env *env, struct cv_err *err);

/* Make PART true. None but the directories makes ENV_DIR. */
int cv_env_make(struct cv_env *env, enum cv_part part, struct cv_err *err);
int cv_env_upgrade_deps(struct cv_env *env, struct cv_err *err);

/* Packages: those of the seeds' names that stand there. Valid until the next call. */
int cv_env_describe(struct cv_env *env, struct cv_result *ret, struct cv_err *err);

#endif
