/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_TEXTS_H
#define CV_FINISHED_TEXTS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "env/rewrite.h"
#include "fs/plan.h"

struct cv_copied;
struct cv_finished;

/*
 * Rewrite all texts of a finished environment that name paths: read each one by descriptor, without
 * following links, and add the changed ones to a plan. Clones, moves, repairs and packs use the
 * result, and rewrite nothing else.
 *
 *	struct cv_rewriting how = { .env_dir = "/new/env" };
 *	struct cv_left left = { 0 };
 *	rc = cv_texts_pairs(&arena, &finished, "/new/env", &how, &err);
 *	if (rc == 0)
 *		rc = cv_texts(ctx, &arena, &finished, &how, &plan, &left, &err);
 *
 * Of HOW, callers set `pairs`, `env_dir`, and what they want of `beside`, `settings` and
 * `new_activation`. `activate.prompt` is a new prompt for pyvenv.cfg and the activation scripts;
 * NULL keeps what the environment has. All else follows from the environment.
 */
struct cv_left {
	const char **paths; /* relative to the environment, sorted; NULL follows the last one */
	size_t count, room;
	const char *denied; /* a file or directory that this user may not read; NULL: none */
};

enum {
	CV_TEXTS_FILE_MAX = 8 << 20,  /* bytes of a text; RECORD: CV_RECORD_TEXT_MAX */
	CV_TEXTS_ALL_MAX = 512 << 20, /* of all changed texts, which are in memory */
	CV_TEXTS_MODULES_MAX = 1024,  /* that import lines of .pth files name */
};

/*
 * Set `env_dir` of *HOW, and add to its `pairs`: every name of the environment (env->names) and
 * every place where it was (env->recorded) becomes TO. If TO is env->env_dir, that is no pair.
 */
int cv_texts_pairs(struct cv_arena *a, const struct cv_finished *env, const char *to,
	struct cv_rewriting *how, struct cvenv_error *err);

/*
 * Appends to PLAN: a CVENV_ENTRY_FILE for each changed text, with the mode of the old file, RECORDs
 * last. Then a CVENV_ENTRY_REMOVE for the bytecode of changed Python files; it may not exist. A
 * plan for a new directory must not copy any of these paths. *RET gets the files that contain an
 * old path and do not change, or too large ones, or unreadable ones (`denied`), which may be what
 * a caller cannot accept. Errors: -ENOMEM, -EIO and others that say nothing about the files.
 */
int cv_texts(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_finished *env,
	const struct cv_rewriting *how, struct cv_plan *plan, struct cv_left *ret,
	struct cvenv_error *err);

/*
 * The same for the symbolic links of a copied environment, which moves from FROM to TO: they lead
 * to the same files, or to those that have moved along (env/moved_link.h).
 */
int cv_texts_links(struct cv_arena *a, const struct cv_rewriting *how, const char *from,
	const char *to, struct cv_copied *copied, struct cvenv_error *err);

#endif
