/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_ON_DISK_H
#define CV_INTERPRETER_ON_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * What the files of an installed Python say about its version, without running it. A program that
 * another user may have chosen (by pyvenv.cfg or a link of an environment) must not be run.
 *
 *	rc = cv_on_disk_read(&arena, "/opt/py/bin/python3.12", &is, err);
 *	if (rc == 0 && is.minor >= 0)
 *		...
 *
 * X.Y is that in the name of the file, else that of the only lib/pythonX.Y beside it. X.Y.Z is that
 * of its header patchlevel.h, which distributions may leave out. On Windows the header has both.
 */
struct cv_on_disk {
	bool pypy;
	int major, minor; /* -1: unknown */
	int micro;        /* -1: unknown */
};

/*
 * REAL is absolute and has no links. 0 also if nothing is known; negative: a temporary failure
 * (cv_err_passes()).
 */
int cv_on_disk_read(
	struct cv_arena *a, const char *real, struct cv_on_disk *ret, struct cvenv_error *err);

/*
 * The version in the name of a program or of a directory in lib: "python3.12", "python3.13t",
 * "pypy3.10", "python3.12.exe". False if it has none with both numbers.
 */
bool cv_on_disk_name(struct cv_str name, struct cv_on_disk *ret);

/* "3.12.1", or "3.12", from the beginning of a version as pyvenv.cfg has it. False if malformed. */
bool cv_on_disk_version(struct cv_str version, struct cv_on_disk *ret);

/* PY_VERSION of a patchlevel.h. False if it is missing or malformed. */
bool cv_on_disk_patchlevel(struct cv_str header, struct cv_on_disk *ret);

#endif
