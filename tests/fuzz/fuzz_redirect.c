/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "create/redirect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted is one line of the text, and reads the same when it is written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str text = { (const char *)data, size }, name = { 0 }, again = { 0 };
	struct cv_buf b = { 0 };

	if (cv_redirect_parse(text, &name))
		return 0;
	if (!name.n || name.p != text.p || name.n > text.n || text.n - name.n > 2 ||
		memchr(name.p, '\n', name.n) || memchr(name.p, '\0', name.n) || !cv_utf8_ok(name))
		abort();
	cv_buf_str(&b, name);
	cv_buf_char(&b, '\n');
	if (!b.bad && (cv_redirect_parse(cv_buf_slice(&b), &again) || !cv_str_eq(name, again)))
		abort();
	cv_buf_done(&b);
	return 0;
}
