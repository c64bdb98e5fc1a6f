/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_PATH_H
#define CV_BASE_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Names of files as text: nothing here touches a disk. Results are in the
 * arena, or point into the argument; NULL means that memory is exhausted.
 */

/*
 * Python's os.path.abspath: joined to CWD when relative (otherwise it may be NULL), "//", "." and
 * ".." collapsed lexically, trailing slashes gone, exactly two leading slashes kept (POSIX leaves
 * their meaning open; posixpath.normpath does the same).
 */
char *cv_path_abs(struct cv_arena *a, const char *cwd, const char *path);

/* A and B with one slash between them; B alone when it is absolute. */
char *cv_path_join(struct cv_arena *a, const char *dir, const char *name);

/* os.path.basename: what comes after the last slash; "" when the path ends in one. */
const char *cv_path_base(const char *path);

/* os.path.dirname of an absolute, normalised path: "/" for "/x". */
char *cv_path_dir(struct cv_arena *a, const char *path);

/* True when PATH is DIR or lies below it; both absolute and normalised. */
bool cv_path_within(const char *path, const char *dir);

/*
 * Where the bytecode of SOURCE, which ends in ".py", lies (PEP 3147, PEP 488): of "p/a.py"
 * "p/__pycache__/a.TAG.pyc". LEVEL is "", ".opt-1" or ".opt-2".
 */
char *cv_path_bytecode(struct cv_arena *a, const char *source, const char *tag, const char *level);

/*
 * True when NAME may be used below a directory that we write: relative, and no component
 * empty, "." or "..", none with a backslash, a NUL, or longer than 255 bytes.
 */
bool cv_path_safe(struct cv_str name);

#endif
