/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "wheel/first_line.h"
#include "wheel/scripts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted is in the text, and reads the same when cvenv writes it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str text = { (const char *)data, size };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf again OWN_BUF = { 0 };
	struct cv_first_line line, other;
	const char *end = text.p + size;

	if (cv_first_line_parse(&arena, text, &line) != 1)
		return 0;
	if (line.end > size || line.word.p < text.p || line.word.p + line.word.n > end ||
		(line.argument.n &&
			(line.argument.p < text.p || line.argument.p + line.argument.n > end)) ||
		!line.python.n || memchr(line.python.p, '\0', line.python.n))
		abort();
	if (line.form != CV_FIRST_LINE_BESIDE && line.python.p[0] != '/')
		return 0; /* one of Windows, for which cvenv writes launchers */
	if (line.form == CV_FIRST_LINE_BESIDE)
		cv_script_shebang_beside(&again, cv_strdup(&arena, line.python));
	else
		cv_script_shebang(&again, cv_strdup(&arena, line.python));
	if (again.n >= CV_FIRST_LINE_MAX)
		return 0; /* its quotes make it too long */
	if (cv_first_line_parse(&arena, cv_buf_slice(&again), &other) != 1 ||
		!cv_str_eq(other.python, line.python) || other.end != again.n)
		abort();
	return 0;
}
