/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <sys/param.h>

#include <sys/auxv.h>
#include <sys/sysctl.h>

#include <stdio.h>
#include <sys/user.h>

#include "posix.h"

bool cv_os_has_foreign_privileges(void)
{
	return issetugid() != 0;
}

const char *cv_os_program_path(void)
{
	static char path[CV_PATH_MAX];

	return elf_aux_info(AT_EXECPATH, path, sizeof(path)) == 0 ? path : NULL;
}

bool cv_os_parent_name(char *ret, size_t room)
{
	int name[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID, (int)getppid() };
	struct kinfo_proc info;
	size_t size = sizeof(info);

	if (sysctl(name, sizeof(name) / sizeof(name[0]), &info, &size, NULL, 0) < 0 ||
		size != sizeof(info) || info.ki_structsize != (int)sizeof(info))
		return false;
	(void)snprintf(ret, room, "%s", info.ki_comm);
	return true;
}
