/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_PATH_H
#define CV_BASE_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Paths as text: nothing here accesses the file system. Results are in the arena, or point into the
 * argument. NULL means that memory is exhausted.
 */

/*
 * Python's os.path.abspath. Joins a relative PATH to CWD, which may be NULL if PATH is absolute.
 * Removes "//", ".", ".." and trailing slashes without following links. Two leading slashes are
 * kept, as posixpath.normpath() does, because POSIX leaves their meaning to the system.
 */
char *cv_path_abs(struct cv_arena *a, const char *cwd, const char *path);

/* DIR and NAME with one slash between them; NAME alone when it is absolute. */
char *cv_path_join(struct cv_arena *a, const char *dir, const char *name);

/* os.path.basename: the part after the last slash; "" when the path ends with one. */
const char *cv_path_base(const char *path);

/* os.path.dirname of an absolute, normalised path: "/" for "/x". */
char *cv_path_dir(struct cv_arena *a, const char *path);

/* Is PATH the same as DIR, or below it? Both are absolute and normalised. */
bool cv_path_within(const char *path, const char *dir);

/*
 * The bytecode file of SOURCE, which ends in ".py" (PEP 3147, PEP 488): for "p/a.py" it is
 * "p/__pycache__/a.TAGLEVEL.pyc". LEVEL is "", ".opt-1" or ".opt-2".
 */
char *cv_path_bytecode(struct cv_arena *a, const char *source, const char *tag, const char *level);

/*
 * May cvenv create a file NAME below one of its directories? True if NAME is relative, and no
 * component is empty, "." or "..", contains a backslash or a NUL, or is longer than 255 bytes.
 */
bool cv_path_safe(struct cv_str name);

#endif
