/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_FILE_H
#define CV_FS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "os/os.h"

/*
 * Single files, read and written whole.
 */

/*
 * Read a regular file of at most MAX bytes into the arena, NUL-terminated (the NUL is
 * not counted). Never blocks on a fifo or device: those are refused. HOW is
 * CV_OS_FOLLOW or CV_OS_NOFOLLOW.
 */
int cv_read_file(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err);

/* The same; *ret_st is of the file that was read. */
int cv_read_file_stat(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cv_os_stat *ret_st, struct cvenv_error *err);

/*
 * Is NAME a regular file, no link, with exactly these bytes? *ret_mode is its mode. False if it
 * cannot be read: writing it again is always correct.
 */
bool cv_file_is(struct cv_os_dir at, const char *name, struct cv_str data, unsigned *ret_mode);

/*
 * Create a new file with all of DATA. The name must not exist. After a failure the file
 * is removed again. MODE is subject to the umask. If the
 * mode cannot be set, a mode that gives the owner the same rights is enough.
 */
struct cv_new_file {
	unsigned mode;     /* as for open(2) */
	unsigned add_mode; /* then also these bits, past the umask; 0: none */
	bool exact;        /* `mode` as it is, past the umask */
	bool set_mtime;
	int64_t mtime; /* seconds */
	/* Set to true if the time cannot be set; NULL: that is an error. */
	bool *lost_mtime;
};
int cv_write_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_str data, struct cvenv_error *err);

/*
 * The same a part at a time: begin, add, end with what the last addition said, which closes the
 * file and makes the error. NAME and HOW must live as long. Who ends it otherwise closes `file`.
 */
struct cv_writing {
	struct cv_os_dir at;
	struct cv_os_file file; /* none: nothing is open */
	const char *name;
	const struct cv_new_file *how;
};
int cv_write_begin(struct cv_writing *w, struct cv_os_dir at, const char *name,
	const struct cv_new_file *how, struct cvenv_error *err);
int cv_write_add(struct cv_writing *w, struct cv_str data); /* 0 or -errno */
int cv_write_end(struct cv_writing *w, int rc, struct cvenv_error *err);

/*
 * The same with the content of an open file of SIZE bytes: by reflink where *reflink says to try,
 * else by copy_file_range, else by read and write. *reflink becomes false when it was tried and
 * these file systems cannot: say true once and pass it on, and it is not tried for every file.
 */
int cv_copy_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t size, bool *reflink, struct cvenv_error *err);

/*
 * The same with SIZE bytes of it from BEGIN on. -CVENV_ECORRUPT when it ends before. What a clone
 * wants of BEGIN is in cv_os_clone_part().
 */
int cv_copy_part(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t begin, uint64_t size, bool *reflink,
	struct cvenv_error *err);

/*
 * Does CODE, from a call that sets a mode or a time, mean that the file system (CIFS, S3 mounts,
 * WSL1, other FUSE) or a sandbox refuses it? The caller then uses the file as it is.
 */
bool cv_refuses_attribute(int code);

/* Replace a file atomically, or make it: temporary in the same directory, then rename. */
int cv_replace_file(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	struct cvenv_error *err);

#endif
