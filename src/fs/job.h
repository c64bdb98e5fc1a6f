/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_JOB_H
#define CV_FS_JOB_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "fs/dir.h"
#include "fs/plan.h"
#include "fs/retry.h"
#include "fs/stage.h"
#include "fs/target.h"
#include "os/os.h"

/* Private to publish.c and clear.c: the state of a publication. */
struct cv_job {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_plan *plan;
	struct cv_target *target;
	const char *made_dirs; /* the topmost parent that was created, or NULL */
	struct cv_os_dir home; /* the directory that contains the stage */
	struct cv_os_dir env;  /* the same directory if it is ENV_DIR; or none */
	/* What to delete at the end: the stage, or what it has replaced. "" if nothing */
	char name[CV_ASIDE_NAME_MAX];
	struct cv_os_stat named; /* its stat, in case another process renames it */
	struct cv_stage stage;
	struct cv_retry retry;
};

/* The stage is complete: replace the content of the existing ENV_DIR by it. */
int cv_job_clear(struct cv_job *job, struct cvenv_error *err);

/*
 * Make the stage accessible, with the mode of a new directory in this place (umask, or the parent's
 * default ACL), or with that of OLD. 1: the system refuses that, and the stage is still private.
 */
int cv_job_open_mode(struct cv_job *job, const struct cv_os_stat *old, struct cvenv_error *err);

/*
 * The stage was renamed to NAME by its name, and a user who may write to the parent could have
 * replaced it: check that.
 */
int cv_job_check(struct cv_job *job, const char *name, struct cvenv_error *err);

/* If RC is an error, say in *err that ENV_DIR was changed in part. Returns the new result. */
int cv_job_in_part(struct cvenv_error *err, int rc);

/* Delete the directory NAME below AT, which WHICH describes. A failure is only a warning. */
void cv_job_delete(
	struct cv_job *job, struct cv_os_dir at, const char *name, const struct cv_os_stat *which);

#endif
