/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_COPIED_H
#define CV_FS_COPIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "fs/plan.h"
#include "os/os.h"

/*
 * A copied tree: the content of an open directory SRC, as one entry of a plan.
 *
 *	struct cv_copied copied;
 *	rc = cv_copied_list(ctx, &arena, src, "/abs/src", &copied, err);
 *	... read files of SRC, compute the other entries of the plan ...
 *	cv_copied_omit(&copied, &plan);
 *	cv_plan_copied(&plan, &copied, "/abs/src");
 *	rc = cv_publish(...);	// -EAGAIN: SRC was changed meanwhile; list it again
 *
 * Each file keeps its modification time, in seconds, and its mode without set-user-ID,
 * set-group-ID and sticky bits. Directories keep their mode, and are at least usable by their
 * owner. Links keep their text, unless the caller changes `target`. Nothing in SRC is followed,
 * and nothing is changed.
 *
 * A file becomes a hard link by cv_stage_links()'s rule and if it belongs to the caller; else a
 * clone, if the file system supports reflinks; else a copy.
 *
 * When the last file is written, SRC is compared with the list: the times of all directories, and
 * size and time of each file that was copied or is written by the plan, which was made from what
 * the file was, or that had changed shortly before it was listed.
 */
enum {
	CV_COPIED_MAX = 4 * 1024 * 1024, /* entries */
};

enum cv_copied_flags {
	/*
	 * Hard links for all files, or copies where links are impossible: SRC will be deleted. So
	 * that no change is lost, each of its files is compared, also those that are left out.
	 */
	CV_COPIED_LINK = 1 << 0,
};

struct cv_copied_file {
	const char *path;     /* relative; "" for SRC itself, which is the first entry */
	const char *target;   /* of a link; else NULL */
	enum cv_os_type type; /* CV_OS_FILE, CV_OS_DIR or CV_OS_LINK */
	bool omit;            /* the plan writes this path, or deletes it */
	unsigned mode;
	uint64_t owner;
	uint64_t size;
	struct cv_os_time mtime, ctime;
	struct cv_os_id id;
};

/* Entries are in this order: a directory, its other entries by name, then each subdirectory. */
struct cv_copied {
	struct cv_os_dir dir; /* SRC; borrowed until cv_publish() has returned */
	const char *src;      /* its path, for messages */
	struct cv_copied_file *files;
	size_t count;
	unsigned flags;
	const char *other; /* a pipe, socket or device, which is not copied; NULL: there is none */
	size_t others;     /* how many */
};

/*
 * List the directory DIR, whose path is SRC. Leaves out staging directories of killed runs.
 * -EAGAIN: something vanished. CVENV_ELIMIT: nested deeper than CV_DEPTH_MAX, or more than
 * CV_COPIED_MAX entries. CVENV_EREFUSED: a directory is on another file system.
 */
int cv_copied_list(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir dir,
	const char *src, struct cv_copied *ret, struct cvenv_error *err);

/* Omit what PLAN writes or removes. Removals are deleted from PLAN: they are done by that. */
int cv_copied_omit(struct cv_copied *copied, struct cv_plan *plan, struct cvenv_error *err);

/* May FILE be a hard link to SRC's file, in this mode, in an environment of OWNER? */
bool cv_copied_links(const struct cv_copied *copied, enum cvenv_link_mode mode,
	const struct cv_copied_file *file, uint64_t owner);

/* Is SRC as it was listed? 0, or -EAGAIN. */
int cv_copied_check(
	const struct cv_ctx *ctx, const struct cv_copied *copied, struct cvenv_error *err);

/* Is ST, of a file or directory of SRC now, as it was listed? */
bool cv_copied_is_same(const struct cv_copied_file *file, const struct cv_os_stat *st);

/* The error for PATH, which is not as it was listed. Returns -EAGAIN. */
int cv_copied_changed(const struct cv_copied *copied, const char *path, struct cvenv_error *err);

#endif
