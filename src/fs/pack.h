/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PACK_H
#define CV_FS_PACK_H

#include "base/err.h"
#include "fs/file.h"
#include "fs/plan.h"

/*
 * The pack of a cached wheel: one file with what cv_tree_file_shared() does not name, one after the
 * other in the order of the list, each from a multiple of CV_PACK_ALIGN on. Copying from there
 * saves to make, open and close a file for each.
 */
enum {
	CV_PACK_ALIGN = 4096,      /* file systems clone whole blocks only */
	CV_PACK_MTIME = 315532800, /* its own: 1980, where the times of zip files begin */
};

bool cv_pack_has(const struct cv_tree *tree, const struct cv_tree_file *file);

/* Where the next one begins after one that begins at AT. */
uint64_t cv_pack_next(uint64_t at, const struct cv_tree_file *file);

/* Size and time of the whole, for cv_tree_has(). */
struct cv_tree_file cv_pack_file(const struct cv_tree *tree);

/* Open the pack. -CVENV_ECORRUPT if it is missing or corrupt. */
int cv_pack_open(const struct cv_tree *tree, uint64_t owner, struct cv_os_file *ret,
	struct cvenv_error *err);

/* -CVENV_ECORRUPT: PATH could not be opened, for CODE; but a lack that may pass is itself. */
int cv_pack_cannot_open(const char *path, int code, struct cvenv_error *err);

/* The settings for writing a file of a cached wheel. LOST_MTIME as in struct cv_new_file.
 */
struct cv_new_file cv_tree_new_file(const struct cv_tree_file *file, bool *lost_mtime);

#endif
