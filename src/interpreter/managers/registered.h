/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_REGISTERED_H
#define CV_INTERPRETER_MANAGERS_REGISTERED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "interpreter/version.h"

/*
 * Pythons in the registry of Windows (PEP 514), below Software\Python\COMPANY\TAG. The keys of the
 * user come first, then those of the machine. An entry hides later ones of the same company and
 * tag. Other implementations are left out. Entries that cannot be understood, or whose program
 * needs arguments, are skipped: any program may write there.
 */
struct cv_registered {
	char *exe;                   /* absolute, normalised; the file may be missing */
	struct cv_pyversion version; /* `micro` may be CV_VERSION_ANY */
	bool core;                   /* company PythonCore: an installer of python.org */
};

enum { CV_REGISTERED_MAX = 256 };

/* At most CV_REGISTERED_MAX; more are ignored. None on other systems. Fails with -ENOMEM only. */
int cv_registered(struct cv_arena *arena, struct cv_registered **ret, size_t *ret_count,
	struct cvenv_error *err);

#endif
