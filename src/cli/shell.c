/* SPDX-License-Identifier: MIT */
#include "cli/shell.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

/* The name of the process that started us, where /proc tells. */
static const char *parent_name(char comm[CV_COMM_MAX])
{
	char path[64];
	OWN_FD int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", (long)getppid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, comm, CV_COMM_MAX - 1);
	if (n <= 0)
		return NULL;
	comm[n] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
	return comm;
}

void cv_shell_names(char comm[CV_COMM_MAX], const char *names[3])
{
	const char *const found[] = { parent_name(comm), getenv("SHELL") };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i])
			names[n++] = found[i];
	names[n] = NULL;
}
