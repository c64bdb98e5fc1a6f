/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_VERSION_FILE_H
#define CV_INTERPRETER_VERSION_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Files in which a user, a project or a version manager says which Python is wanted. Anyone may
 * have written them. They are searched in a directory and in those above it:
 *
 *	for (dir = ctx->cwd; dir; rc = cv_dir_above(arena, &dir, err))
 */

/*
 * Read the file PATH, of at most MAX bytes. 1: *ret is the text, without a byte order mark. 0:
 * there is no such file, it is not a regular one (a directory, a fifo, a device), or its directory
 * cannot be searched. CVENV_ELIMIT if it is larger.
 */
int cv_version_file_read(struct cv_arena *arena, const char *path, size_t max, struct cv_str *ret,
	struct cvenv_error *err);

/*
 * Cut the next line of TEXT that is neither empty nor a comment ("# ..."), without white space
 * around it. *line counts lines, and is 0 first. False at the end.
 */
bool cv_version_file_line(struct cv_str *text, int *line, struct cv_str *ret);

/* The first word of TEXT: up to the first white space. */
struct cv_str cv_version_file_word(struct cv_str text);

/* Replace *dir, which is absolute, by the directory above it, and by NULL if it is the root. */
int cv_dir_above(struct cv_arena *arena, const char **dir, struct cvenv_error *err);

#endif
