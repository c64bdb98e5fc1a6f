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
#include "os/os.h"

/*
 * Everything that creating an environment needs to know about a base interpreter. cv_probe()
 * (probe.h) finds it out once, and the cache keeps it.
 *
 *	cv_info_encode(&buf, &info);                     // to the cache
 *	if (!cv_info_decode(&arena, text, &info) ||
 *		!cv_info_fresh(ctx, &info))
 *		rc = cv_probe(...);                      // a miss
 *
 * Every string is in an arena and never NULL; it is "" if there is no value.
 */

/* The state of a file on which interpreter info depends (links followed). */
struct cv_stamp {
	const char *path;
	bool present;
	struct cv_os_id id;
	uint64_t size;
	struct cv_os_time mtime, ctime;
};

struct cv_info {
	const char *path;       /* absolute, as found; not a shim; links not resolved */
	const char *executable; /* its sys.executable; may be in a virtual environment */

	/*
	 * The base interpreter: sys._base_executable, absolute, normalised, links not resolved. For
	 * a virtual environment it is computed as by getpath.py of 3.11 and later, for every
	 * version, and repeated until the result is outside all virtual environments.
	 */
	const char *base;
	const char *real;     /* realpath of base */
	const char *exe_name; /* the last component of base; decides the names in bin/ */
	/*
	 * For pyvenv.cfg: the first directory in the chain of links of base from which an
	 * interpreter finds the standard library of base. This is the directory of base itself,
	 * except if base is a link to a build that was moved, or to a build tree.
	 */
	const char *home;

	const char *version; /* "3.13.0", without a, b, rc */
	const char *pre;     /* "a1", "b2", "rc1" of a pre-release, else "" */
	unsigned major, minor, micro;
	const char *implementation; /* sys.implementation.name: "cpython", "pypy" */
	const char *cache_tag;      /* "" when None */
	const char *magic;          /* importlib.util.MAGIC_NUMBER in lower-case hex */
	const char *abiflags;       /* "d", "t" */
	bool free_threaded;
	bool bits64;          /* sys.maxsize > 2**32 */
	bool debug;           /* built with Py_DEBUG */
	const char *platform; /* "linux-x86_64-gnu", "darwin-arm64", "windows-amd64" */

	const char *stdlib; /* absolute */
	const char *platlibdir;
	/* sysconfig's scheme 'venv', relative to ENV_DIR; "" in 3.10 and older */
	const char *scheme_include, *scheme_purelib, *scheme_platlib, *scheme_scripts;

	/*
	 * The shared libpython or libpypy that a copy of the executable searches relative to itself
	 * ($ORIGIN in RPATH or RUNPATH), and its place relative to ENV_DIR for a copy in bin/. ""
	 * when a copy starts without it.
	 */
	const char *libpython, *libpython_dest;

	/* The wheels that the interpreter's ensurepip installs. */
	bool needs_setuptools; /* below 3.12 */
	const char *pip_wheel, *setuptools_wheel;
	/* hex, of the whole file; "" without a wheel */
	const char *pip_sha256, *setuptools_sha256;
	const char *wheel_dir; /* WHEEL_PKG_DIR */

	/*
	 * A Python for Windows (os.name is "nt"); the others are empty if it is not.
	 *
	 * `copies` are the programs in Scripts, as pairs for cv_info_pair(): name, and the file to
	 * copy. Usually that is a launcher, which starts the python.exe in `home`. The first name
	 * is that of the environment's interpreter. With --symlinks, `links` replaces it: pairs of
	 * a name, and the name of the file in the directory of `base`.
	 */
	bool windows;
	const char *machine; /* "amd64", "arm64", "x86": selects pip's launchers */
	const char *copies, *links;
	bool launcher_mtime;         /* copies get the time of their source, as from 3.13 on */
	const char *init_tcl;        /* of a Python built in its source tree; else "" */
	const char *real_executable; /* realpath of executable */

	bool cfg_python_version; /* its venv writes `python-version` into pyvenv.cfg (PEP 838) */

	/*
	 * False if `path` is a script: a wrapper or an unknown shim, which may start another
	 * interpreter next time. Its interpreter info is never fresh.
	 */
	bool cacheable;
	const char *library_path; /* LD_LIBRARY_PATH of the run: it may select the libpython */
	const struct cv_stamp *stamps;
	size_t stamp_count;
};

enum {
	CV_INFO_MAX = 256 * 1024, /* size of the encoded text */
	CV_STAMPS_MAX = 64,
	CV_PAIRS_MAX = 512,      /* in `copies` and in `links` */
	CV_PYTHON_MINOR_MIN = 8, /* cvenv supports 3.8 and later */
	CV_INFO_VERSION_ROOM = 32,
};

/* "3.15.0b1" */
void cv_info_full_version(const struct cv_info *info, char ret[CV_INFO_VERSION_ROOM]);

/* Appends. If memory is exhausted, b->bad is set. */
void cv_info_encode(struct cv_buf *b, const struct cv_info *info);

/*
 * The inverse. False when TEXT has another format, is truncated or corrupt (it contains a SHA-256),
 * or cv_info_check() refuses it; also when memory is exhausted.
 */
bool cv_info_decode(struct cv_arena *arena, struct cv_str text, struct cv_info *ret);

/* Do all stamps agree with their files, and is LD_LIBRARY_PATH the same? */
bool cv_info_fresh(const struct cv_ctx *ctx, const struct cv_info *info);

/*
 * Can an environment be made from this interpreter? Nothing that a program answers is trusted:
 * paths must be absolute, names safe, lengths limited, the version consistent and not below 3.8.
 * CVENV_EPYTHON, naming info->path.
 */
int cv_info_check(const struct cv_info *info, struct cvenv_error *err);

/* Cut the first pair off LIST, "NAME\nVALUE\nNAME\n...". False at the end. */
bool cv_info_pair(struct cv_str *list, struct cv_str *ret_name, struct cv_str *ret_value);

/* The error for a Python that is too old, also if nothing else about it is known. */
int cv_info_too_old(struct cvenv_error *err, const char *path, const char *version);

/* Stat PATH into *ret. A file that is missing or cannot be read counts as not present. */
void cv_stamp_take(const char *path, struct cv_stamp *ret);
/* The same from the stat of a file that is open, so that the stamp belongs to the content read. */
void cv_stamp_from(const char *path, const struct cv_os_stat *st, struct cv_stamp *ret);

#endif
