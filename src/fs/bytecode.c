/* SPDX-License-Identifier: MIT */
#include "fs/bytecode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/own.h"

#define CACHE "__pycache__/"

uint32_t cv_pyc_get(const char word[CV_PYC_WORD])
{
	const unsigned char *b = (const unsigned char *)word;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void cv_pyc_put(char ret_word[CV_PYC_WORD], uint32_t value)
{
	for (int i = 0; i < CV_PYC_WORD; i++)
		ret_word[i] = (char)(value >> 8 * i & 0xff);
}

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

int cv_bytecode_redate(
	int dir_fd, const char *name, const struct stat *source, struct cvenv_error *err)
{
	OWN_FD int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	char word[CV_PYC_WORD];
	ssize_t n;
	int code;

	if (fd < 0)
		return cv_fail(err, errno, "cannot open '%s'", name);
	if (pread(fd, word, CV_PYC_WORD, CV_PYC_FLAGS_AT) != CV_PYC_WORD ||
		cv_pyc_get(word) != CV_PYC_BY_TIME)
		return 0;
	cv_pyc_put(word, (uint32_t)source->st_mtim.tv_sec);
	n = pwrite(fd, word, CV_PYC_WORD, CV_PYC_MTIME_AT);
	if (n != CV_PYC_WORD)
		return cv_fail(err, n < 0 ? errno : EIO, "cannot write '%s'", name);
	code = close(take_fd(&fd)) < 0 && errno != EINTR ? errno : 0;
	return code ? cv_fail(err, code, "cannot write '%s'", name) : 0;
}
