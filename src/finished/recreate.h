/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_RECREATE_H
#define CV_FINISHED_RECREATE_H

#include "finished/repair_in.h"

/*
 * Create the environment again for another Python, with the packages that it has now: a new one in
 * a hidden directory beside it, where pip installs the requirements. Then its files name ENV_DIR,
 * and it takes its place in one step. Until then, nothing has changed: CVENV_EPIP.
 *
 * The old one and all in it is deleted. So -CVENV_EREFUSED if it contains anything that
 * environments do not have, or the project of an editable requirement.
 */
int cv_recreate(struct cv_repair *repair, struct cvenv_change *ret, struct cvenv_error *err);

#endif
