/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "cli/allowed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* The exact line that allows it, at the start of TEXT or behind a newline. */
static bool has_line(struct cv_str text, const struct cv_permit *permit)
{
	OWN_BUF struct cv_buf line = { 0 };
	const char *at;

	cv_allowed_add(&line, (struct cv_str){ 0 }, permit, true);
	while (!line.bad && (at = cv_str_find(text, cv_buf_slice(&line)))) {
		size_t before = (size_t)(at - text.p);

		if (before == 0 || at[-1] == '\n')
			return true;
		text = (struct cv_str){ at + 1, text.n - before - 1 };
	}
	return line.bad;
}

/* Nothing but the exact line allows anything, and an answer changes only what is said about it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_BUF struct cv_buf list = { 0 }, path = { 0 };
	struct cv_permit fixed = { .path = "/home/me/p/.venv", .id = { 0xfd00, { 0x2a4f01, 0 } } };
	struct cv_permit any = fixed;
	struct cv_str text = { (const char *)data, size };
	int before;

	memset(fixed.sum, 'a', CV_SHA256_HEX);
	memset(any.sum, 'b', CV_SHA256_HEX);
	cv_buf_char(&path, '/');
	cv_buf_add(&path, data, size < 200 ? size : 200);
	if (path.bad)
		return 0;
	any.path = path.p; /* up to a NUL */
	before = cv_allowed_find(text, &fixed);
	must(before != CV_PERMISSION_YES || has_line(text, &fixed));
	for (int answer = 0; answer < 2; answer++) {
		list.n = 0;
		cv_allowed_add(&list, text, &any, answer);
		if (list.bad)
			break;
		must(list.n <= CV_ALLOWED_MAX);
		must(cv_allowed_find(cv_buf_slice(&list), &any) ==
			(answer ? CV_PERMISSION_YES : CV_PERMISSION_NO));
		must(strcmp(any.path, fixed.path) == 0 || size > CV_ALLOWED_MAX / 2 ||
			cv_allowed_find(cv_buf_slice(&list), &fixed) == before);
	}
	return 0;
}
