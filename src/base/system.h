/* SPDX-License-Identifier: MIT */
#ifndef CV_SYSTEM_H
#define CV_SYSTEM_H
/*
 * The system that cvenv is built for. Code shared by all systems asks `if (CV_WINDOWS)`, so that
 * every system compiles both branches. Only this file and src/os/ test macros of the compiler.
 *
 * Which kind of Python the base interpreter is, is another question: see struct cv_info.
 */
enum {
#ifdef _WIN32
	CV_WINDOWS = 1,
#else
	CV_WINDOWS = 0,
#endif
};

#endif
