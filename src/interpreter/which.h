/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_WHICH_H
#define CV_INTERPRETER_WHICH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/str.h"
#include "os/os.h"
#include "os/registry.h"

/*
 * PATH and the targets of its links in order. Links among the directories above are kept. RET has
 * room for CV_LINKS_MAX + 1 paths. 0 or a negative errno; on an error RET has the paths up to the
 * failure, at least PATH.
 */
enum { CV_LINKS_MAX = 40 }; /* the kernel's limit */
int cv_link_chain(struct cv_arena *arena, const char *path, const char **ret, size_t *ret_count);

/*
 * 0 when PATH is a file (links followed) that this process may execute, else a negative errno:
 * -EISDIR and -EACCES, too. On Windows also 0 for an app execution alias. -ENOEXEC for one that
 * cv_alias_installs().
 */
int cv_exe_check(const char *path);

/*
 * Does the alias lead to a program that installs Python, instead of to a Python? Windows has such
 * aliases "python.exe" and "python3.exe" as long as no Python is installed, and "python.exe" of the
 * Python install manager may install one, too.
 */
bool cv_alias_installs(const struct cv_os_alias *alias);

/*
 * The executables of one name on PATH, in order. Relative entries of PATH are relative to the
 * current directory, and empty ones mean it, but are skipped on Windows; results are absolute.
 * Directories and files that cannot be executed are skipped.
 *
 * On Windows, NAME may lack its extension. Of the extensions in PATHEXT, those of programs are
 * tried, then those of batch files. A batch file can be the shim of a version manager, but is never
 * run: skip what is still cv_exe_is_batch() after cv_shim_resolve().
 *
 *	struct cv_which w = cv_which(ctx);
 *	while (cv_which_next(&w, arena, "python3", &path))
 *		...
 *	if (w.nomem)
 *		return cv_fail_nomem(err);
 */
struct cv_which {
	const struct cv_ctx *ctx;
	struct cv_str rest; /* the part of PATH that is not searched yet */
	bool nomem;
};

bool cv_exe_is_batch(const char *path); /* false on other systems */

struct cv_which cv_which(const struct cv_ctx *ctx);
bool cv_which_next(struct cv_which *w, struct cv_arena *arena, const char *name, char **ret);

/* The next directory itself, absolute. Use this or cv_which_next(), not both. */
bool cv_which_dir(struct cv_which *w, struct cv_arena *arena, char **ret);

/*
 * The command of a file NAME: on Windows without its extension, empty if NAME has no extension in
 * PATHEXT that cv_which_next() tries. On other systems it is NAME.
 */
struct cv_str cv_exe_stem(const struct cv_ctx *ctx, struct cv_str name);

#endif
