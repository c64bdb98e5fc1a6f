/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_REMAINS_H
#define CV_FS_REMAINS_H

#include <stdbool.h>

#include "base/err.h"
#include "os/os.h"

/* The former pyvenv.cfg of an ENV_DIR that is being cleared in place: it marks that state. */
#define CV_CLEARING ".cvenv-clear"

enum { CV_FOREIGN_MAX = 600 }; /* for "directory/entry" */

/*
 * May the directory DIR be cleared without force? 1: it is an environment, the remains of one, or
 * empty. 0: no, because it contains *ret_foreign. Remains are:
 *
 * - a directory in which --clear was interrupted: it contains CV_CLEARING;
 * - a directory with only such entries as environments have (pyvenv.cfg, bin, lib, lib64, include,
 *   share, .gitignore, ...). If bin/activate is missing, the entries of these directories must be
 *   named like parts of an environment as well: other directories also have a bin and a lib.
 *
 * The checkout of a version control system never counts as an environment.
 */
int cv_remains(struct cv_os_dir dir, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err);

/* Do environments have an entry NAME at their top? */
bool cv_is_part(const char *name);

#endif
