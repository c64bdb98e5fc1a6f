/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_FILE_H
#define CV_FS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Single files, by directory descriptor (AT_FDCWD with an absolute name will do).
 * Every descriptor is close-on-exec. file_posix.c implements it; another system
 * gets a file of its own.
 */

/*
 * Read a regular file of at most MAX bytes into the arena, NUL-terminated (the NUL is
 * not counted). Never blocks on a fifo or device: those are refused. FLAGS is 0 or
 * O_NOFOLLOW.
 */
int cv_read_file(int dir_fd, const char *name, int flags, size_t max, struct cv_arena *a,
	struct cv_str *ret, struct cvenv_error *err);

/* The same; *ret_st is of the file that was read. */
int cv_read_file_stat(int dir_fd, const char *name, int flags, size_t max, struct cv_arena *a,
	struct cv_str *ret, struct stat *ret_st, struct cvenv_error *err);

/*
 * Is NAME a regular file, no link, with exactly these bytes? *ret_mode is its mode. False if it
 * cannot be read: writing it again is always correct.
 */
bool cv_file_is(int dir_fd, const char *name, struct cv_str data, mode_t *ret_mode);

/*
 * Create a new file with all of DATA; nothing may stand under that name yet (O_EXCL), and what
 * stands there after a failure is removed again. MODE is subject to the umask. If the
 * mode cannot be set, a mode that gives the owner the same rights is enough.
 */
struct cv_new_file {
	mode_t mode;     /* as for open(2) */
	mode_t add_mode; /* then also these bits, past the umask; 0: none */
	bool exact;      /* `mode` as it is, past the umask */
	mode_t mask;     /* what new files keep of their mode here; 0: not known. Saves calls. */
	bool set_mtime;
	int64_t mtime; /* seconds */
	/* Set to true if the time cannot be set; NULL: that is an error. */
	bool *lost_mtime;
};
int cv_write_new(int dir_fd, const char *name, const struct cv_new_file *how, struct cv_str data,
	struct cvenv_error *err);

/*
 * The same a part at a time: begin, add, end with what the last addition said, which closes the
 * file and makes the error. NAME and HOW must live as long. Who ends it otherwise closes `fd`.
 */
struct cv_writing {
	int dir_fd, fd; /* fd: -1 where nothing is open */
	const char *name;
	const struct cv_new_file *how;
};
int cv_write_begin(struct cv_writing *w, int dir_fd, const char *name,
	const struct cv_new_file *how, struct cvenv_error *err);
int cv_write_add(struct cv_writing *w, struct cv_str data); /* 0 or -errno */
int cv_write_end(struct cv_writing *w, int rc, struct cvenv_error *err);

/*
 * The same with the content of an open file of SIZE bytes: by reflink where *reflink says to try,
 * else by copy_file_range, else by read and write. *reflink becomes false when it was tried and
 * these file systems cannot: say true once and pass it on, and it is not tried for every file.
 */
int cv_copy_new(int dir_fd, const char *name, const struct cv_new_file *how, int from_fd,
	uint64_t size, bool *reflink, struct cvenv_error *err);

/*
 * The same with SIZE bytes of it from AT on. -ENODATA when it ends before. A clone wants AT, and
 * what stands behind these bytes, to be whole blocks; cv_clones_parts() says whether a clone of
 * a part is cheap where FD lies: elsewhere cutting it off behind SIZE makes the last block anew.
 */
bool cv_clones_parts(int fd);
int cv_copy_part(int dir_fd, const char *name, const struct cv_new_file *how, int from_fd,
	uint64_t at, uint64_t size, bool *reflink, struct cvenv_error *err);

/* Can files be cloned from one directory into the other? Tries it with unnamed files. */
bool cv_clones(int from_dir_fd, int to_dir_fd);

/*
 * May the process access NAME (links are followed) in the way HOW (R_OK, W_OK, X_OK, or F_OK)?
 * 0 or -errno. By its effective IDs; if only the older faccessat(2) is available, by its real IDs,
 * which differ in set-id programs only.
 */
int cv_may(int dir_fd, const char *name, int how);

/*
 * Does CODE, from a call that sets a mode or a time, mean that the file system (CIFS, S3 mounts,
 * WSL1, other FUSE) or a sandbox refuses it? The caller then uses the file as it is.
 */
bool cv_refuses_attribute(int code);

/* Replace a file atomically, or make it: temporary in the same directory, then rename. */
int cv_replace_file(
	int dir_fd, const char *name, mode_t mode, struct cv_str data, struct cvenv_error *err);

#endif
