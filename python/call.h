/* SPDX-License-Identifier: MIT */
#ifndef CVENV_CALL_H
#define CVENV_CALL_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cli/package.h"
#include "cvenv.h"

/*
 * One call of the library from Python. Options come from a dict, and errors become exceptions.
 *
 *	c = call_new(options, warn);
 *	path = call_bytes(c, env_dir, CV_MEMBER_PATH);
 *	call_leave(c);
 *	rc = cvenv_...(..., &c->error);
 *	call_enter(c);
 *	answer = rc == 0 ? call_to_dict(&result, cv_package_result) : call_fail(c, module);
 *	call_done(c);
 *
 * The GIL is not held between call_leave() and call_enter(). The library's callbacks take it: they
 * call WARN with each warning, and handle Ctrl-C. An exception in one of them interrupts the
 * library, and call_fail() raises it.
 */
struct call {
	PyObject *keep; /* a list of the objects to which the structs point */
	struct cvenv_options options;
	struct cvenv_error error;
	struct cv_arena arena; /* cwd, envp */
	PyObject *warn;        /* borrowed; or None */
	PyThreadState *thread; /* while the GIL is released */
	volatile int stop;     /* nonzero if an exception is set */
};

/* OPTIONS is a dict. Returns NULL with an exception set. */
struct call *call_new(PyObject *options, PyObject *warn);
void call_done(struct call *c); /* C may be NULL */

void call_leave(struct call *c);
void call_enter(struct call *c);

/* The bytes of TEXT, valid until call_done(). Returns NULL with an exception set. */
const char *call_bytes(struct call *c, PyObject *text, enum cv_member_kind kind);

PyObject *call_text(const char *bytes); /* the same, back */

/* Copy the members in DICT to the struct at BASE. Returns -1 with an exception set. */
int call_from_dict(struct call *c, void *base, const struct cv_member *members, PyObject *dict);
/* A dict of the members that are not NULL, false or 0. */
PyObject *call_to_dict(const void *base, const struct cv_member *members);

/* After an error of the library: set an exception, unless a signal handler has, and return NULL. */
PyObject *call_fail(struct call *c, PyObject *module);

#endif
