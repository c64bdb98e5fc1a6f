/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_OWN_SHIM_H
#define CV_INTERPRETER_MANAGERS_OWN_SHIM_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * The shims that --install-shims writes (create/shims.h) into a directory DIR:
 *
 *	DIR/python3.12            a link to ".shims/cvenv"; this text marks our own shims
 *	DIR/.shims/cvenv          a link to the command
 *	DIR/.shims/python3.12     a link to the interpreter
 *	DIR/.shims/python3.shim   the same, if that is a shim of a manager or a script
 *
 * Links need no quoting, and one call reads them. A shim whose command was removed is a broken
 * link, which a search of PATH skips.
 */
#define CV_OWN_SHIM_DIR ".shims"
#define CV_OWN_SHIM_COMMAND "cvenv"
#define CV_OWN_SHIM_LINK CV_OWN_SHIM_DIR "/" CV_OWN_SHIM_COMMAND
#define CV_OWN_SHIM_SEARCHES ".shim"

struct cv_own_shim {
	char *dir;    /* DIR */
	char *name;   /* "python3.12" */
	char *starts; /* the interpreter, absolute; NULL: the shim does not tell */
	/* The interpreter is a program that may search PATH for another one, and find DIR again. */
	bool searches;
};

/*
 * 1 and *ret if PATH is one of these shims, or a link to one; 0 if not, also if it cannot be read;
 * -ENOMEM. PATH may be relative to the current directory. Without links it costs one call.
 */
int cv_own_shim(struct cv_arena *arena, const char *path, struct cv_own_shim *ret);

#endif
