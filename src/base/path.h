/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_PATH_H
#define CV_BASE_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/str.h"
#include "base/system.h"

/*
 * Paths as text: nothing here accesses the file system. Results are in the arena, or point into the
 * argument. NULL means that memory is exhausted.
 *
 * There are two kinds of paths:
 *
 * - Absolute paths, and what the user writes. They follow the rules of the system. On Windows both
 *   '/' and '\' separate components, and results contain only '\'. Roots are "C:\",
 *   "\\server\share\", "\\?\C:\", "\\?\UNC\server\share\" and "\\.\device\".
 * - Names inside an environment, the cache, a wheel or RECORD. They are relative, and '/' separates
 *   components on every system.
 *
 * On Windows, comparisons ignore the case of ASCII letters only: the system's table of other
 * letters belongs to the file system. Code that protects files compares their identity instead
 * (cv_os_same).
 */
enum {
	CV_PATH_SEP = CV_WINDOWS ? '\\' : '/',
	CV_PATH_LIST_SEP = CV_WINDOWS ? ';' : ':', /* between the directories of PATH */
};

static inline bool cv_path_is_sep(char c)
{
	return c == '/' || (CV_WINDOWS && c == CV_PATH_SEP);
}

/*
 * The length of the root of PATH with the separator that ends it: 1 for "/x", 3 for "C:\x", 0 if
 * PATH is relative. On Windows also of "C:x" (2) and "\x" (1), which are not absolute.
 */
size_t cv_path_root(const char *path);
bool cv_path_is_abs(const char *path);

/* Has PATH a separator, or is it "." or ".."? Else it is the name of a command. */
bool cv_path_is_path(const char *path);

/*
 * Can PATH be made absolute? Not if it is relative and the current directory is unknown.
 * cv_path_abs() needs this.
 */
bool cv_path_has_abs(const struct cv_ctx *ctx, const char *path);

/*
 * Python's os.path.abspath: joins a relative PATH to the current directory and removes repeated
 * separators, ".", ".." and trailing separators without following links. CTX may be NULL if PATH is
 * absolute.
 *
 * POSIX: two leading slashes are kept, as posixpath.normpath() does, because POSIX leaves their
 * meaning to the system.
 *
 * Windows: "C:x" is relative to the current directory of that drive, which is in the environment
 * variable "=C:", else to its root. Dots and spaces at the end of the path are removed, and one dot
 * at the end of other components, as Windows does. Unlike Windows, a name of three or more dots is
 * kept, and so is one of dots and spaces.
 */
char *cv_path_abs(struct cv_arena *a, const struct cv_ctx *ctx, const char *path);

/* The home directory by $HOME, on Windows by %USERPROFILE%. NULL if it is unknown or relative. */
const char *cv_path_home(const struct cv_ctx *ctx);

/*
 * DIR and NAME with one separator between them; NAME alone if it is absolute. If DIR is relative,
 * both are names inside an environment, and the separator is '/'.
 */
char *cv_path_join(struct cv_arena *a, const char *dir, const char *name);

/* os.path.basename: the part after the last separator or the root; "" when the path ends there. */
const char *cv_path_base(const char *path);

/* os.path.dirname of an absolute, normalised path: "/" for "/x". Of a name inside: "" for "x". */
char *cv_path_dir(struct cv_arena *a, const char *path);

/*
 * Are the absolute, normalised paths, or the names, the same text? On Windows, here and below, case
 * and the kind of separator do not count.
 */
bool cv_path_same(const char *a, const char *b);

/* Does the text of PATH, or of a name, begin with PREFIX? */
bool cv_path_starts(const char *path, struct cv_str prefix);

/* Is PATH the same as DIR, or below it? Both are absolute and normalised, or both names inside. */
bool cv_path_within(const char *path, const char *dir);

/*
 * The part of PATH below DIR: "" if they are the same, NULL if PATH is not within DIR. Its
 * separators are those of PATH.
 */
const char *cv_path_below(const char *path, const char *dir);

/*
 * Cut the next directory from the value of PATH. Returns false at the end. On Windows, quotes '"'
 * around a directory are removed, and ';' between quotes does not separate.
 */
bool cv_path_list_cut(struct cv_arena *a, struct cv_str *list, char **ret_dir);

/* --- names inside an environment, a wheel or the cache ------------------------------------ */

/*
 * NAME, relative to the directory DIR, normalised: "bin/x" for "lib/y" and "../../bin/x". NULL also
 * if NAME is absolute, or leads out of the environment. On Windows, '\' in NAME separates as well.
 */
char *cv_path_inside(struct cv_arena *a, const char *dir, const char *name);

/*
 * The bytecode file of SOURCE, which ends in ".py" (PEP 3147, PEP 488): for "p/a.py" it is
 * "p/__pycache__/a.TAGLEVEL.pyc". LEVEL is "", ".opt-1" or ".opt-2".
 */
char *cv_path_bytecode(struct cv_arena *a, const char *source, const char *tag, const char *level);

/*
 * May cvenv create a file NAME below one of its directories? True if NAME is relative, and no
 * component is empty, "." or "..", contains a backslash or a NUL, or is longer than 255 bytes. On
 * Windows, each component must also be CV_NAME_OK.
 */
bool cv_path_safe(struct cv_str name);

/* Can a file have the name NAME (one component) on Windows? */
enum cv_name {
	CV_NAME_OK,
	CV_NAME_DEVICE,    /* CON, NUL, COM1 and others, with any extension */
	CV_NAME_CHARACTER, /* one of <>:"/\|?* or a control character */
	CV_NAME_END,       /* the last character is a dot or a space */
};
enum cv_name cv_name_on_windows(struct cv_str name);

#endif
