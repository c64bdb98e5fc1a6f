/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_SWEEP_H
#define CV_FS_SWEEP_H

#include <stdbool.h>

#include "os/os.h"

/*
 * Delete what killed processes left in DIR:
 *
 * - staging directories of this user that are not locked;
 * - environments of this user that were renamed aside for --clear, are not locked, and whose place
 *   is taken. If it is not, they are put back there;
 * - temporary files of this user whose process does not exist. A process of another PID namespace
 *   cannot be seen: if its file is deleted, its cv_replace_file() fails.
 *
 * If others may rename entries of DIR, only directories with the mode of a staging directory are
 * deleted. A process locks a staging directory, and an environment that it renames aside, as long
 * as it needs it. The system releases the lock when the process ends. Errors are ignored.
 */
void cv_stage_sweep(struct cv_os_dir dir);

/* Only put environments back. True if there was one. */
bool cv_stage_put_back(struct cv_os_dir dir);

#endif
