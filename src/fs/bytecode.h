/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_BYTECODE_H
#define CV_FS_BYTECODE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "os/os.h"

/*
 * Bytecode (PEP 552) begins with four little-endian words: a magic number, flags, then time and
 * size of the source, or its hash. Python compares these to find stale bytecode.
 */
enum {
	CV_PYC_WORD = 4,
	CV_PYC_FLAGS_AT = 4,
	CV_PYC_MTIME_AT = 8,
	CV_PYC_SIZE_AT = 12,
	CV_PYC_HEADER = 16,
};

/* Flags. */
enum { CV_PYC_BY_TIME = 0, CV_PYC_BY_HASH = 1, CV_PYC_BY_HASH_CHECKED = 3 };

uint32_t cv_pyc_get(const char word[CV_PYC_WORD]);
void cv_pyc_put(char ret_word[CV_PYC_WORD], uint32_t value);

bool cv_is_bytecode(const char *path);

/*
 * Turn the path of a bytecode file into that of its source: "p/__pycache__/a.cpython-313.pyc" into
 * "p/a.py". False when PATH is not the path of bytecode.
 */
bool cv_bytecode_source(char *path);

/*
 * Write SOURCE's modification time into the bytecode NAME below AT. The file must not be shared by
 * hard links. Bytecode that contains a hash of its source is not changed.
 */
int cv_bytecode_redate(struct cv_os_dir at, const char *name, const struct cv_os_stat *source,
	struct cvenv_error *err);

#endif
