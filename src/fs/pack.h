/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PACK_H
#define CV_FS_PACK_H

#include "base/err.h"
#include "fs/file.h"
#include "fs/plan.h"

/*
 * The pack of a cached wheel: one file that contains all files that are not shared
 * (cv_tree_file_shared()), in the order of the list, each at a multiple of CV_PACK_ALIGN. Copying
 * from the pack saves opening and closing a file of the cache for each copy.
 */
enum {
	CV_PACK_ALIGN = 4096, /* file systems only clone whole blocks */
	/* of the pack itself, seconds: 1980, the earliest time of zip files */
	CV_PACK_MTIME = 315532800,
};

bool cv_pack_has(const struct cv_tree *tree, const struct cv_tree_file *file);

/* The place of the next file, if FILE is at AT. */
uint64_t cv_pack_next(uint64_t at, const struct cv_tree_file *file);

/* Size and time of the pack itself, for cv_tree_has(). */
struct cv_tree_file cv_pack_file(const struct cv_tree *tree);

/* Open the pack. -CVENV_ECORRUPT if it is missing or corrupt. */
int cv_pack_open(const struct cv_tree *tree, uint64_t owner, struct cv_os_file *ret,
	struct cvenv_error *err);

/*
 * The error for a PATH that cannot be opened because of CODE: temporary conditions keep their code
 * (cv_err_passes()), others become -CVENV_ECORRUPT.
 */
int cv_pack_cannot_open(const char *path, int code, struct cvenv_error *err);

/* The settings for writing a file of a cached wheel. LOST_MTIME as in struct cv_new_file.
 */
struct cv_new_file cv_tree_new_file(const struct cv_tree_file *file, bool *lost_mtime);

#endif
