/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_SCRIPTS_H
#define CV_WHEEL_SCRIPTS_H

#include <stddef.h>

#include "base/str.h"

struct cv_arena;
struct cvenv_error;

/*
 * Console scripts: the small files in bin/ that call a function of an installed project, from
 * the [console_scripts] of its entry_points.txt
 * (https://packaging.python.org/specifications/entry-points/).
 *
 *	cv_scripts_of(&arena, wheel.name, wheel.entry_points, 3, 13, &scripts, &count, &err)
 *	for each of them: cv_script_text(&buf, "/env/bin/python3.13", &scripts[i])
 *
 * Names are checked to be plain file names: UTF-8, no '/', no white space or control characters,
 * no leading '-', '.' or '['. Modules and attributes must be dotted identifiers. So a script is
 * what it seems. Errors: CVENV_EWHEEL, CVENV_ELIMIT, ENOMEM. Results are in the arena; the slices
 * of cv_scripts_parse point into the text.
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
 * What the text says, read as importlib.metadata reads it: lines are trimmed, empty lines
 * and those with '#' skipped, extras in brackets dropped, of one name twice the last counts.
 * Other sections are not looked into.
 */
int cv_scripts_parse(struct cv_arena *a, struct cv_str entry_points, struct cv_script **ret,
	size_t *ret_count, struct cvenv_error *err);

/*
 * What pip makes of them for Python MAJOR.MINOR (pip/_internal/operations/install/wheel.py,
 * get_console_script_specs): the wheel of pip was built by another Python than the one it is
 * installed for, so its "pip" stands for pip, pip3 and pip3.Y, and all other pipN and pipN.M are
 * left out; and "easy_install" for easy_install and easy_install-X.Y. PROJECT is the wheel's name:
 * pip itself gets its three scripts even where its entry points do not say so.
 */
int cv_scripts_of(struct cv_arena *a, struct cv_str project, struct cv_str entry_points,
	unsigned major, unsigned minor, struct cv_script **ret, size_t *ret_count,
	struct cvenv_error *err);

/*
 * The text of a script that runs under PYTHON, an absolute path without NUL.
 *
 * The first line is "#!PYTHON" where the kernel can read it: no white space, no more than 127 bytes
 * (BINPRM_BUF_SIZE of Linux before 5.1, less the NUL). Else the file is one that both /bin/sh and
 * Python accept, as pip's: sh executes PYTHON with the file, Python sees a string. Other than
 * pip's it works for every path, see shebang.c. Failure of memory sticks in the buffer.
 */
void cv_script_text(struct cv_buf *b, const char *python, const struct cv_script *script);

/*
 * The same for a relocatable environment. Whatever the path of the script is when it runs, also
 * through symbolic links, it starts the interpreter NAME ("python3.13") in its own directory.
 * /bin/sh finds it, which costs one more start of a shell.
 */
void cv_script_text_beside(struct cv_buf *b, const char *name, const struct cv_script *script);

/* Only its first line or lines, for who writes a body of his own. */
void cv_script_shebang(struct cv_buf *b, const char *python);
void cv_script_shebang_beside(struct cv_buf *b, const char *name);

#endif
