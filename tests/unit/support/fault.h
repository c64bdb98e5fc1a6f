/* SPDX-License-Identifier: MIT */
#ifndef CV_FAULT_H
#define CV_FAULT_H

#include <stdbool.h>

/*
 * Makes one system call fail. In a program that is linked with FAULT_LINK_ARGS (meson.build),
 * system calls and functions such as malloc are counted.
 *
 *	for (int n = 1; ; n++) {
 *		fault_arm(n, ENOSPC);
 *		rc = what_is_tested();
 *		if (!fault_disarm())
 *			break;			// fewer than n calls: all were tried
 *		...
 *	}
 *
 * Only the n-th call fails. fault_name() tells which it was.
 */
void fault_arm(int nth, int code);
bool fault_disarm(void); /* true when the call was met and failed */
const char *fault_name(void);

/*
 * For the functions that replace those that are counted: is it this call that fails? errno is then
 * the error.
 */
bool fault_fails(const char *name);

/* The linker's --wrap: calls of NAME arrive at __wrap_NAME. */
#define FAULT_WRAP(type, name, params, args, failure)                       \
	type __real_##name params;                                          \
	type __wrap_##name params;                                          \
	type __wrap_##name params                                           \
	{                                                                   \
		return fault_fails(#name) ? (failure) : __real_##name args; \
	}

#endif
