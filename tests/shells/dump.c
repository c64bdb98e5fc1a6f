/* SPDX-License-Identifier: MIT */
/*
 * Appends the environment variables that it got to a file, exactly:
 *
 *	dump FILE LABEL
 *
 * writes LABEL and each NAME=VALUE, all ended by a NUL, then one more NUL, in a single
 * write(2). Thousands of these run in a test: it starts fast, and needs no PATH.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { RECORD_MAX = 1 << 18 };

static char record[RECORD_MAX];
static size_t used;

static int add(const char *text)
{
	size_t n = strlen(text) + 1;

	if (n > RECORD_MAX - 1 - used)
		return 1;
	memcpy(record + used, text, n);
	used += n;
	return 0;
}

int main(int argc, char **argv)
{
	int fd, bad = argc != 3 || add(argv[2]);

	for (char **var = environ; !bad && var && *var; var++)
		bad = add(*var);
	if (bad)
		return 2;
	used++;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0666);
	return fd < 0 || write(fd, record, used) != (ssize_t)used;
}
