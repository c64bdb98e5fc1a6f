/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_STEPS_H
#define CV_CREATE_STEPS_H

#include "create/session.h"
#include "env/environment.h"

/*
 * Creates an environment part by part, in place, so that the caller can do other work between the
 * parts.
 *
 *	struct cv_steps *env;
 *	rc = cv_steps_begin(session, "dir", &env, &err);
 *	rc = cv_steps_make(env, CV_PART_DIRECTORIES, &err);
 *	...
 *	cv_steps_end(env);
 *
 * Between parts the caller may change names in env->environment.layout and env->info, and
 * env->request; strings must be in env->arena. A session may have several.
 */
struct cv_steps {
	struct cv_session *session;
	struct cv_arena arena; /* as long as this struct */
	struct cv_arena once;  /* as long as one step */
	struct cvenv_options request;
	struct cv_info info;
	struct cv_environment environment;
	bool begun;           /* a step was carried out */
	bool was_environment; /* the state of ENV_DIR before that */
	bool redirected;      /* ENV_DIR was a redirect file */
	bool own_prompt;      /* the layout's prompt was set, so the request's does not count */
	enum cvenv_link_mode link_mode;
	struct cv_outcome outcome; /* of the last cv_steps_describe() */
};

int cv_steps_begin(struct cv_session *session, const char *env_dir, struct cv_steps **ret,
	struct cvenv_error *err);
void cv_steps_end(struct cv_steps *env); /* may be NULL */

/* Call it after a change of env->request. */
int cv_steps_reconsider(struct cv_steps *env, struct cvenv_error *err);

/* Create PART. Only CV_PART_DIRECTORIES creates ENV_DIR. */
int cv_steps_make(struct cv_steps *env, enum cv_part part, struct cvenv_error *err);
int cv_steps_upgrade_deps(struct cv_steps *env, struct cvenv_error *err);

/* The packages are those that exist in ENV_DIR. *RET is valid until the next call. */
int cv_steps_describe(struct cv_steps *env, struct cvenv_result *ret, struct cvenv_error *err);

#endif
