/* SPDX-License-Identifier: MIT */
#ifndef CV_BYTECODE_H
#define CV_BYTECODE_H

#include <sys/stat.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Bytecode (PEP 552) holds the time of its source, by which Python tells whether it is stale.
 */

bool cv_is_bytecode(const char *path);

/*
 * Turn the name of bytecode into that of its source: "p/__pycache__/a.cpython-313.pyc" into
 * "p/a.py". False when PATH is not such a name.
 */
bool cv_bytecode_source(char *path);

/*
 * Give the bytecode NAME below DIR_FD, a file of our own, the time that its source has. Bytecode
 * that holds a hash of its source stays as it is.
 */
int cv_bytecode_redate(int dir_fd, const char *name, const struct stat *source, struct cv_err *err);

#endif
