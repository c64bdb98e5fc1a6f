/* SPDX-License-Identifier: MIT */
#ifndef CVENV_CALL_H
#define CVENV_CALL_H

#include <Python.h>

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "cvenv.h"

/*
 * One call of the library from Python: its options from a dict, its errors as exceptions.
 *
 *	c = call_new(options, warn);
 *	path = call_bytes(c, env_dir, PATH);
 *	call_leave(c);
 *	rc = cvenv_...(..., &c->error);
 *	call_enter(c);
 *	answer = rc == 0 ? call_to_dict(&result, call_result_members) : call_fail(c, module);
 *	call_done(c);
 *
 * The GIL is not held between call_leave() and call_enter(); the library's callbacks take it while
 * they run: WARN is called with each warning, and Ctrl-C is noticed. An exception from either
 * stops the library, and is what call_fail() leaves.
 */
enum kind {
	TEXT, /* str, as UTF-8 */
	PATH, /* str or path-like, in the encoding of file names */
	FLAG,
	NUMBER, /* unsigned, or an enum */
};

struct member {
	const char *name;
	enum kind kind;
	size_t at;
};

/* Of struct cvenv_options, cvenv_context and cvenv_result; the last one has no name. */
extern const struct member call_option_members[], call_context_members[], call_result_members[];

struct call {
	PyObject *keep; /* a list of what the structures point into */
	struct cvenv_options options;
	struct cvenv_error error;
	char **envp;
	char cwd[PATH_MAX];
	PyObject *warn;        /* borrowed; or None */
	PyThreadState *thread; /* while the GIL is released */
	volatile int stop;     /* an exception is set */
};

/* OPTIONS is a dict. NULL with an exception. */
struct call *call_new(PyObject *options, PyObject *warn);
void call_done(struct call *c); /* NULL is fine */

void call_leave(struct call *c);
void call_enter(struct call *c);

/* The bytes of TEXT, which live as long as the call. NULL with an exception. */
const char *call_bytes(struct call *c, PyObject *text, enum kind kind);

/* The members that DICT has, into the structure at BASE. -1 with an exception. */
int call_from_dict(struct call *c, void *base, const struct member *members, PyObject *dict);
/* The members that are neither NULL, false nor 0. */
PyObject *call_to_dict(const void *base, const struct member *members);

/* The library has failed: NULL with an exception, of a signal's handler if it has raised one. */
PyObject *call_fail(struct call *c, PyObject *module);

#endif
