/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_USAGE_H
#define CV_FS_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

/*
 * How much disk space files take, and how much their removal would free.
 *
 *	struct cv_usage usage = { .extents = true };
 *	rc = cv_usage_add_tree(&usage, at, "name");	// or cv_usage_add() for each name
 *	cv_usage_end(&usage);
 *	... usage.files, usage.bytes, usage.frees ...
 *	cv_usage_done(&usage);
 *
 * A file with several names that were added is counted once. `frees` excludes a file that has names
 * elsewhere as well. With `extents`, it also excludes the extents that a file shares with any other
 * file, which takes a call for each file, but only on file systems that can share them. Two files
 * that share extents and would both be removed free more: `frees` is a lower bound. Nothing here
 * changes an access time where the system lets us read without.
 */
enum {
	CV_USAGE_INODES_MAX = 1 << 22, /* with several names; others never count in `frees` */
};

struct cv_usage {
	bool extents;
	uint64_t bytes; /* on disk */
	uint64_t frees; /* set by cv_usage_end() */
	size_t files;   /* names of everything but directories */
	bool too_deep;  /* there are directories that cv_remove_tree() would not reach */
	bool locked;    /* there are entries that only another user may remove */
	/* private */
	uint64_t single;               /* the part of `frees` in files with one name */
	uint64_t device;               /* of the last file */
	bool shares;                   /* its file system shares extents */
	struct cv_usage_inode *inodes; /* hash table of files with several names */
	size_t inode_count, inode_room;
};

/* Add the file NAME with this stat (CV_OS_NOFOLLOW). -ENOMEM. */
int cv_usage_add(
	struct cv_usage *usage, struct cv_os_dir at, const char *name, const struct cv_os_stat *st);

/*
 * Add the file NAME, or the directory NAME with its content. It follows no links, and does not
 * leave the file system of NAME. What cannot be read counts as 0. *ret_st is the stat of NAME,
 * zeros if there is none; RET_ST may be NULL. -ENOMEM.
 */
int cv_usage_add_tree(
	struct cv_usage *usage, struct cv_os_dir at, const char *name, struct cv_os_stat *ret_st);

/* Add all that MORE counted, as if both had been counted together. -ENOMEM. */
int cv_usage_merge(struct cv_usage *usage, const struct cv_usage *more);

/* Compute `frees` of what was added so far. */
void cv_usage_end(struct cv_usage *usage);

/* Free its memory. The numbers stay. */
void cv_usage_done(struct cv_usage *usage);

#endif
