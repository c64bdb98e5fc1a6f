/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_LAUNCHER_H
#define CV_WHEEL_LAUNCHER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "wheel/first_line.h"
#include "wheel/scripts.h"

/*
 * Console scripts on Windows: NAME.exe, as the distlib in pip makes it. One file has three parts:
 *
 * - a launcher, unchanged, from that pip itself;
 * - the line "#!PYTHON", in UTF-8, with quotes around a PYTHON that has a space;
 * - a zip archive of one stored member, __main__.py. Its time is always that of 1980, so that two
 *   runs write the same file.
 *
 * The launcher finds the line before the archive, and runs `PYTHON NAME.exe ARGUMENTS`. Python runs
 * an archive at the end of a file as a program.
 */
struct cv_launcher {
	struct cv_str program; /* the content of the file of cv_launcher_path() */
	struct cv_str pip;     /* the version of pip, which decides how the line ends */
};

/* A launcher replaces this prefix of PYTHON by its own directory. */
#define CV_LAUNCHER_OWN_DIR "<launcher_dir>"

/*
 * The launcher for MACHINE ("amd64", "arm64" or "x86") in pip's wheel, relative to site-packages.
 * FALLBACK: the one for a pip without launchers for that machine; NULL if there is none.
 */
const char *cv_launcher_path(const char *machine, bool fallback);

/*
 * Does it know PYTHON relative to its own directory? cv_launcher_text_beside() needs that. It is in
 * every pip since 21.
 */
bool cv_launcher_finds_itself(struct cv_str program);

/* The content of the script that runs under PYTHON, an absolute path. */
void cv_launcher_text(struct cv_buf *b, const struct cv_launcher *launcher, const char *python,
	const struct cv_script *script);

/* The same for the interpreter NAME in the directory of the script, wherever that is. */
void cv_launcher_text_beside(struct cv_buf *b, const struct cv_launcher *launcher, const char *name,
	const struct cv_script *script);

/* The line and the archive are in this many bytes at the end of a file. */
enum { CV_LAUNCHER_END_MAX = 64 << 10 };

/*
 * The line before the archive, as cv_first_line_parse() reads those of scripts. TEXT is the file,
 * or at least its last CV_LAUNCHER_END_MAX bytes. CV_FIRST_LINE_BESIDE: `python` is relative to the
 * directory of the launcher. `end` is where the archive begins. The launchers of uv have no line:
 * `python` and `word` are then what uv_launcher.h finds, if TEXT is the whole file. Returns 1, 0 if
 * it is no launcher, or -ENOMEM.
 */
int cv_launcher_parse(struct cv_arena *a, struct cv_str text, struct cv_first_line *ret);

#endif
