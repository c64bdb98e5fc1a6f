/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_CHANGES_H
#define CV_FS_CHANGES_H

#include "base/err.h"
#include "fs/plan.h"
#include "fs/publish.h"

/*
 * For --dry-run: computes what publishing a plan would change, and writes nothing.
 *
 * cv_changes() is for an existing directory that is not cleared. It removes from the plan the
 * entries that already exist, by the rules of publishing (a file with the same bytes, a link to the
 * same target, files of a tree that are kept). Afterwards the plan can be printed, but not
 * published.
 */
int cv_changes(struct cv_plan *plan, struct cv_os_dir env, struct cvenv_error *err);

/*
 * The *ret_used that cv_publish() would set, if the wheels are unpacked in PLACE. Both directories
 * may be missing: then the nearest existing directory above decides about the file system.
 */
enum cvenv_link_mode cv_foresee_mode(const struct cv_plan *plan, const char *env_dir,
	const char *place, enum cvenv_link_mode mode);

#endif
