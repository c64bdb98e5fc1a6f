/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_SYSTEM_H
#define CV_BASE_SYSTEM_H

#include <errno.h>
#include <limits.h>

/*
 * The system that cvenv is built for. Code shared by all systems asks `if (CV_WINDOWS)`, so that
 * every system compiles both branches. Only this file and src/os/ test macros of the compiler.
 *
 * Which kind of Python the base interpreter is, is another question: see struct cv_info.
 *
 * CV_MACOS only selects places and names; its system calls are those of os/darwin/.
 *
 * CV_PATH_MAX is the room for a path with its NUL, CV_NAME_MAX the length of its longest component.
 *
 * CV_SHEBANG_MAX is the length of the first line of a script, with "#!" and its end, that every
 * supported version of the system reads. It is that of pip. Linux reads 127 bytes before 5.1, and
 * 256 since; macOS 512; FreeBSD a page.
 */
enum {
#ifdef _WIN32
	CV_WINDOWS = 1,
	CV_PATH_MAX = 4096,    /* NT's limit is 32767 UTF-16 units: too much for a stack */
	CV_NAME_MAX = 3 * 255, /* in UTF-8; the limit is 255 UTF-16 units */
#else
	CV_WINDOWS = 0,
	CV_PATH_MAX = PATH_MAX,
	CV_NAME_MAX = NAME_MAX,
#endif
#ifdef __APPLE__
	CV_SHEBANG_MAX = 512,
#else
	CV_SHEBANG_MAX = 127,
#endif
#ifdef __APPLE__
	CV_MACOS = 1,
#else
	CV_MACOS = 0,
#endif
};

/* Errors that <errno.h> lacks on Windows, as the code to which callers react in the same way. */
#ifndef EDQUOT
#define EDQUOT ENOSPC
#endif
#ifndef ESTALE
#define ESTALE ENOENT
#endif

/* The format of printf() as C11 has it; without "gnu_", gcc means that of Windows. */
#if defined(_WIN32) && !defined(__clang__)
#define CV_PRINTF(format_at, arguments_at) \
	__attribute__((format(gnu_printf, format_at, arguments_at)))
#else
#define CV_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))
#endif

#endif
