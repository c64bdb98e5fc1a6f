/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_DIR_H
#define CV_FS_DIR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "os/os.h"

/*
 * Directories: made with their parents, staged under a hidden name, removed
 * with all that is in them. Nothing here follows a symbolic link below the
 * directory it was given, and a mount point is never emptied or removed: EBUSY.
 */

enum {
	CV_TEMP_NAME_MAX = 48,
	CV_TEMP_TRIES = 100,
	CV_DEPTH_MAX = 256, /* of nested directories that we remove or merge */
};

/*
 * A name for a temporary, ".cvenv-tmp-PID-XXXXXXXX", X random hex digits: different at each
 * call and in each process; what still meets another is met with O_EXCL. cv_is_temp_name() is
 * true for exactly such names.
 */
void cv_temp_name(char ret_name[CV_TEMP_NAME_MAX]);
bool cv_is_temp_name(const char *name);

/*
 * Make the directory PATH (absolute) and those above it that are missing, 0777
 * less umask. *ret_made is the topmost one that was created, in the arena, NULL if
 * all existed: cv_undo_dirs() removes from PATH up to it again, as far as
 * they are empty.
 */
int cv_make_dirs(
	struct cv_arena *a, const char *path, const char **ret_made, struct cvenv_error *err);
void cv_undo_dirs(struct cv_arena *a, const char *path, const char *made);

/*
 * Make a new hidden directory, 01700 (which tells it from others), below AT and open it. As long as
 * it is open it is locked: that is how others see that somebody is at work in it. The lock goes
 * with the process, however that ends.
 */
int cv_stage_make(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cvenv_error *err);

/* The same; *ret_st is of that directory. */
int cv_stage_make_stat(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cv_os_stat *ret_st, struct cvenv_error *err);

/*
 * Remove what processes that were killed have left in DIR: our own user's directories of such names
 * that nobody has locked; and files of such names whose maker is not alive in our process
 * namespace. (The file that another namespace has not renamed yet is lost with that:
 * cv_replace_file() fails there.) Where others may rename what is in DIR, only directories with the
 * mode of a stage. Best effort.
 */
void cv_stage_sweep(struct cv_os_dir dir);

/*
 * Remove NAME below AT and everything in it. What is already gone is no error.
 * Directories that forbid it to their owner are made writable first.
 */
int cv_remove_tree(struct cv_os_dir at, const char *name, struct cvenv_error *err);

/*
 * Remove the directory NAME, and everything in it, if it is the one that WHICH describes. It is
 * no error if it is missing, but it is one if it is another directory.
 */
int cv_remove_dir(struct cv_os_dir at, const char *name, const struct cv_os_stat *which,
	struct cvenv_error *err);

/* The same for all entries of an open directory, except those in the NULL-terminated KEEP. */
int cv_remove_entries(struct cv_os_dir dir, const char *const *keep, struct cvenv_error *err);

/* True when the directory PATH (absolute), or one above it, is the one that ST describes. */
bool cv_dir_at_or_above(const char *path, const struct cv_os_stat *st);

/*
 * True if PATH (absolute) needs the directory that ST describes: it is that directory, is below it,
 * or one of its components is a link in that directory.
 */
bool cv_path_leads_through(const char *path, const struct cv_os_stat *st);

#endif
