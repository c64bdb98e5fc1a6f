/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_DIR_H
#define CV_FS_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/system.h"
#include "os/os.h"

/*
 * Directories: creating them with their parents, staging directories, deleting directories with
 * their content. Functions here follow no symbolic link below the directory that they are given.
 * They never empty or delete a mount point: EBUSY.
 */

enum {
	CV_TEMP_NAME_MAX = 48,
	CV_TEMP_TRIES = 100,
	CV_DEPTH_MAX = 256, /* of nested directories that are deleted or merged */
	CV_ASIDE_NAME_MAX = 256,
	/*
	 * The mode of a staging directory. A user who may rename entries of its parent, but not
	 * write into it, can give its name to another directory of this user, but cannot give that
	 * directory this mode.
	 */
	CV_STAGE_MODE = CV_WINDOWS ? CV_OS_HIDDEN | 0700 : CV_OS_STICKY | 0700,
};

/*
 * A new name for a temporary file or directory, ".cvenv-tmp-PID-XXXXXXXX" with 8 random hex digits.
 * It differs for each call and each process; use O_EXCL in case it exists anyway.
 * cv_is_temp_name() is true for exactly these names. cv_temp_maker() is the PID in such a name; 0
 * for others.
 */
void cv_temp_name(char ret_name[CV_TEMP_NAME_MAX]);
bool cv_is_temp_name(const char *name);
int64_t cv_temp_maker(const char *name);

/*
 * A new name beside the directory TARGET, to which it is renamed for a moment while another one
 * takes its place: ".cvenv-old-XXXXXXXX-TARGET". False if that is too long. cv_aside_target() is
 * TARGET in such a name; NULL for others.
 */
bool cv_aside_name(const char *target, char ret_name[CV_ASIDE_NAME_MAX]);
const char *cv_aside_target(const char *name);

/*
 * Open the directory PATH below TOP, one component after the other: -ELOOP or -ENOTDIR if one of
 * them is a link. PATH is "" (TOP itself) or relative, without empty components, "." and ".."; it
 * may end with '/'. HOW is CV_OS_ANCHOR, or 0.
 */
int cv_open_below(struct cv_os_dir top, struct cv_str path, unsigned how, struct cv_os_dir *ret);

/*
 * Create the directory PATH (absolute) and its missing parents with mode 0777 less umask. *ret_made
 * is the topmost one that was created, in the arena; NULL if all existed. cv_undo_dirs() deletes
 * PATH and its parents up to *ret_made again, as far as they are empty.
 */
int cv_make_dirs(
	struct cv_arena *a, const char *path, const char **ret_made, struct cvenv_error *err);
void cv_undo_dirs(struct cv_arena *a, const char *path, const char *made);

/*
 * Create a staging directory with mode CV_STAGE_MODE below AT, open and lock it. The lock tells
 * other processes that it is in use; it ends when the directory is closed or the process ends.
 */
int cv_stage_make(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cvenv_error *err);

/* The same. *ret_st is the stat of the staging directory. */
int cv_stage_make_stat(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cv_os_stat *ret_st, struct cvenv_error *err);

/*
 * Delete NAME below AT with its content. It is no error if it is missing. Directories without
 * permission for their owner are made writable first.
 */
int cv_remove_tree(struct cv_os_dir at, const char *name, struct cvenv_error *err);

/*
 * Delete the directory NAME with its content if WHICH is its stat. It is no error if it is missing;
 * CVENV_EREFUSED if it is another directory.
 */
int cv_remove_dir(struct cv_os_dir at, const char *name, const struct cv_os_stat *which,
	struct cvenv_error *err);

/* Is NAME one of NAMES, which end with NULL? No NAMES: false. */
bool cv_is_among(const char *name, const char *const *names);

/* Delete all entries of an open directory, except those in the NULL-terminated KEEP. */
int cv_remove_entries(struct cv_os_dir dir, const char *const *keep, struct cvenv_error *err);

/* Does ST describe the directory PATH (absolute), or one above it? */
bool cv_dir_at_or_above(const char *path, const struct cv_os_stat *st);

/*
 * Does PATH (absolute) depend on the directory that ST describes? It does if it is that directory
 * or below it, or if one of its components is a link in that directory.
 */
bool cv_path_leads_through(const char *path, const struct cv_os_stat *st);

#endif
