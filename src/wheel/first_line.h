/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_FIRST_LINE_H
#define CV_WHEEL_FIRST_LINE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The interpreter that the first line or lines of a script name: the inverse of cv_script_shebang()
 * and cv_script_shebang_beside(), also for the forms of other installers.
 *
 *	if (cv_first_line_parse(&arena, text, &line) > 0 && line.form != CV_FIRST_LINE_BESIDE)
 *		use(line.python);
 *
 * The interpreter is what the kernel or sh would start, not what the line was meant to say.
 */
enum cv_first_line_form {
	/* #!PYTHON ARGUMENT */
	CV_FIRST_LINE_PLAIN,
	/* #!"PYTHON" ARGUMENT, which only the launchers of Windows read */
	CV_FIRST_LINE_QUOTED,
	/* #!/bin/sh, then '''exec' WORD "$0" "$@", then ' ''': pip, uv, cvenv */
	CV_FIRST_LINE_SH,
	/* The same, in uv's or cvenv's code that finds the interpreter next to the script */
	CV_FIRST_LINE_BESIDE,
};

enum { CV_FIRST_LINE_MAX = 4096 };

struct cv_first_line {
	enum cv_first_line_form form;
	struct cv_str python;   /* a path; BESIDE: relative to the directory of the script */
	struct cv_str word;     /* the part of TEXT that has this value, with its quotes */
	struct cv_str argument; /* "-E"; empty if there is none */
	size_t end;             /* where the rest of the file begins */
};

/*
 * TEXT is the file, or at least its first CV_FIRST_LINE_MAX bytes. Returns 1, or -ENOMEM. Returns 0
 * if TEXT does not begin with "#!" and a path, or in a form whose interpreter is not certain: sh
 * would expand something in it, or the lines after `#!/bin/sh` begin as above but continue
 * otherwise. `python` may be in the arena; `word` and `argument` point into TEXT.
 */
int cv_first_line_parse(struct cv_arena *a, struct cv_str text, struct cv_first_line *ret);

#endif
