/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_OWN_H
#define CV_BASE_OWN_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Resources that release themselves at the end of their scope. Always
 * initialise at the declaration; hand over visibly:
 *
 *	OWN_FD int fd = openat(...);
 *	...
 *	*ret_fd = take_fd(&fd);
 */
#define OWN_FD __attribute__((cleanup(cv_own_fd)))
#define OWN_MEM __attribute__((cleanup(cv_own_mem)))
#define OWN_DIR __attribute__((cleanup(cv_own_dir)))
#define OWN_BUF __attribute__((cleanup(cv_buf_done)))
#define OWN_ARENA __attribute__((cleanup(cv_arena_done)))

static inline void cv_own_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* never retried: after EINTR the number may be another's */
}

static inline void cv_own_mem(void *p)
{
	free(*(void **)p);
}

static inline void cv_own_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
