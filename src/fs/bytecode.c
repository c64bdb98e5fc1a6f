/* SPDX-License-Identifier: MIT */
#include "fs/bytecode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/own.h"

#define CACHE "__pycache__/"

enum {
	/* Four words, little-endian: magic number, flags, then time and size of the source, or its
	 * hash. */
	WORD = 4,
	FLAGS_AT = 4,
	MTIME_AT = 8,
};

bool cv_is_bytecode(const char *path)
{
	return cv_str_ends(cv_str(path), CV_LIT(".pyc"));
}

bool cv_bytecode_source(char *path)
{
	char *slash = strrchr(path, '/');
	char *name = slash ? slash + 1 : path;
	size_t len = strcspn(name, ".");
	char *to;

	if ((size_t)(name - path) < strlen(CACHE) ||
		strncmp(name - strlen(CACHE), CACHE, strlen(CACHE)) != 0)
		return false;
	to = name - strlen(CACHE);
	memmove(to, name, len);
	memcpy(to + len, ".py", sizeof(".py"));
	return true;
}

int cv_bytecode_redate(int dir_fd, const char *name, const struct stat *source, struct cv_err *err)
{
	static const char by_time[WORD];
	OWN_FD int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	char word[WORD];
	int code;

	if (fd < 0)
		return cv_fail(err, errno, "cannot open '%s'", name);
	if (pread(fd, word, WORD, FLAGS_AT) != WORD || memcmp(word, by_time, WORD) != 0)
		return 0;
	for (int i = 0; i < WORD; i++)
		word[i] = (char)((uint32_t)source->st_mtim.tv_sec >> 8 * i & 0xff);
	if (pwrite(fd, word, WORD, MTIME_AT) != WORD) {
		code = errno;
		return cv_fail(err, code, "cannot write '%s'", name);
	}
	code = close(take_fd(&fd)) < 0 && errno != EINTR ? errno : 0;
	return code ? cv_fail(err, code, "cannot write '%s'", name) : 0;
}
