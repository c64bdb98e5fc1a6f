/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "fs/guard.h"

/* Mount points, for guard.h, from Linux's /proc/self/mountinfo, see proc(5). */

#define MOUNTINFO "/proc/self/mountinfo"

enum {
	MOUNT_POINT = 4, /* field, counted from 0 */
	OCTAL_DIGITS = 3,
	CHUNK = 4096,
};

static bool is_octal(struct cv_str s)
{
	if (s.n < OCTAL_DIGITS)
		return false;
	for (size_t i = 0; i < OCTAL_DIGITS; i++)
		if (s.p[i] < '0' || s.p[i] > '7')
			return false;
	return true;
}

/* Decode spaces, tabs, line ends and backslashes, written as "\040". False if it is too long. */
static bool unescape(struct cv_str text, char *ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		struct cv_str rest = { text.p + i + 1, text.n - i - 1 };
		char c = text.p[i];

		if (c == '\\' && is_octal(rest)) {
			c = (char)((rest.p[0] - '0') * 64 + (rest.p[1] - '0') * 8 +
				   (rest.p[2] - '0'));
			i += OCTAL_DIGITS;
		}
		if (n + 1 >= room)
			return false;
		ret[n++] = c;
	}
	ret[n] = '\0';
	return true;
}

static bool mount_point(struct cv_str line, char *ret, size_t room)
{
	struct cv_str field;

	for (int i = 0; cv_str_cut(&line, ' ', &field); i++)
		if (i == MOUNT_POINT)
			return unescape(field, ret, room);
	return false;
}

/* Read the whole file; /proc gives no size. 0 or -errno. */
static int read_mountinfo(struct cv_buf *b)
{
	OWN_FD int fd = open(MOUNTINFO, O_RDONLY | O_CLOEXEC);
	char chunk[CHUNK];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			cv_buf_add(b, chunk, (size_t)n);
	}
	if (n < 0)
		return -errno;
	return b->bad ? -ENOMEM : 0;
}

int cv_guard_mounted(int fd, char *ret_path, size_t room, struct cvenv_error *err)
{
	OWN_BUF struct cv_buf info = { 0 };
	char link[64], here[PATH_MAX];
	struct cv_str text, line;
	ssize_t n;
	int rc;

	/* The kernel's own path of the directory, without links, as in mountinfo. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, here, sizeof(here));
	if (n <= 0 || (size_t)n >= sizeof(here))
		return 0;
	rc = read_mountinfo(&info);
	if (rc < 0)
		return cv_err_passes(-rc) ? cv_fail(err, -rc, "cannot read '%s'", MOUNTINFO) : 0;
	text = cv_buf_slice(&info);
	while (cv_str_cut(&text, '\n', &line))
		if (mount_point(line, ret_path, room) && strncmp(ret_path, here, (size_t)n) == 0 &&
			ret_path[n] == '/')
			return 1;
	return 0;
}
