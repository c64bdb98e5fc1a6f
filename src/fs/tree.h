/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_TREE_H
#define CV_FS_TREE_H

#include "fs/plan.h"
#include "fs/stage.h"

/*
 * Private to stage.c: writes the files of a cached wheel (CVENV_ENTRY_TREE) into a staging
 * directory, and counts the link modes. Each file becomes
 *
 * - a hard link if cv_stage_links(): this is faster than a clone, and shares memory of the page
 * cache;
 * - otherwise a clone, if the file system supports reflinks and the mode is not COPY; in mode AUTO
 *   only if it clones parts of the pack quickly;
 * - otherwise a copy, also if a link cannot be created (EXDEV, EMLINK, EPERM, ...) or has another
 *   mode than a new file. After EMLINK the copy replaces the file of the cache.
 *
 * Each file is checked before its use: -CVENV_ECORRUPT if it differs from the manifest.
 */
int cv_stage_tree(struct cv_stage *stage, const struct cv_entry *entry, struct cvenv_error *err);

/*
 * The same for a copied tree (copied.h), into the staging directory itself, which gets the mode of
 * SRC. -EAGAIN if SRC is not as it was listed.
 */
int cv_stage_copied(struct cv_stage *stage, const struct cv_entry *entry, struct cvenv_error *err);

/*
 * CV_KEEP: 1 if PATH exists in the target and is kept, 0 if not, negative if stat fails. A broken
 * link counts as missing.
 */
int cv_stage_keeps(const struct cv_stage *stage, const struct cv_entry *entry, const char *path,
	struct cvenv_error *err);

/* Make the directory PATH below AT, or accept an existing one. The first call sets dir_mode. */
int cv_stage_dir(
	struct cv_stage *stage, struct cv_os_dir at, const char *path, struct cvenv_error *err);

#endif
