/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_WINDOWS_COMMAND_LINE_H
#define CV_OS_WINDOWS_COMMAND_LINE_H

#include <wchar.h>

/*
 * What CreateProcessW() takes instead of argv and envp. Results are malloc'd. -ENOMEM, -EILSEQ:
 * text that is not UTF-8.
 */

/* CommandLineToArgvW() and the C library of the program make ARGV of it again. -E2BIG. */
int cv_nt_command_line(const char *const *argv, wchar_t **ret);

/* "NAME=VALUE" each, sorted by NAME without regard to case. ENVP may be NULL. */
int cv_nt_environment(const char *const *envp, wchar_t **ret);

#endif
