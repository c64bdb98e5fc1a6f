/* SPDX-License-Identifier: MIT */
#include "cli/shell.h"

#include <stdlib.h>

#include "os/command.h"

void cv_shell_names(char comm[CV_COMM_MAX], const char *names[3])
{
	const char *const found[] = { cv_os_parent_name(comm, CV_COMM_MAX) ? comm : NULL,
		getenv("SHELL") };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i])
			names[n++] = found[i];
	names[n] = NULL;
}
