/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_STAGE_H
#define CV_FS_STAGE_H

#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "fs/publish.h"
#include "fs/retry.h"
#include "os/os.h"

/*
 * Private to publish: writes the entries of a plan into an empty directory. No other user may enter
 * it (0700), so paths with several components are safe in it.
 */
struct cv_stage {
	const struct cv_ctx *ctx;
	struct cv_os_dir dir;
	struct cv_os_dir target; /* the existing environment, for CV_KEEP; may be none */
	enum cvenv_link_mode mode;
	/* try reflinks; set to false when these file systems do not support them */
	bool reflink;
	/* of new directories here, including set-group-ID; from the stat of the first one */
	unsigned dir_mode;
	bool checked_mtime, lost_mtime; /* of tree files: the file system does not keep times */
	bool dated;                     /* as in the plan, like `mtime` */
	int64_t mtime;
	int no_links; /* the errno of a symbolic link that was replaced by a copy */
	size_t linked, cloned, copied; /* counts of tree files by link mode */
};

int cv_stage_write(struct cv_stage *stage, const struct cv_plan *plan, struct cvenv_error *err);

/*
 * Is this file of the cache to be a hard link? In mode AUTO those that nobody edits in place are,
 * but not if root creates the environment: after "chown -R app env" the file would belong to that
 * user in every environment, and in root's cache.
 */
bool cv_stage_links(enum cvenv_link_mode mode, const struct cv_tree_file *file);

/*
 * If the plan is dated: give all entries of the finished stage their time. That a file system keeps
 * no times is a warning.
 */
int cv_stage_date(const struct cv_stage *stage, struct cvenv_error *err);

/* The link mode of most files, by these counts; AUTO if links and copies were mixed. */
enum cvenv_link_mode cv_stage_used(const struct cv_stage *stage);

/*
 * Move all files of the staging directory into the directory TO, replacing existing files. Then
 * carry out the plan's removals, then move pyvenv.cfg. Call cv_stage_check() first: it fails if an
 * entry of TO prevents that. Programs that run are renamed, see merge.c. Of a dated plan, the
 * directories that get new entries get its time.
 */
int cv_stage_check(struct cv_os_dir stage, struct cv_os_dir to, struct cvenv_error *err);
int cv_stage_merge(struct cv_os_dir stage, struct cv_os_dir to, const struct cv_plan *plan,
	struct cv_retry *retry, struct cvenv_error *err);

#endif
