/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_CLONE_H
#define CV_FINISHED_CLONE_H

#include "create/session.h"
#include "cvenv.h"

/*
 * Make the environment DEST with everything that is in SRC: a copied tree (fs/copied.h), and in
 * its place each file that names a directory which has moved (finished/texts.h). These are SRC, all
 * other places that its files name as their environment, and the roots of HOW.
 *
 * DEST is missing or an empty directory, and appears whole in one step. SRC is only read. If
 * another program changes SRC meanwhile, all is done again; -EAGAIN after CV_ATTEMPTS_MAX attempts.
 *
 * cv_move() links or copies in the same way, and then removes SRC (fs/remove.h). CVENV_ECHANGED:
 * DEST is complete, but SRC could not be removed as a whole.
 *
 * FLAGS: CVENV_DRY_RUN. HOW may be NULL. Strings of *RET, and session->plan, are valid until the
 * next call for the session.
 */
int cv_clone(struct cv_session *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *err);
int cv_move(struct cv_session *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *err);

#endif
