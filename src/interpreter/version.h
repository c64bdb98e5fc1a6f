/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_VERSION_H
#define CV_INTERPRETER_VERSION_H

#include <stdbool.h>

#include "base/str.h"
#include "interpreter/info.h"

/* Versions of Python, as users write them and as version managers name their directories. */
enum {
	CV_VERSION_NAME_MAX = 128, /* longer than the names that managers use */
	CV_VERSION_ANY = -1,
};

struct cv_pyversion {
	int major, minor, micro; /* minor and micro may be CV_VERSION_ANY */
	bool free_threaded;
	int bits; /* 32 or 64; 0: wanted are any, and of an installed one unknown: 64 */
};

/*
 * Parses "3", "3.12" and "3.12.1", each optionally with "t" after it, "-32" or "-64" after that,
 * and "python" before it.
 */
bool cv_pyversion_parse(struct cv_str text, struct cv_pyversion *ret);

/* Parses the beginning of TEXT: "3.12" of "3.12.0rc1" is 3.12.0. */
bool cv_pyversion_begin(struct cv_str text, struct cv_pyversion *ret);

/*
 * Parses a tag of PEP 514: "3.12", "3.12-32", "3.13t-arm64", "CPython3.12.9". What follows an
 * unknown "-" is ignored.
 */
bool cv_pyversion_of_tag(struct cv_str tag, struct cv_pyversion *ret);

/*
 * Parses the directory name of an installed version: "3.12.1", "3.13.0t", "3.12.1-win32",
 * "cpython-3.13.0+freethreaded-...", "pythoncore-3.14-64" (micro is then CV_VERSION_ANY).
 */
bool cv_pyversion_of_dir(struct cv_str name, struct cv_pyversion *ret);

/* The name of its command: "python3", "python3.12", "python3.13t". NULL if memory is exhausted. */
char *cv_pyversion_command(struct cv_arena *a, const struct cv_pyversion *v);

/*
 * Is HAVE one of the versions that WANT stands for? It may be if HAVE does not say its micro, as in
 * the registry: ask the interpreter then.
 */
bool cv_pyversion_fits(const struct cv_pyversion *want, const struct cv_pyversion *have);

/* <0, 0, >0 by major, minor, 32 bits before others, micro. */
int cv_pyversion_cmp(const struct cv_pyversion *a, const struct cv_pyversion *b);

/*
 * Compares names with their numbers by value: "3.9" before "3.12". If one name is a prefix of the
 * other, the shorter is the greater ("3.12.1-debug" < "3.12.1").
 */
int cv_pyversion_name_cmp(struct cv_str a, struct cv_str b);

/*
 * May NAME be used as the directory of a version? It comes from files that anyone may have written.
 */
bool cv_pyversion_name_ok(struct cv_str name);

#endif
