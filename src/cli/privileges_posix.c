/* SPDX-License-Identifier: MIT */
#include "cli/privileges.h"

#include <errno.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <unistd.h>

bool cv_has_foreign_privileges(void)
{
	/* The kernel hands them to each program at its start: nothing has to be asked. */
	static const unsigned long types[] = { AT_UID, AT_EUID, AT_GID, AT_EGID };
	unsigned long id[sizeof(types) / sizeof(types[0])];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		errno = 0;
		id[i] = getauxval(types[i]);
		if (errno) /* not told */
			return getuid() != geteuid() || getgid() != getegid();
	}
	return id[0] != id[1] || id[2] != id[3];
}
