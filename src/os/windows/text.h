/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_WINDOWS_TEXT_H
#define CV_OS_WINDOWS_TEXT_H

#include <stddef.h>
#include <wchar.h>

/*
 * UTF-8 to UTF-16 and back. A surrogate without its other half, which names on Windows may contain,
 * becomes three bytes (WTF-8), so that every name survives the way there and back.
 */

/*
 * Both return the length without the NUL, or an error: -ENAMETOOLONG, it does not fit into ROOM
 * with its NUL; -EILSEQ, S is not UTF-8. 3 * N + 1 bytes are enough for N units.
 */
int cv_nt_to_wide(const char *s, wchar_t *ret, size_t room);
int cv_nt_to_utf8(const wchar_t *s, size_t n, char *ret, size_t room);

/* The same, malloc'd. 0, -ENOMEM, -EILSEQ. */
int cv_nt_wide(const char *s, wchar_t **ret);
int cv_nt_utf8(const wchar_t *s, char **ret);

#endif
