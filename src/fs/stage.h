/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_STAGE_H
#define CV_FS_STAGE_H

#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "fs/publish.h"
#include "os/os.h"

/*
 * Inside publish: writes the entries of a plan into an empty directory that nobody else
 * may enter (0700), so whole relative paths are safe to use.
 */
struct cv_stage {
	const struct cv_ctx *ctx;
	struct cv_os_dir dir;
	struct cv_os_dir target; /* the existing environment, for CV_KEEP; or none */
	enum cvenv_link_mode mode;
	bool reflink;      /* try it; false once these file systems were seen not to have it */
	unsigned dir_mode; /* of new directories here, set-group-ID included, seen on the first one
			    */
	bool checked_mtime, lost_mtime; /* of files of trees: the file system does not keep their
					   times */
	size_t linked, cloned, copied;  /* files of trees, by link mode */
};

int cv_stage_write(struct cv_stage *stage, const struct cv_plan *plan, struct cvenv_error *err);

/* The link mode of most files, by these counts; AUTO if links and copies were mixed. */
enum cvenv_link_mode cv_stage_used(const struct cv_stage *stage);

/*
 * Move everything staged into the directory TO, file by file, replacing existing files;
 * then carry out the plan's removals; then move pyvenv.cfg. The stage is left empty of files.
 * cv_stage_check() says beforehand what would be in the way.
 */
int cv_stage_check(struct cv_os_dir stage, struct cv_os_dir to, struct cvenv_error *err);
int cv_stage_merge(struct cv_os_dir stage, struct cv_os_dir to, const struct cv_plan *plan,
	struct cvenv_error *err);

#endif
