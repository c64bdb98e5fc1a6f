/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_MANAGERS_INSTALLED_H
#define CV_INTERPRETER_MANAGERS_INSTALLED_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "interpreter/version.h"

/*
 * The versions that are installed where no PATH leads: those of version managers (place.h), and on
 * Windows those of the registry (registered.h). Their files may be missing.
 */
struct cv_installed {
	struct cv_pyversion version;
	char *exe;                  /* absolute */
	bool core;                  /* an installer of python.org, or the Python install manager */
	bool only_said;             /* the registry may be out of date: ask EXE for its version */
	const char *origin;         /* "pyenv", "asdf", "mise", "uv", "pymanager", "registry" */
	const char *implementation; /* "cpython", "pypy", "graalpy"; NULL: its directory is "x" */
};

/*
 * List those that WANT stands for, the best first: newer before older. But of one minor version 64
 * bits are better than 32, then python.org's is better than any other. If WANT has no minor
 * version, python.org's is better even if it is older, as for the launcher py.
 *
 * If WANT is NULL, list all. Then also directories whose name is no version of CPython: `version`
 * is what the name begins with ("pypy3.10-7.3.17"), or its major version is CV_VERSION_ANY.
 */
int cv_installed(const struct cv_ctx *ctx, struct cv_arena *arena, const struct cv_pyversion *want,
	struct cv_installed **ret, size_t *ret_count, struct cvenv_error *err);

/*
 * Set the version and the implementation by NAME, which a manager has for a version or its
 * directory, as far as it says them: `version.major` may be CV_VERSION_ANY.
 */
void cv_installed_parse(struct cv_str name, struct cv_installed *ret);

#endif
