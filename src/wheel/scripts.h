/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_SCRIPTS_H
#define CV_WHEEL_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct cv_arena;
struct cvenv_error;

/*
 * Console scripts: the small programs in bin/ that call a function of an installed project. They
 * come from the section [console_scripts] of its entry_points.txt
 * (https://packaging.python.org/specifications/entry-points/).
 *
 *	cv_scripts_of(&arena, wheel.name, wheel.entry_points, 3, 13, &scripts, &count, &err)
 *	for each of them: cv_script_text(&buf, "/env/bin/python3.13", &scripts[i])
 *
 * Names must be plain file names: UTF-8, no '/', no white space or control characters, no leading
 * '-', '.' or '['. Modules and attributes must be dotted identifiers, so that a script contains no
 * code of the wheel's choice. Errors: CVENV_EWHEEL, CVENV_ELIMIT, ENOMEM. Results are in the arena;
 * the slices of cv_scripts_parse() point into its argument.
 */
enum {
	CV_SCRIPTS_TEXT_MAX = 1 << 20,
	CV_SCRIPTS_MAX = 1024,
};

struct cv_script {
	struct cv_str name;   /* of the file in bin/ */
	struct cv_str module; /* "pip._internal.cli.main" */
	struct cv_str attr;   /* "main"; may be dotted */
};

/*
 * Parse entry_points.txt as importlib.metadata does: lines are trimmed, empty lines and comments
 * ('#') are skipped, extras in brackets are dropped. If a name occurs more than once, its last
 * entry counts. Other sections are ignored.
 */
int cv_scripts_parse(struct cv_arena *a, struct cv_str entry_points, struct cv_script **ret,
	size_t *ret_count, struct cvenv_error *err);

/*
 * The scripts that pip installs for Python MAJOR.MINOR (pip/_internal/operations/install/wheel.py,
 * get_console_script_specs). A wheel lists the script names for the Python that built it, so they
 * are replaced:
 *
 * - "pip" becomes pip, pip3 and pip3.Y; all other pipN and pipN.M are dropped.
 * - "easy_install" becomes easy_install and easy_install-X.Y.
 *
 * PROJECT is the wheel's name: pip itself gets its three scripts even if its entry points lack
 * them.
 */
int cv_scripts_of(struct cv_arena *a, struct cv_str project, struct cv_str entry_points,
	unsigned major, unsigned minor, struct cv_script **ret, size_t *ret_count,
	struct cvenv_error *err);

/*
 * The text of a script that runs under PYTHON, an absolute path.
 *
 * The first line is "#!PYTHON" if the kernel can read it: it has no white space and at most
 * CV_SHEBANG_MAX bytes. Otherwise the file is valid for both /bin/sh and Python, as pip's is: sh
 * executes PYTHON with the file, and Python reads those lines as a string. Unlike pip's, this works
 * for every path, see shebang.c. If memory is exhausted, b->bad is set.
 */
void cv_script_text(struct cv_buf *b, const char *python, const struct cv_script *script);

/*
 * The same for a relocatable environment. The script starts the interpreter NAME ("python3.13") in
 * its own directory, wherever that is when it runs, and also if it is run through symbolic links.
 * /bin/sh finds that directory, which costs the start of one shell.
 */
void cv_script_text_beside(struct cv_buf *b, const char *name, const struct cv_script *script);

/*
 * Only the rest, after the first line or lines. IS_EXE: it is part of NAME.exe, and a usage message
 * shall name the program without ".exe".
 */
void cv_script_body(struct cv_buf *b, const struct cv_script *script, bool is_exe);

/* Only the first line or lines, for callers that write the rest themselves. */
void cv_script_shebang(struct cv_buf *b, const char *python);

/*
 * The same with one ARGUMENT for PYTHON, such as "-E", or an empty one. False if the first line
 * cannot have it: PYTHON needs sh, and ARGUMENT quotes.
 */
bool cv_script_shebang_argument(struct cv_buf *b, const char *python, struct cv_str argument);

/* Is "#!PYTHON ARGUMENT" a line that the kernel can read? */
bool cv_script_fits_kernel(const char *python, struct cv_str argument);

void cv_script_shebang_beside(struct cv_buf *b, const char *name);

#endif
