/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_CHOOSE_H
#define CV_INTERPRETER_CHOOSE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cvenv.h"
#include "interpreter/find.h"

/*
 * Who decides which Python is the base interpreter. The first of these that says something:
 *
 *	1. options.python, else the first of options.pythons that exists, which are -p
 *	2. $CVENV_PYTHON
 *	3. options.python, if options.python_source is a pyproject.toml: [tool.cvenv] python
 *	4. .python-version of the current directory or above it (project.h)
 *	5. options.default_python, which is python of the user's config.toml, else the first of
 *	   options.pythons that exists, if 1 and 3 have none
 *	6. the default of find.h
 *
 * If the default is a shim of pyenv, mise or asdf whose version the user has set in a variable,
 * such as $PYENV_VERSION, this comes before 3. If 4 is in a directory below that of 3, it comes
 * before 3, too: a nearer setting beats a farther one. options.no_config leaves out 3, 4 and 5.
 *
 * 3 and 4 may only be version requests (cv_pyspec_is_request). If one that was asked for is not
 * installed, that is an error, which never leads to another Python.
 *
 * In 1, 2, 3 and 5, "project" means: by requires-python of the nearest pyproject.toml. Without
 * "project", the next ones would choose a Python. If it fits, it is chosen, else the best that
 * fits. If no requires-python is found, that is an error for 1, 2 and 3, and 5 says nothing if
 * "project" is its last request. no_config does not change this.
 */
struct cv_chosen {
	char *path;         /* absolute, as by find.h */
	const char *source; /* options.python_source, "-p", "CVENV_PYTHON", "/a/.python-version",
			       "default"; lives as long as the arena and the options */
};

/* PROBER as for cv_python_find(). The message of an error begins with the source, except "-p". */
int cv_choose_python(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cvenv_options *options, const struct cv_prober *prober, struct cv_chosen *ret,
	struct cvenv_error *err);

#endif
