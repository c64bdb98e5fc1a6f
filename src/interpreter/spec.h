/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_SPEC_H
#define CV_INTERPRETER_SPEC_H

#include <stdbool.h>

#include "base/str.h"
#include "interpreter/info.h"
#include "interpreter/version.h"

/*
 * What a user asks for with -p, CVENV_PYTHON or a setting:
 *
 *	a/path                  CV_PYSPEC_PATH
 *	name                    CV_PYSPEC_NAME: a command on PATH; also "python" and "python3"
 *	[IMPLEMENTATION]VERSION[BUILD]
 *	                        CV_PYSPEC_REQUEST
 *
 *	IMPLEMENTATION  cpython, pypy or graalpy (also cp, pp, gp), then nothing, '@' or '-'; python
 *	                or py, or none at all: any. The three long names are requests alone, too
 *	VERSION         3, 3.12, 3.12.4; 312 is 3.12; 3.15.0b1, 3.15b1: that pre-release; or
 *	                specifiers of PEP 440: >=3.11,<3.14  ~=3.12  ==3.12.*  !=3.12.1
 *	BUILD           t (free-threaded), d (debug), td; or +freethreaded, +debug, +gil; or -dbg,
 *	                -debug; then -32 or -64; then -MACHINE (-arm64), or -SYSTEM-MACHINE-LIBC
 *	                (-linux-x86_64-gnu; the last parts may be left out, or be "any")
 *
 * These are the requests of uv and of virtualenv (python-discovery), in which both agree except:
 *
 * - Specifiers mean what PEP 440 says: "==3.12" is 3.12.0 only, and 3.12.1 is ">3.12".
 *   python-discovery compares as many numbers as the specifier has.
 * - A build that is not free-threaded is asked for by leaving out the "t", in specifiers as well.
 *   A debug build fits a request without "d"; the search prefers others.
 * - Pre-releases: specifiers choose them only if one of them names a pre-release. "3.15.0" is the
 *   final release only. "3.15" and "3" fit 3.15.0b1, but the search prefers final releases. For uv
 *   specifiers are like "3.15".
 *
 * Letters may have either case in IMPLEMENTATION, SYSTEM and MACHINE.
 */
enum cv_pyspec_kind {
	CV_PYSPEC_PATH,
	CV_PYSPEC_NAME,
	CV_PYSPEC_REQUEST,
	CV_PYSPEC_INVALID, /* begins as specifiers, but is not valid */
};

struct cv_pyspec {
	enum cv_pyspec_kind kind;
	const char *text; /* as given */

	/* The rest belongs to requests. Slices are parts of `text`, and empty when not given. */
	const char *implementation;  /* as sys.implementation.name; NULL: any */
	struct cv_pyversion version; /* major, too, may be CV_VERSION_ANY */
	struct cv_str exact;         /* the version, if it is a pre-release: "3.15.0b1" */
	struct cv_str specifiers;
	bool debug;
	struct cv_str system, machine, libc;
};

/* The length of a request. Projects write them, and each candidate is compared with all of it. */
enum { CV_PYSPEC_MAX = 512 };

/* Never fails, and allocates nothing. */
void cv_pyspec_parse(const char *text, struct cv_pyspec *ret);

/* Is it a request, and not a path or the name of a program? */
bool cv_pyspec_is_request(const char *text);

/*
 * Is the interpreter one that SPEC, a request, asks for? Pre-releases fit a version of one or two
 * numbers.
 */
bool cv_pyspec_fits_info(const struct cv_pyspec *spec, const struct cv_info *info);

/*
 * Can an interpreter fit whose name or directory says that it is HAVE? Parts of HAVE may be
 * CV_VERSION_ANY, `major` also 0: unknown. So may IMPLEMENTATION be: NULL.
 */
bool cv_pyspec_may_fit(
	const struct cv_pyspec *spec, const char *implementation, const struct cv_pyversion *have);

#endif
