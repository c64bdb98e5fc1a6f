/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include <linux/random.h>
#include <sys/syscall.h>

#include "base/own.h"
#include "posix.h"

enum {
	PASSWD_MAX = 16 << 20,
	PASSWD_UID = 2, /* fields, counted from 0 */
	PASSWD_HOME = 5,
	CHUNK = 4096,
};

int cv_linux_read(const char *path, size_t max, struct cv_buf *b)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char chunk[CHUNK];
	int64_t n = cv_os_open(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &file);

	if (n < 0)
		return (int)n;
	while (b->n < max && (n = cv_os_read(file, chunk, sizeof(chunk))) > 0)
		cv_buf_add(b, chunk, (size_t)n);
	if (n < 0)
		return (int)n;
	return b->bad ? -ENOMEM : 0;
}

bool cv_os_random(void *ret, size_t n)
{
	return syscall(SYS_getrandom, ret, n, GRND_NONBLOCK) == (long)n;
}

/* The home directory in a line of the password file, if it is that of UID. */
static char *home_in(struct cv_arena *a, struct cv_str line, uid_t uid)
{
	struct cv_str field;
	uint64_t value;

	for (int i = 0; cv_str_cut(&line, ':', &field); i++) {
		if (i == PASSWD_UID && (!cv_str_u64(field, UINT32_MAX, &value) || value != uid))
			return NULL;
		if (i == PASSWD_HOME)
			return field.n && field.p[0] == '/' ? cv_strdup(a, field) : NULL;
	}
	return NULL;
}

static char *home_of(struct cv_arena *a, struct cv_str passwd, uid_t uid)
{
	struct cv_str line;

	while (cv_str_cut(&passwd, '\n', &line)) {
		char *home = home_in(a, line, uid);

		if (home)
			return home;
	}
	return NULL;
}

/* By the file: glibc loads libraries to answer getpwuid(3), which a static program cannot. */
size_t cv_os_homes(struct cv_arena *a, const char *ret[2])
{
	OWN_BUF struct cv_buf passwd = { 0 };
	const uid_t uids[2] = { geteuid(), getuid() };
	size_t n = 0;

	if (cv_linux_read("/etc/passwd", PASSWD_MAX, &passwd) < 0)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		ret[n] = home_of(a, cv_buf_slice(&passwd), uids[i]);
		n += ret[n] != NULL;
	}
	return n;
}
