/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_SHIMS_H
#define CV_CREATE_SHIMS_H

#include <stdbool.h>

#include "create/session.h"

/*
 * Implements cvenv_install_shims(). managers/own_shim.h describes the files, cli/shim.c is what
 * runs when a shim is started.
 *
 * Names are those of cv_candidate_name(). A name starts the first file on PATH that the shell would
 * start, except files in environments, which come and go, and our own shims in any directory. If
 * that is a shim of a version manager, our shim starts that one, so the choice stays with the
 * manager. What is no Python that cvenv supports gets no shim.
 *
 * The links in DIR are published like an environment: written into a staging directory and checked,
 * then moved by one rename each (fs/publish.h). Only links with our text are replaced or removed.
 */
int cv_shims_install(struct cv_session *session, struct cv_arena *arena, const char *dir,
	const char *command, bool dry_run, struct cvenv_shim **ret, size_t *ret_count,
	struct cvenv_error *err);

#endif
