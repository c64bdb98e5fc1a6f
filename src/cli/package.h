/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PACKAGE_H
#define CV_CLI_PACKAGE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "cli/options.h"
#include "cvenv.h"

/*
 * What the Python package needs of cvenv. Its extension calls this in the process of Python.
 * Without the extension the package runs the command, see request.h.
 */
enum cv_member_kind {
	CV_MEMBER_TEXT,  /* UTF-8 */
	CV_MEMBER_PATH,  /* in the encoding of file names; on Windows UTF-8 */
	CV_MEMBER_PATHS, /* an array of such, NULL-terminated */
	CV_MEMBER_FLAG,
	CV_MEMBER_NUMBER, /* unsigned, or an enum */
};

struct cv_member {
	const char *name;
	enum cv_member_kind kind;
	size_t at;
};

/* The members of struct cvenv_options, _context and _result. The last element has no name. */
extern const struct cv_member cv_package_options[], cv_package_context[], cv_package_result[];

/* The member NAME, or NULL. */
const struct cv_member *cv_member_of(const struct cv_member *members, struct cv_str name);

/*
 * Parse ARGV as cvenv.main() does: as the command, with the variables and configuration files, but
 * the default of -p is the Python that calls. *RET_NAMED becomes the directory of -n, or NULL.
 */
int cv_package_parse(const struct cv_ctx *ctx, struct cv_arena *a, int argc, char **argv,
	struct cv_options *ret, const char **ret_named, struct cvenv_error *err);

/*
 * Begin an environment, set CONTEXT (NULL: none), and run the step STEP, the name of a method of
 * EnvBuilder or "begin", which runs none. *RET must be closed with cvenv_end(), also after an
 * error. CVENV_EUSAGE if there is no such step.
 */
int cv_package_step(struct cvenv *session, const char *env_dir, const char *step,
	const struct cvenv_context *context, struct cvenv_env **ret, struct cvenv_error *err);

#endif
