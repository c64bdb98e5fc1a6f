/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_ACTIVATORS_H
#define CV_ENV_ACTIVATORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The shells for which there are activation scripts, and which of them an environment gets:
 *
 *	cv_activators_parse(list, &chosen, &bad);             // or CV_ACTIVATE_DEFAULT
 *	scripts = cv_activators_of(chosen, windows, minor);   // for cv_activate_plan()
 */
enum cv_activator {
	CV_ACTIVATE_POSIX,
	CV_ACTIVATE_FISH,
	CV_ACTIVATE_CSH,
	CV_ACTIVATE_POWERSHELL,
	CV_ACTIVATE_NUSHELL,
	CV_ACTIVATE_XONSH,
	CV_ACTIVATE_PYTHON,
	CV_ACTIVATE_BATCH,
	CV_ACTIVATORS,
};

/* Sets have the bits 1 << enum cv_activator, and these. */
enum {
	CV_ACTIVATE_PYDOC = 1U << CV_ACTIVATORS, /* pydoc.bat, on Windows only */
	CV_ACTIVATE_DEFAULT = 1U << CV_ACTIVATE_NUSHELL | 1U << CV_ACTIVATE_XONSH |
			      1U << CV_ACTIVATE_PYTHON | CV_ACTIVATE_PYDOC,
};

struct cv_activator_info {
	const char *name; /* its name in a list for cv_activators_parse() */
	const char *file; /* in bin; the user sources it */
};

/* Indexed by enum cv_activator. */
extern const struct cv_activator_info cv_activators[CV_ACTIVATORS];

/*
 * Parse a list of names with commas, "nushell,xonsh", as users write it. "" is an empty list,
 * spaces around names are ignored, and sh, bash, zsh and cshell are accepted, too. False for an
 * unknown name: then *ret_bad is that part of LIST.
 */
bool cv_activators_parse(struct cv_str list, unsigned *ret_chosen, struct cv_str *ret_bad);

/*
 * The scripts for an environment of Python 3.MINOR: the chosen ones, and always those that
 * CPython's venv writes on such a system. csh does not exist on Windows.
 */
unsigned cv_activators_of(unsigned chosen, bool windows, unsigned minor);

#endif
