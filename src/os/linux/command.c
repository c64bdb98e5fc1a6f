/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "posix.h"

bool cv_os_has_foreign_privileges(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

const char *cv_os_program_path(void)
{
	return (const char *)(uintptr_t)getauxval(AT_EXECFN); /* 0: the kernel did not tell */
}

/* Where /proc tells. */
bool cv_os_parent_name(char *ret, size_t room)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char path[64];
	int64_t n = -1;

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", (long)getppid());
	if (cv_os_open(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &file) == 0)
		n = cv_os_read(file, ret, room - 1);
	if (n <= 0)
		return false;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}
