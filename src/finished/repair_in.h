/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_REPAIR_IN_H
#define CV_FINISHED_REPAIR_IN_H

#include "create/session.h"
#include "env/finding.h"
#include "finished/finished.h"
#include "finished/texts.h"

/* The parts of cv_repair(): for finished/repair*.c and recreate.c only. */
struct cv_repair {
	struct cv_session *session;
	const struct cvenv_options *request; /* that of the caller */
	struct cvenv_options how;            /* the session's request meanwhile */
	unsigned flags;
	struct cv_target target;
	struct cv_finished env;
	struct cv_findings *findings;
	bool has_base; /* session->info is the base interpreter, */
	bool rebase;   /* to which the interpreters and pyvenv.cfg must lead */
	bool recreate; /* it is another X.Y or implementation */
	struct cv_layout layout;
	struct cv_rewriting rewriting;
	struct cv_left left;
	bool needs_pip;
	bool published; /* `findings` are those afterwards */
};

/*
 * Find the base interpreter, if something needs it, and set `has_base`, `rebase` and `recreate`.
 * -CVENV_ENOPYTHON: there is none.
 */
int cv_repair_find_base(struct cv_repair *repair, struct cvenv_error *err);

/* Plan the interpreters in bin, and set the keys of pyvenv.cfg that name them. */
int cv_repair_plan_base(struct cv_repair *repair, struct cvenv_error *err);

/* Set `rewriting`: the places to be replaced, and which scripts are repaired. */
int cv_repair_set_texts(struct cv_repair *repair, struct cvenv_error *err);

#endif
