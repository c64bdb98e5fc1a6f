/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_CANDIDATES_H
#define CV_INTERPRETER_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/version.h"

/*
 * The interpreters of this machine, place by place. Nothing is run: only a probe can tell what a
 * candidate is, and whether it works. Places are, in this order:
 *
 *	- each directory of PATH: the commands python, python3, python3.N, pypy, pypy3, pypy3.N and
 *	  graalpy, with "t" or "d" after N. A shim is replaced by the installed version that it
 *	  would start here (managers/shim.h), and left out if there is none: what it would find
 *	  on the rest of PATH has its own place. A shim of cvenv (managers/own_shim.h) is left out
 *	- what is installed where no PATH leads (managers/installed.h): one place
 *	- on macOS, each bin directory of Homebrew and of python.org's installers
 *
 * A file with several names or links is one candidate: it keeps its first place, and there the name
 * that says the most. Versions before 3.8 are left out if their name says so. Directories that are
 * missing, unreadable or listed twice are skipped. Limits bound the time for hostile directories;
 * what exceeds them is ignored.
 */
enum {
	CV_PLACES_MAX = 1024, /* directories that exist */
	CV_CANDIDATES_MAX = 1024,
	CV_PLACE_ENTRIES_MAX = 1000000, /* entries of all listed directories */
	CV_TRIED_MINOR_MAX = 29, /* in a large directory, newer minor versions are not searched */
};

struct cv_candidate {
	char *path;         /* absolute, an executable file; links are not resolved; no shim */
	const char *origin; /* "pyenv", "registry", else the directory of `path` */
	size_t place;       /* its number, from 0 */
	/*
	 * What the name of the file or of its directory says. `major` is CV_VERSION_ANY if it says
	 * nothing, and `micro` is usually CV_VERSION_ANY. Installers and users can lie: it serves
	 * to skip candidates, and a probe decides.
	 */
	struct cv_pyversion said;
	const char *implementation; /* what the names say: "cpython", "pypy"; NULL: nothing */
	bool debug;                 /* the name says so: "python3.13d" */
};

/*
 *	rc = cv_candidates(ctx, arena, &c);
 *	while (rc >= 0 && (rc = cv_candidates_next(c, &list, &count)) > 0)
 *		... list[0] to list[count - 1] ...
 *
 * Each call returns the candidates of one place: first those whose names say no minor version, then
 * the highest version first. 1, 0 at the end, -ENOMEM, -EINTR. Places are read one by one, so that
 * a search can end early.
 */
struct cv_candidates;
int cv_candidates(const struct cv_ctx *ctx, struct cv_arena *arena, struct cv_candidates **ret);
int cv_candidates_next(struct cv_candidates *c, const struct cv_candidate **ret, size_t *ret_count);

/*
 * The names that are searched in a large directory, one by one, first those without a version.
 * False at the end.
 */
enum { CV_CANDIDATE_NAME_MAX = 24 };
bool cv_candidate_name(size_t index, char ret_name[CV_CANDIDATE_NAME_MAX]);

/* The origin of any interpreter, as above. NULL: memory is exhausted. */
const char *cv_candidate_origin(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path);

#endif
