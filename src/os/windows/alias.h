/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_WINDOWS_ALIAS_H
#define CV_OS_WINDOWS_ALIAS_H

#include <stddef.h>

#include "os/registry.h"

/*
 * Parse the reparse data of an app execution alias: after the header of every reparse point, a
 * version of 32 bits and NUL-terminated texts: family name of the package, name of the app in it,
 * target, kind. 1 or -errno as cv_os_read_alias().
 */
int cv_nt_parse_alias(struct cv_arena *a, const void *data, size_t n, struct cv_os_alias *ret);

#endif
