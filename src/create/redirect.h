/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_REDIRECT_H
#define CV_CREATE_REDIRECT_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"
#include "fs/target.h"

/*
 * Redirect files (PEP 832, a draft): a regular file with one line, in UTF-8, that names the
 * directory of an environment. virtualenv writes such a file as .venv, uv and editors read it. One
 * line end, "\n" or "\r\n", may follow the name. A relative name is relative to the directory of
 * the file. Nothing in it is expanded.
 *
 * A file of another name than .venv counts only if the directory exists: a line of text is not
 * meant as a redirect by itself.
 *
 * Any project that the user has checked out may contain one. So a redirect file only chooses among
 * directories in which cvenv can do no harm: see `redirect` in fs/target.h.
 */
enum { CV_REDIRECT_MAX = CV_PATH_MAX + 1 }; /* bytes of the file: a name and "\r\n" */

/*
 * *RET becomes the name in TEXT, the content of a redirect file. Returns NULL, or the reason why it
 * is not one: "it is empty". Names that readers of such files understand differently are refused:
 * with white space at an end, with a byte order mark.
 */
const char *cv_redirect_parse(struct cv_str text, struct cv_str *ret);

/*
 * *RET_PLACE becomes the directory that the redirect file FILE names: absolute, normalised, found
 * as the system does (".." after a link is the parent of its target). It may be missing. FILE is
 * absolute.
 *
 * -ENOTDIR: FILE is not a redirect file. *err then has the reason only if FILE is a regular file,
 * and keeps its value if not.
 */
int cv_redirect_read(struct cv_arena *a, const char *file, const char **ret_place,
	struct cv_os_stat *ret_st, struct cvenv_error *err);

/* Fill *err: FILE is not a redirect file, because of REASON. Returns -ENOTDIR. */
int cv_redirect_no(const char *file, const char *reason, struct cvenv_error *err);

/* What options.redirect does to one environment. All zero: nothing. */
struct cv_redirect {
	const char *file; /* absolute; names the environment afterwards; NULL: no file does */
	const char *text; /* its new content; NULL: it does not change */
	bool replaces;    /* `file` exists, as the file `id` */
	struct cv_os_id id;
};

/*
 * Decide what happens to the file options.redirect when an environment is created in TARGET.
 * Nothing if the file would be ENV_DIR itself, or leads to it already. Writes nothing. Refuses
 *
 * - to replace anything but a redirect file: a link, a directory, another file;
 * - to replace a redirect to an environment that cvenv did not create, as virtualenv keeps those
 *   that virtualenv did not create;
 * - a name that a redirect file cannot have.
 */
int cv_redirect_plan(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const struct cv_target *target,
	struct cv_redirect *ret, struct cvenv_error *err);

/*
 * Carry it out, after the environment was published. Other processes see the old file or the new
 * one. -EAGAIN: the file has changed since cv_redirect_plan(): plan again.
 */
int cv_redirect_write(
	struct cv_arena *a, const struct cv_redirect *redirect, struct cvenv_error *err);

#endif
