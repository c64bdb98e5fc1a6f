/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_FD_H
#define CV_TEST_FD_H

#include "os/os.h"

/* The descriptor behind a handle, for calls that only tests make. */
static inline int test_fd(struct cv_os_dir dir)
{
	return (int)dir.handle - 1;
}

#endif
