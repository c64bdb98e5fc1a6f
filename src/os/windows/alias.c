/* SPDX-License-Identifier: MIT */
#include "alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "nt.h"
#include "text.h"
#include <winioctl.h>

enum {
	HEADER_BYTES = 8, /* tag, length of the rest, two reserved bytes */
	LENGTH_AT = 4,
	VERSION_BYTES = 4,
	ALIAS_VERSION = 3,
	DATA_MAX = 16 * 1024, /* the system's limit for a reparse point */
};

/* Cut the next text. -EINVAL: the data ends before its NUL, or it is empty. */
static int cut_text(struct cv_arena *a, const wchar_t **at, size_t *left, const char **ret)
{
	size_t n = 0;
	char *text;
	int rc;

	while (n < *left && (*at)[n])
		n++;
	if (n == 0 || n == *left)
		return -EINVAL;
	*ret = text = cv_new(a, char, 3 * n + 1);
	rc = text ? cv_nt_to_utf8(*at, n, text, 3 * n + 1) : -ENOMEM;
	*at += n + 1;
	*left -= n + 1;
	return rc < 0 ? rc : 0;
}

int cv_nt_parse_alias(struct cv_arena *a, const void *data, size_t n, struct cv_os_alias *ret)
{
	const char *bytes = data, *app;
	uint32_t version;
	uint16_t length;
	const wchar_t *at;
	wchar_t *texts;
	size_t left;
	int rc;

	if (n < HEADER_BYTES + VERSION_BYTES)
		return -EINVAL;
	memcpy(&length, bytes + LENGTH_AT, sizeof(length));
	memcpy(&version, bytes + HEADER_BYTES, sizeof(version));
	if (length < VERSION_BYTES || length > n - HEADER_BYTES || version != ALIAS_VERSION)
		return -EINVAL;
	left = (length - VERSION_BYTES) / sizeof(*texts);
	at = texts = cv_new(a, wchar_t, left + 1); /* aligned */
	if (!texts)
		return -ENOMEM;
	memcpy(texts, bytes + HEADER_BYTES + VERSION_BYTES, left * sizeof(*texts));
	rc = cut_text(a, &at, &left, &ret->package);
	if (rc == 0)
		rc = cut_text(a, &at, &left, &app);
	if (rc == 0)
		rc = cut_text(a, &at, &left, &ret->target);
	return rc < 0 ? rc : 1;
}

int cv_os_read_alias(struct cv_arena *a, const char *path, struct cv_os_alias *ret)
{
	OWN_NT_HANDLE HANDLE file = NULL;
	OWN_MEM char *data = NULL;
	struct cv_nt_kind kind;
	int rc = cv_nt_open_entry(CV_OS_ABSOLUTE, path, 0, &file, &kind);

	if (rc < 0 || kind.tag != IO_REPARSE_TAG_APPEXECLINK)
		return rc < 0 ? rc : 0;
	data = calloc(1, DATA_MAX);
	if (!data)
		return -ENOMEM;
	rc = cv_nt_error(cv_nt_control(file, FSCTL_GET_REPARSE_POINT, NULL, 0, data, DATA_MAX));
	return rc < 0 ? rc : cv_nt_parse_alias(a, data, DATA_MAX, ret);
}
