/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_ALLOWED_H
#define CV_CLI_ALLOWED_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"
#include "os/os.h"

/*
 * What the user has answered when a shell was about to enter an environment by itself: the file
 * cvenv/allowed in $XDG_STATE_HOME, else in ~/.local/state. One line for each environment:
 *
 *	yes 3c9a...f1 fd00:2a4f01:0 /home/me/project/.venv
 *
 * The answer, the SHA-256 of the activation scripts, the identity of the directory, and its path,
 * in which control characters and "%" are written as %XX. An answer counts for exactly this: after
 * any change there is none. A line that is anything else has no meaning. If the file has several
 * lines of one path, the last one counts.
 */
struct cv_permit {
	const char *path; /* absolute; any bytes */
	struct cv_os_id id;
	char sum[CV_SHA256_HEX + 1];
};

enum cv_permission {
	CV_PERMISSION_NONE,  /* never asked */
	CV_PERMISSION_OTHER, /* asked before, but the scripts or the directory were others */
	CV_PERMISSION_NO,
	CV_PERMISSION_YES,
};

enum { CV_ALLOWED_MAX = 1 << 20 }; /* bytes of the file */

/* What the content TEXT of the file says about PERMIT. -ENOMEM, or an enum cv_permission. */
int cv_allowed_find(struct cv_str text, const struct cv_permit *permit);

/*
 * Append TEXT to TO, with the line of PERMIT at the end instead of all lines of its path. The
 * oldest lines are left out if the result would be longer than CV_ALLOWED_MAX.
 */
void cv_allowed_add(
	struct cv_buf *to, struct cv_str text, const struct cv_permit *permit, bool answer);

/*
 * Read the file. *RET is empty if it is missing or too large. CVENV_EREFUSED if other users may
 * write to it, or if it is not a regular file. ENOENT: the home directory is unknown.
 */
int cv_allowed_read(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err);

/* Keep the answer: read the file again, add to it, and replace it. */
int cv_allowed_keep(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_permit *permit,
	bool answer, struct cvenv_error *err);

/* Does it belong to this user, or to the administrator? */
bool cv_is_trusted(const struct cv_os_stat *st);

#endif
