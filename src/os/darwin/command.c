/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <libproc.h>
#include <mach-o/dyld.h>

#include "posix.h"

bool cv_os_has_foreign_privileges(void)
{
	return issetugid() != 0;
}

const char *cv_os_program_path(void)
{
	static char path[CV_PATH_MAX];
	uint32_t room = sizeof(path);

	return _NSGetExecutablePath(path, &room) == 0 ? path : NULL;
}

bool cv_os_parent_name(char *ret, size_t room)
{
	return proc_name(getppid(), ret, (uint32_t)room) > 0;
}
