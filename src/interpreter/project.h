/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_PROJECT_H
#define CV_INTERPRETER_PROJECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "base/toml.h"
#include "interpreter/info.h"

/*
 * What the files of a project say about its Python. choose.h says when they count.
 *
 * .python-version is written by pyenv, uv and others, which do not agree about its format. This is
 * the format here; "uv" and "pyenv" note who does the same:
 *
 *	- The nearest file in the current directory or above it counts, also if it is empty (uv,
 *	  pyenv). In each directory it is .python-version, else .python-versions (uv). It is a
 *	  regular file or a link to one; others count as missing (uv, pyenv).
 *	- Lines end with LF or CR LF. White space around them, empty lines and those that begin with
 *	  '#' do not count (uv, pyenv). Neither does a byte order mark. The text is UTF-8 (uv).
 *	- A line is a version request (spec.h), such as "3.12", "cpython@3.12" or "~=3.12" (uv). If
 *	  it is none, its first word is used: "3.12 # of the server" (pyenv).
 *	- "3.12.1/envs/NAME", a virtual environment of pyenv, means its base: 3.12.1 (pyenv).
 *	- "system" means the default Python (pyenv).
 *	- Any other path is refused. uv runs the program at that path.
 *	- Any other name is ignored, with one warning for the file (uv). pyenv has virtual
 *	  environments and distributions with such names: there is no warning if the default
 *	  Python is a shim of pyenv or mise, which read the file by rules of their own.
 *	- Of several lines, the first whose Python exists is chosen (pyenv). uv uses the first.
 */
enum {
	CV_PINS_SIZE_MAX = 64 * 1024, /* of the file */
	CV_PINS_MAX = 32,             /* requests in it */
};

struct cv_pin {
	const char *request; /* NULL: "system" */
	int line;
};

struct cv_pins {
	const char *file; /* absolute; NULL: there is none */
	struct cv_pin list[CV_PINS_MAX];
	size_t count;
	int ignored_line;    /* the first with a name that is no version; 0: there is none */
	const char *ignored; /* this name; "" if it is long or has control characters */
};

/*
 * Read the nearest file. If END is not NULL, only directories below END are searched.
 * CVENV_EREFUSED for a path, CVENV_ELIMIT if a limit is exceeded, EILSEQ if the file is not UTF-8.
 */
int cv_pins_read(const struct cv_ctx *ctx, struct cv_arena *arena, const char *end,
	struct cv_pins *ret, struct cvenv_error *err);

/* The same for the TEXT of FILE. */
int cv_pins_parse(struct cv_arena *arena, const char *file, struct cv_str text, struct cv_pins *ret,
	struct cvenv_error *err);

/*
 * The nearest pyproject.toml, in the current directory or above it. 1: *ret_path is its path, and
 * *ret its root table, or NULL if KEY cannot be in it: then the file is not parsed, which is slower
 * than all the rest of a creation if it is long. 0: there is none. EINVAL or CVENV_ELIMIT if it is
 * invalid: "'FILE', line N: ...". A caller that can do without it logs CV_PYPROJECT_IGNORED.
 */
#define CV_PYPROJECT_IGNORED "ignoring pyproject.toml: %s"
int cv_pyproject_read(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_str key,
	const char **ret_path, struct cv_toml **ret, struct cvenv_error *err);

/* requires-python in that file. */
enum { CV_REQUIRES_MAX = 256 }; /* bytes */

struct cv_requires {
	const char *file;       /* absolute; NULL: there is no pyproject.toml */
	const char *specifiers; /* valid specifiers of PEP 440; NULL: the file says nothing */
};

/* Fails also if requires-python is invalid. */
int cv_requires_read(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_requires *ret,
	struct cvenv_error *err);

/*
 * Does the interpreter fit? As for pip, a pre-release of 3.15 counts as 3.15. True if the file says
 * nothing.
 */
bool cv_requires_fits(const struct cv_requires *requires, const struct cv_info *info);

/*
 * Log one warning if the interpreter does not fit, or if the file is invalid: environments can be
 * created anyhow. Fails with -ENOMEM only.
 */
int cv_requires_warn(const struct cv_ctx *ctx, struct cv_arena *arena, const struct cv_info *info,
	struct cvenv_error *err);

#endif
