/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PRIVILEGES_H
#define CV_CLI_PRIVILEGES_H

#include <stdbool.h>

/* Was this program started with other privileges than those of who started it, as set-user-id? */
bool cv_has_foreign_privileges(void);

#endif
