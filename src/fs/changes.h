/* SPDX-License-Identifier: MIT */
#ifndef CV_CHANGES_H
#define CV_CHANGES_H

#include "base/err.h"
#include "fs/plan.h"
#include "fs/publish.h"

/*
 * What publishing a plan would do, found out without writing: for --dry-run.
 *
 * cv_changes() is for a directory that exists and is not to be cleared: it removes from the plan
 * what is there already, by the rules of publishing (a file with the same bytes, a link to the
 * same target, files of a tree that stay). The plan is then fit to be shown, not to be published.
 */
int cv_changes(struct cv_plan *plan, const char *env_dir, struct cv_err *err);

/*
 * What cv_publish() would put into *ret_used, for wheels that are unpacked in PLACE. Both
 * directories may still be missing: the file systems of those above them decide.
 */
enum cv_link_mode cv_foresee_mode(
	const struct cv_plan *plan, const char *env_dir, const char *place, enum cv_link_mode mode);

#endif
