/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_STEPS_H
#define CV_CREATE_STEPS_H

#include "create/session.h"
#include "env/environment.h"

/*
 * Creates an environment part by part, in place, so that the caller can do something between the
 * parts.
 *
 *	struct cv_steps *env;
 *	rc = cv_steps_begin(session, "dir", &env, &err);
 *	rc = cv_steps_make(env, CV_PART_DIRECTORIES, &err);
 *	...
 *	cv_steps_end(env);
 *
 * The names may be changed in between, in env->environment.layout and env->interpreter info, and so
 * may env->request: what they point to must be in env->arena. A session may have several.
 */
struct cv_steps {
	struct cv_session *session;
	struct cv_arena arena; /* as long as this */
	struct cv_arena once;  /* for one step */
	struct cvenv_options request;
	struct cv_info info;
	struct cv_environment environment;
	bool begun;           /* a step has been taken */
	bool was_environment; /* what ENV_DIR was then */
	bool own_prompt;      /* the layout's was chosen, whatever the request says */
	enum cvenv_link_mode link_mode;
	struct cv_outcome outcome; /* of the last cv_steps_describe() */
};

int cv_steps_begin(struct cv_session *session, const char *env_dir, struct cv_steps **ret,
	struct cvenv_error *err);
void cv_steps_end(struct cv_steps *env); /* NULL is fine */

/* After a change of env->request: what follows from it. */
int cv_steps_reconsider(struct cv_steps *env, struct cvenv_error *err);

/* Make PART true. None but the directories makes ENV_DIR. */
int cv_steps_make(struct cv_steps *env, enum cv_part part, struct cvenv_error *err);
int cv_steps_upgrade_deps(struct cv_steps *env, struct cvenv_error *err);

/* Packages: those that exist in ENV_DIR. Valid until the next call. */
int cv_steps_describe(struct cv_steps *env, struct cvenv_result *ret, struct cvenv_error *err);

#endif
