/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_FILE_H
#define CV_FS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "os/os.h"

/* Single files, read and written as a whole. */

/*
 * Read a regular file of at most MAX bytes into the arena. A NUL is added, which is not counted.
 * Never blocks: other kinds of files are refused with EINVAL. HOW is CV_OS_FOLLOW or
 * CV_OS_NOFOLLOW.
 */
int cv_read_file(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err);

/* The same. *ret_st is the stat of the file that was read. */
int cv_read_file_stat(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cv_os_stat *ret_st, struct cvenv_error *err);

/*
 * Is NAME a regular file, not a link, with exactly these bytes? *ret_mode is its mode. False if it
 * cannot be read: the caller then writes it again, which is always correct.
 */
bool cv_file_is(struct cv_os_dir at, const char *name, struct cv_str data, unsigned *ret_mode);

/* The same with the bytes of the file SOURCE (absolute), which may be a link. */
bool cv_file_is_copy(struct cv_os_dir at, const char *name, const char *source, unsigned *ret_mode);

/*
 * Create a new file with DATA. EEXIST if NAME exists. If writing fails, the file is deleted. MODE
 * is subject to the umask. If the file system refuses the mode, one with the same rights for the
 * owner is enough.
 */
struct cv_new_file {
	unsigned mode;     /* for open(2) */
	unsigned add_mode; /* set in addition, without regard to the umask; 0: none */
	bool exact;        /* set `mode` without regard to the umask */
	bool set_mtime;
	int64_t mtime; /* seconds */
	/* Set to true if the time cannot be set. NULL: that is an error. */
	bool *lost_mtime;
};
int cv_write_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_str data, struct cvenv_error *err);

/*
 * The same in parts. Call cv_write_begin(), cv_write_add() for each part, and cv_write_end() with
 * the last result: it closes the file, deletes it after an error, and fills *err. NAME and HOW are
 * borrowed until then.
 */
struct cv_writing {
	struct cv_os_dir at;
	struct cv_os_file file; /* none: not open */
	const char *name;
	const struct cv_new_file *how;
};
int cv_write_begin(struct cv_writing *w, struct cv_os_dir at, const char *name,
	const struct cv_new_file *how, struct cvenv_error *err);
int cv_write_add(struct cv_writing *w, struct cv_str data); /* 0 or -errno */
int cv_write_end(struct cv_writing *w, int rc, struct cvenv_error *err);

/*
 * The same with the content of an open file of SIZE bytes, by reflink if *reflink is true, else by
 * copy_file_range, else by read and write. If these file systems do not support reflinks, *reflink
 * becomes false, so that later calls with it do not try again.
 */
int cv_copy_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t size, bool *reflink, struct cvenv_error *err);

/*
 * The same with SIZE bytes from BEGIN on. -CVENV_ECORRUPT if the file ends before. See
 * cv_os_clone_part() for the alignment that a reflink needs.
 */
int cv_copy_part(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t begin, uint64_t size, bool *reflink,
	struct cvenv_error *err);

/*
 * Is CODE from setting a mode or time, and means that the file system (CIFS, S3 mounts, WSL1, FUSE)
 * or a sandbox does not support it? The caller then uses the file as it is.
 */
bool cv_refuses_attribute(int code);

/*
 * Replace or create a file atomically: write a temporary file in the same directory, and rename it.
 */
int cv_replace_file(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	struct cvenv_error *err);

/* The same, but -EEXIST if any entry has that name. Only where no call can tell, it is replaced. */
int cv_create_file(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	struct cvenv_error *err);

#endif
