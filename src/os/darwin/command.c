/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <libproc.h>

#include "posix.h"

bool cv_os_has_foreign_privileges(void)
{
	return issetugid() != 0;
}

bool cv_os_parent_name(char *ret, size_t room)
{
	return proc_name(getppid(), ret, (uint32_t)room) > 0;
}
