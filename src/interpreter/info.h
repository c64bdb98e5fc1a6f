/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_INFO_H
#define CV_INTERPRETER_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/which.h"
#include "os/os.h"

/*
 * What a base interpreter is: all that creating an environment needs to know of
 * it, found out once by cv_probe() (probe.h) and kept by the cache.
 *
 *	cv_info_encode(&buf, &interpreter info);                   // to the cache
 *	if (!cv_info_decode(&arena, text, &interpreter info) ||
 *		!cv_info_fresh(ctx, &interpreter info, NULL))
 *		rc = cv_probe(...);                      // a miss
 *
 * Pure data; every string is in an arena, never NULL, "" where there is none.
 */

/* A file that interpreter info depend on, as a stat saw it (links followed). */
struct cv_stamp {
	const char *path;
	bool present;
	struct cv_os_id id;
	uint64_t size;
	struct cv_os_time mtime, ctime;
};

struct cv_info {
	const char *path;       /* absolute, as it was found; no shim; links not resolved */
	const char *executable; /* its sys.executable: inside a virtual environment, that one's */

	/*
	 * The base interpreter: sys._base_executable, absolute, normalised, links not resolved.
	 * From inside a virtual environment it is what getpath.py of 3.11 and later says, for
	 * every version, followed until it is no virtual environment any more.
	 */
	const char *base;
	const char *real;     /* realpath of base */
	const char *exe_name; /* the last component of base: rules the names in bin/ */
	/*
	 * For pyvenv.cfg: the first directory in the chain of links of base from which an
	 * interpreter finds the standard library of base. This is the directory of base itself,
	 * except if base is a link to a build that was moved, or to a build tree.
	 */
	const char *home;

	const char *version; /* "3.13.0": no a, b, rc */
	unsigned major, minor, micro;
	const char *implementation; /* sys.implementation.name: "cpython", "pypy" */
	const char *cache_tag;      /* "" when None */
	const char *magic;          /* importlib.util.MAGIC_NUMBER in lower-case hex */
	const char *abiflags;       /* "d", "t" */
	bool free_threaded;
	bool bits64; /* sys.maxsize > 2**32 */

	const char *stdlib; /* absolute */
	const char *platlibdir;
	/* sysconfig's scheme 'venv', relative to ENV_DIR; "" where there is none (3.10 and older)
	 */
	const char *scheme_include, *scheme_purelib, *scheme_platlib, *scheme_scripts;

	/*
	 * The shared libpython or libpypy that a copy of the executable would look for beside
	 * itself ($ORIGIN in RPATH or RUNPATH), and where that is, relative to ENV_DIR, for a copy
	 * in bin/. "" when a copy starts without.
	 */
	const char *libpython, *libpython_dest;

	/* The wheels that its ensurepip would take (venv-behaviour: ensurepip/__init__.py). */
	bool needs_setuptools; /* below 3.12 */
	const char *pip_wheel, *setuptools_wheel;
	const char *pip_sha256, *setuptools_sha256; /* hex, of the whole file; "" without a wheel */
	const char *wheel_dir;                      /* WHEEL_PKG_DIR */

	/*
	 * False if `path` is a script: a wrapper or an unknown shim, which may start another
	 * interpreter next time. Such interpreter info is never fresh.
	 */
	bool cacheable;
	const char *library_path; /* LD_LIBRARY_PATH of the run: it can choose the libpython */
	const struct cv_stamp *stamps;
	size_t stamp_count;
};

enum {
	CV_INFO_MAX = 256 * 1024, /* of the encoded text */
	CV_STAMPS_MAX = 64,
	CV_PYTHON_MINOR_MIN = 8, /* cvenv works for 3.8 and later */
};

/* Appends; look at b->bad. */
void cv_info_encode(struct cv_buf *b, const struct cv_info *info);

/*
 * The inverse. False on any doubt: other format, a bit changed (there is a SHA-256 over
 * all), cut off, or interpreter info that cv_info_check() refuses; also when memory is exhausted.
 */
bool cv_info_decode(struct cv_arena *arena, struct cv_str text, struct cv_info *ret);

/*
 * True when every stamp is as it was, and the loader would look in the same places. SEEN (may be
 * NULL) has just been looked at, and is not looked at again.
 */
bool cv_info_fresh(const struct cv_ctx *ctx, const struct cv_info *info, const struct cv_exe *seen);

/*
 * Is this something that an environment can be made from? Nothing in an answer of a program
 * is believed: absolute paths, safe names, lengths, a version that agrees with itself and is
 * not below 3.8. CVENV_EPYTHON, naming interpreter info->path.
 */
int cv_info_check(const struct cv_info *info, struct cvenv_error *err);

/* The one complaint about a Python that is too old; for callers that know no more than this. */
int cv_info_too_old(struct cvenv_error *err, const char *path, const char *version);

/* Stat PATH into *ret. A file that is missing or cannot be read counts as not present. */
void cv_stamp_take(const char *path, struct cv_stamp *ret);
/* From an open file's stat: then the stamp is of what was read. */
void cv_stamp_from(const char *path, const struct cv_os_stat *st, struct cv_stamp *ret);

#endif
