/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/own.h"
#include "posix.h"

extern char **environ; /* FreeBSD declares it nowhere */

int64_t cv_os_pid(void)
{
	return getpid();
}

bool cv_os_process_alive(int64_t pid)
{
	return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

int64_t cv_os_monotonic_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void cv_os_sleep_ms(int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	(void)nanosleep(&t, NULL);
}

int cv_os_copy_environ(struct cv_arena *a, const char *const **ret)
{
	size_t count = 0;
	const char **copy;

	while (environ && environ[count])
		count++;
	copy = cv_new(a, const char *, count + 1);
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		copy[i] = cv_strdup(a, cv_str(environ[i]));
		if (!copy[i])
			return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

int cv_os_cwd(struct cv_arena *a, char **ret)
{
	OWN_MEM char *cwd = getcwd(NULL, 0);

	if (!cwd)
		return -errno;
	if (cwd[0] != '/') /* Linux: "(unreachable)/x" */
		return -ENOENT;
	*ret = cv_strdup(a, cv_str(cwd));
	return *ret ? 0 : -ENOMEM;
}
