/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_OWN_H
#define CV_BASE_OWN_H

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Variables with these attributes are released at the end of their scope. Always initialise them at
 * the declaration; to keep the resource, move it out of the variable. os/os.h has the same for
 * files and directories:
 *
 *	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
 *	...
 *	*ret = cv_os_take_dir(&dir);
 */
#define OWN_MEM __attribute__((cleanup(cv_own_mem)))
#define OWN_BUF __attribute__((cleanup(cv_buf_done)))
#define OWN_ARENA __attribute__((cleanup(cv_arena_done)))

static inline void cv_own_mem(void *p)
{
	free(*(void **)p);
}

#endif
