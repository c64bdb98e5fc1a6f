/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_REWRITE_H
#define CV_ENV_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "env/activate.h"

/*
 * The texts of a finished environment that name paths, for an environment that is in another place,
 * or a project that is: old bytes in, new bytes out. Nothing is read or written here;
 * finished/texts.h does that.
 *
 *	kind = cv_text_kind_of("bin/pip", "bin");
 *	rc = cv_rewrite(&to, &how, kind, "bin/pip", old, &left, &err);
 *	if (rc > 0)
 *		the new content is in TO
 */
enum cv_text_kind {
	CV_TEXT_NONE,
	CV_TEXT_CFG,         /* pyvenv.cfg */
	CV_TEXT_SCRIPT,      /* bin/NAME */
	CV_TEXT_LAUNCHER,    /* Scripts/NAME.exe, as distlib makes it */
	CV_TEXT_ACTIVATION,  /* bin/activate and the like */
	CV_TEXT_PTH,         /* NAME.pth */
	CV_TEXT_EGG_LINK,    /* NAME.egg-link */
	CV_TEXT_DIRECT_URL,  /* NAME.dist-info/direct_url.json */
	CV_TEXT_FINDER,      /* Python source that finds the modules of an editable project */
	CV_TEXT_KERNEL_JSON, /* share/jupyter/kernels/NAME/kernel.json */
	CV_TEXT_RECORD,      /* NAME.dist-info/RECORD */
};

/* Two texts: a path before and after, or a key and its value. */
struct cv_pair {
	const char *from, *to;
};

/*
 * A file that was rewritten. RECORDs have its hash and size, and a forged one may have them in a
 * million rows.
 */
struct cv_rewritten {
	const char *path;                /* relative to the environment */
	const char *old_hash, *new_hash; /* as in RECORD */
	size_t new_size;
};

/*
 * What changes. Paths are absolute and normalised. Of several `from` that a path is below, the
 * longest one counts, and it is replaced once. "/a/env" is not above "/a/env2".
 */
struct cv_rewriting {
	const struct cv_pair *pairs;
	size_t count;
	const char *env_dir; /* where the environment will be: the `to` of some pairs */
	const char *bin;     /* "bin", "Scripts" */

	/*
	 * The interpreters in bin. A script whose interpreter is none of them gets the first one.
	 * Empty: every name exists.
	 */
	const char *const *interpreters;
	size_t interpreter_count;
	bool beside; /* scripts find the interpreter in their own directory (wheel/scripts.h) */
	/*
	 * Names in bin: of scripts that get an interpreter of this bin, whatever they run now, and
	 * of activation scripts that cvenv's replace.
	 */
	const char *const *repaired;
	size_t repaired_count;

	const struct cv_pair *settings; /* keys of pyvenv.cfg, and the values that they get */
	size_t setting_count;

	/*
	 * Activation scripts. `activate` describes the new environment; its prompt is needed, and
	 * `old_prompt` if that was another one than the last component of a `from`. `scripts` does
	 * not count. cvenv generates its own again. In others, words are replaced. If a
	 * shell would read these in another way, or reads them so already, cvenv's script replaces
	 * the file.
	 */
	struct cv_activate activate;
	const char *old_prompt;
	bool named;          /* scripts contain the prompt as text, as those of venv do */
	bool new_prompt;     /* it was asked for, so they must, if it differs from the old one */
	bool new_activation; /* cvenv's replace all of them */
	const struct cv_ctx *ctx; /* gets a warning for each one that is replaced; may be NULL */

	const struct cv_rewritten *done; /* for RECORDs: sorted by cv_rewritten_sort() */
	size_t done_count;
};

/*
 * Add to `pairs`, of which there are few, that FROM becomes TO; nothing if these are the same, or
 * if FROM has a pair already. Both are borrowed. False: memory is exhausted.
 */
bool cv_rewriting_add(
	struct cv_arena *a, struct cv_rewriting *how, const char *from, const char *to);

/* False: memory is exhausted. PATH is borrowed. */
bool cv_rewritten_set(struct cv_arena *a, const char *path, struct cv_str old, struct cv_str new,
	struct cv_rewritten *ret);

void cv_rewritten_sort(struct cv_rewritten *files, size_t count);

/*
 * By name and place only: PATH is relative to the environment. Of Python files that have no name of
 * their own kind (CV_TEXT_FINDER), the caller must know what they are.
 */
enum cv_text_kind cv_text_kind_of(const char *path, const char *bin);

/*
 * Append the new content of PATH to TO and return 1, or return 0 if nothing changes, or a negative
 * error: -ENOMEM only. *RET_LEFT: the text (that is, the new one) still contains a `from`, in a
 * place or a form that is not known. A malformed text is no error: it does not change.
 */
int cv_rewrite(struct cv_buf *to, const struct cv_rewriting *how, enum cv_text_kind kind,
	const char *path, struct cv_str old, bool *ret_left, struct cvenv_error *err);

/* What PATH becomes: *RET, in the arena. False if it is not below a `from`. NULL: no memory. */
bool cv_rewrite_path(
	struct cv_arena *a, const struct cv_rewriting *how, struct cv_str path, char **ret);

/*
 * Does DATA, of any kind, contain a `from` that a separator, a quote, white space, a control
 * character or the end follows? Not counted are those that are a part of a `to`.
 */
bool cv_rewrite_mentions(const struct cv_rewriting *how, struct cv_str data);

/* Only those that begin at offsets from BEGIN up to END. */
bool cv_rewrite_mentions_in(
	const struct cv_rewriting *how, struct cv_str data, size_t begin, size_t end);

#endif
