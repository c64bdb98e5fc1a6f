/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_TREE_H
#define CV_FS_TREE_H

#include "fs/plan.h"
#include "fs/stage.h"

/*
 * Inside stage.c: writes the files of a cached wheel (CVENV_ENTRY_TREE) into a stage, each by the
 * best way that the link mode allows, and counts in the stage how they came:
 *
 * a link      in mode HARDLINK; in mode AUTO for what cv_tree_file_shared() names: that is faster
 *             than a clone, and the page cache is shared, too
 * a clone     else, where the file system has reflinks and the mode is not COPY; in mode AUTO only
 *             where clones of parts of the pack are cheap
 * a copy      else, also where a link cannot be made (EXDEV, EMLINK, EPERM, ...) or would have
 *             another mode than a new file gets here
 *
 * Every file is looked at before it is used; -CVENV_ECORRUPT when one is not as the cached wheel
 * says.
 */
int cv_stage_tree(struct cv_stage *stage, const struct cv_entry *entry, struct cvenv_error *err);

/*
 * CV_KEEP: 1 if PATH exists in the target, and is kept. A broken link counts as missing.
 * Negative when that cannot be told.
 */
int cv_stage_keeps(const struct cv_stage *stage, const struct cv_entry *entry, const char *path,
	struct cvenv_error *err);

/* Make a directory below AT, or find it made; the first one tells stage->mask. */
int cv_stage_dir(
	struct cv_stage *stage, struct cv_os_dir at, const char *path, struct cvenv_error *err);

#endif
