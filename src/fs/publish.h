/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PUBLISH_H
#define CV_FS_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "os/os.h"

/*
 * The one place that writes environments.
 *
 *	struct cv_target target = { 0 };
 *	rc = cv_target_find(ctx, &arena, "/abs/.venv", clear, &target, &err);
 *	rc = cv_target_lock(ctx, &target, &err);
 *	... find the base interpreter ...
 *	target.base = files;	// of the base; must not be in ENV_DIR
 *	rc = cv_target_check(ctx, &target, &err);
 *	... read what exists, compute the plan ...
 *	rc = cv_publish(ctx, &arena, &plan, &target, CVENV_LINK_AUTO, &used, &err);
 *	cv_target_unlock(&target);
 *
 * Everything is first written into a stage, a hidden directory that is 0700
 * and on the same file system; an error or a signal until then removes the
 * stage and nothing else has changed. Then, depending on what exists at ENV_DIR:
 *
 * nothing   the stage is a sibling and takes the name, by one rename that
 *           replaces nothing. Missing parents are made, and unmade on failure.
 *           If another process creates ENV_DIR first, `lost` is set.
 * a directory, to be cleared
 *           the stage is a sibling and is exchanged with it in one step; the
 *           old one is then removed. Where that cannot be (a mount point, a
 *           read-only parent, the current directory inside it, another owner)
 *           the stage is inside it, the old entries are removed and the new
 *           ones moved in, pyvenv.cfg last.
 * a directory
 *           the stage is inside it and each file of it takes its place by a
 *           rename; then entries to be removed go; pyvenv.cfg comes last. What
 *           the plan does not name is kept. That everything can take its place
 *           (no directory where a file must go, no symbolic link where a
 *           directory must be) is checked before the first rename.
 */
struct cv_target {
	const char *env_dir; /* absolute, normalised */
	const char *place;   /* env_dir, or the directory that env_dir is a link to */
	bool exists;
	bool clear;            /* exists, and its content is to go */
	bool force;            /* clear any content: see fs/guard.h */
	bool in_place;         /* to be cleared, but not by exchange */
	struct cv_os_dir held; /* the directory, open and locked; or none */
	/*
	 * Set if cv_publish() failed because another process created ENV_DIR, or removed a
	 * directory above it, after cv_target_find(). Nothing was changed: look and plan again.
	 */
	bool lost;
	/* Absolute paths that the base interpreter needs; they must not change. Borrowed. */
	const char *const *base;
	size_t base_count;
};

enum cv_clear {
	CV_CLEAR_NOTHING,
	CV_CLEAR_ENVIRONMENT, /* or its remains, or an empty directory */
	CV_CLEAR_ANYTHING,    /* but not if ENV_DIR is a link */
};

/*
 * What exists at ENV_DIR. If it is a link to a directory, that directory is used and the link is
 * kept. Refuses a file and a broken link. Refuses to clear the root, the home directory, or a
 * directory above the home directory or the current one. Writes nothing.
 */
int cv_target_find(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	enum cv_clear clear, struct cv_target *ret, struct cvenv_error *err);

/* Is the file PATH in ENV_DIR, or reached through it? */
bool cv_target_is_below(const struct cv_target *target, const char *path);

/*
 * May an environment be created in ENV_DIR, or ENV_DIR be cleared for one (fs/guard.h)? Call it
 * while the target is locked; cv_publish() checks again. Writes nothing.
 */
int cv_target_check(
	const struct cv_ctx *ctx, const struct cv_target *target, struct cvenv_error *err);

/*
 * One process at a time works in an existing directory, from reading it to the last rename. Each
 * process locks it (flock), and waits for the other one at most $CVENV_LOCK_TIMEOUT seconds
 * (CV_LOCK_TIMEOUT_S), then fails with EBUSY. If the directory is replaced meanwhile, the new one
 * is locked. If the file system has no locks, or the directory cannot be read, there is no lock.
 * Does nothing if the directory does not exist.
 */
enum { CV_LOCK_TIMEOUT_S = 60 };
int cv_target_lock(const struct cv_ctx *ctx, struct cv_target *target, struct cvenv_error *err);
void cv_target_unlock(struct cv_target *target);

/* How long cv_target_lock() waits. CVENV_EUSAGE if the variable is not a number. */
int cv_lock_timeout(const struct cv_ctx *ctx, int64_t *ret_ms, struct cvenv_error *err);

/* Is NAME that of an entry which environments have directly in ENV_DIR? */
bool cv_is_part(const char *name);

/*
 * *ret_used is what served most files: REFLINK, HARDLINK or COPY; AUTO when it was a mix.
 * -CVENV_ECORRUPT: a cached wheel of the plan differs from its list. Then nothing has changed, and
 * the cache can create it again.
 */
int cv_publish(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_plan *plan,
	struct cv_target *target, enum cvenv_link_mode mode, enum cvenv_link_mode *ret_used,
	struct cvenv_error *err);

#endif
