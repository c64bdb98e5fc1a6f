/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_PACKED_H
#define CV_FINISHED_PACKED_H

#include <stdbool.h>

#include "base/ctx.h"
#include "base/err.h"
#include "env/portable.h"
#include "os/os.h"

enum {
	CV_PACKED_MAX = 10 * 1000 * 1000,
	CV_PACKED_NAME_MAX = 4096,
};

/*
 * Is NAME left out, with all that is below it? OTHER: it is neither a file, nor a directory, nor a
 * link.
 */
typedef bool cv_packed_skip(const void *data, const char *name, bool other);

/*
 * Add all files, directories and links below DIR, in any order. Nothing is followed, opened or
 * changed. A name that is neither is left out with a warning, unless SKIP does that. CVENV_ELIMIT
 * if there are too many, or directories are nested too deep (CV_DEPTH_MAX). Names are in the arena
 * of TO.
 */
int cv_packed_of_dir(const struct cv_ctx *ctx, struct cv_os_dir dir, enum cv_packed_root root,
	cv_packed_skip *skip, const void *data, struct cv_packed_list *to, struct cvenv_error *err);

/*
 * Opens the files of members, without following a link in any component of their names. Members of
 * one directory, one after the other, open it once. Zero-initialise, but for `roots`, and close it.
 */
struct cv_packed_opener {
	struct cv_os_dir roots[CV_ROOTS]; /* borrowed */
	struct cv_os_dir dir;             /* the last one opened */
	enum cv_packed_root root;
	char name[CV_PACKED_NAME_MAX]; /* of `dir` */
};

/*
 * Open MEMBER, which has a source. -EAGAIN: it is not the file that was listed. *err is set.
 */
int cv_packed_open(struct cv_packed_opener *opener, const struct cv_packed *member,
	struct cv_os_file *ret, struct cvenv_error *err);
/* Is FILE still the file that was listed? -EAGAIN if not; *err is set. */
int cv_packed_check(
	const struct cv_packed *member, struct cv_os_file file, struct cvenv_error *err);
/*
 * Have the directories of the environment the names that were listed? TOP is the stat of the root
 * before it was listed. -EAGAIN if not; *err is set.
 */
int cv_packed_check_dirs(struct cv_packed_opener *opener, const struct cv_packed_list *list,
	const struct cv_os_stat *top, struct cvenv_error *err);
/* Read a whole file, whose size the caller has limited. */
int cv_packed_read(const struct cv_os_dir roots[CV_ROOTS], const struct cv_packed *member,
	struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err);
void cv_packed_opener_close(struct cv_packed_opener *opener);

#endif
