/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_LIBRARY_WINDOWS_H
#define CV_BASE_LIBRARY_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Set *RET, a pointer to a function, to the function NAME of LIBRARY, a library of the system's
 * directory, which is loaded and stays so. False: it is missing.
 *
 * A program that is linked with a library takes it from its own directory first, which may be
 * "Downloads". Only a few libraries (kernel32, advapi32, ntdll, msvcrt) always come from the
 * system. All others are loaded by this function.
 */
bool cv_system_function(const wchar_t *library, const char *name, void *ret);

#endif
