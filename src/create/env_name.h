/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_ENV_NAME_H
#define CV_CREATE_ENV_NAME_H

#include "base/err.h"

/*
 * Check the name of ENV_DIR, an absolute, normalised path: can a directory have it, and can the
 * environment be used there? Text only.
 */
int cv_env_name_check(const char *env_dir, struct cvenv_error *err);

#endif
