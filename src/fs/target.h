/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_TARGET_H
#define CV_FS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "os/os.h"

/*
 * ENV_DIR during a whole run: the only struct with its path, parent, name and descriptor. What
 * exists in it is read through that descriptor, under its lock. publish.h shows the order of calls.
 * All zero means none; always call cv_target_close().
 */
enum cv_clear {
	CV_CLEAR_NOTHING,
	CV_CLEAR_ENVIRONMENT, /* ... or its remains, or an empty directory */
	CV_CLEAR_ANYTHING,    /* ... unless ENV_DIR is a link */
	CV_CLEAR_AWAY,        /* the directory itself is to be removed, see fs/remove.h */
};

struct cv_target {
	const char *env_dir;  /* absolute, normalised */
	const char *place;    /* env_dir, or the directory that env_dir is a link to */
	const char *parent;   /* the directory that contains `place` */
	const char *name;     /* the last component of `place`, or its other name on the disk */
	struct cv_os_dir dir; /* `place`, open; none if it does not exist */
	bool anchor;          /* `dir` cannot be read: only stat and exchange are possible */
	bool exists;
	bool clear;    /* it exists, and its content will be deleted */
	bool force;    /* clear any content, see fs/guard.h */
	bool in_place; /* clear it, but not by exchange */
	/*
	 * Set if cv_publish() failed because another process created ENV_DIR, or removed a
	 * directory above it, after cv_target_find(). Nothing was changed: find it and plan again.
	 */
	bool lost;
	/*
	 * The redirect file that named env_dir; NULL: none. The user may not know what it names, so
	 * env_dir must then be missing, empty, an environment or the remains of one, and none of
	 * the directories that are never cleared (fs/guard.h). Set it after cv_target_find().
	 */
	const char *redirect;
	/*
	 * Set by cv_publish() if symbolic links could not be created and files were copied instead:
	 * the errno.
	 */
	int no_links;
	enum cv_clear asked;
	const char *noun; /* what is published, for messages; NULL: "environment" */
	/* Absolute paths that the base interpreter needs; they must not change. Borrowed. */
	const char *const *base;
	size_t base_count;
};

/*
 * Find out what exists at ENV_DIR. If ENV_DIR is a link to a directory, that directory is used and
 * the link is kept. Refuses a file and a broken link. Refuses to clear the root, the home
 * directory, or a directory above the home directory or the current one. Writes nothing, but may
 * put back an environment that a killed --clear left beside ENV_DIR. Strings are in A.
 */
int cv_target_find(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	enum cv_clear clear, struct cv_target *ret, struct cvenv_error *err);

/*
 * Lock an existing ENV_DIR until the target is closed, so that one process at a time changes it. A
 * second process waits for $CVENV_LOCK_TIMEOUT seconds (default CV_LOCK_TIMEOUT_S), then fails with
 * EBUSY. If ENV_DIR was replaced by another directory meanwhile, it locks that one; if by a link,
 * it fails. If the directory cannot be locked or read, it continues without a lock. Does nothing if
 * ENV_DIR does not exist.
 */
enum { CV_LOCK_TIMEOUT_S = 60 };
int cv_target_lock(const struct cv_ctx *ctx, struct cv_target *target, struct cvenv_error *err);

/* Close `dir`, which unlocks it. Other members do not change. */
void cv_target_close(struct cv_target *target);

/* How long cv_target_lock() waits. CVENV_EUSAGE if the variable is not a number. */
int cv_lock_timeout(const struct cv_ctx *ctx, int64_t *ret_ms, struct cvenv_error *err);

/* Is the file PATH in ENV_DIR, or reached through it? */
bool cv_target_is_below(const struct cv_target *target, const char *path);

/* Is it the active environment of the calling shell: does $VIRTUAL_ENV lead to it? */
bool cv_target_is_active(const struct cv_ctx *ctx, const struct cv_target *target);

/*
 * May an environment be created in ENV_DIR, or ENV_DIR be cleared for one (fs/guard.h)? Call it
 * while the target is locked; cv_publish() checks again. Writes nothing.
 */
int cv_target_check(
	const struct cv_ctx *ctx, const struct cv_target *target, struct cvenv_error *err);

#endif
