/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_LAYOUT_H
#define CV_ENV_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"
#include "interpreter/info.h"

/*
 * The paths in an environment, computed from the interpreter info and the options without access to
 * files. The rules are those of Lib/venv/__init__.py in that version of Python (ensure_directories,
 * setup_python) and, from 3.11, of its sysconfig scheme "venv". The kind of Python decides, not the
 * system that cvenv runs on. For PyPy they are those of its own
 * copy.
 */
enum { CV_NAMES_MAX = 8 }; /* those of a free-threaded debug build for Windows */

struct cv_layout {
	const char *env_dir; /* absolute, normalised */
	char sep; /* separates components of absolute paths in the files of the environment */
	const char *prompt; /* shown while it is active: "." is resolved, no parentheses */
	const char *bin;    /* this and the next five are relative to ENV_DIR, with '/' */
	const char *include;
	const char *lib;
	const char *purelib;
	const char *platlib; /* NULL before 3.15: no such directory */
	bool lib64_link;     /* create lib64 as a link to lib */
	bool gitignore;
	bool relocatable;    /* the option */
	bool links;          /* the interpreter's names are symbolic links, not copies */
	const char *env_exe; /* absolute */

	/*
	 * Names in bin/: the first is the environment's interpreter, the others are links to it or
	 * copies of it. On POSIX systems the first is the name of the base interpreter.
	 */
	const char *names[CV_NAMES_MAX];
	size_t name_count;
};

/* NAME, which is borrowed, is also one of layout->names, unless it is already or they are full. */
void cv_layout_add_name(struct cv_layout *layout, const char *name);

/*
 * The prompt that a user asked for: "." is the name of the current directory, or "" if that is
 * unknown. NULL: none was asked for.
 */
const char *cv_layout_prompt(const struct cv_ctx *ctx, const char *asked);

int cv_layout_compute(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_info *info,
	const struct cvenv_options *request, const char *env_dir, struct cv_layout *ret,
	struct cvenv_error *err);

#endif
