/* SPDX-License-Identifier: MIT */
#include "fs/bytecode.h"

#include <string.h>

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

int cv_bytecode_redate(struct cv_os_dir at, const char *name, const struct cv_os_stat *source,
	struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char word[CV_PYC_WORD];
	int rc = cv_os_open(at, name, CV_OS_WRITE | CV_OS_NOFOLLOW, &file);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", name);
	if (cv_os_read_at(file, word, CV_PYC_WORD, CV_PYC_FLAGS_AT) != CV_PYC_WORD ||
		cv_pyc_get(word) != CV_PYC_BY_TIME)
		return 0;
	cv_pyc_put(word, (uint32_t)source->mtime.s);
	rc = cv_os_write_at(file, word, CV_PYC_WORD, CV_PYC_MTIME_AT);
	if (rc == 0)
		rc = cv_os_close(&file);
	return rc < 0 ? cv_fail(err, -rc, "cannot write '%s'", name) : 0;
}
