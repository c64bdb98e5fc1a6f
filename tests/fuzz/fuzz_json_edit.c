/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/own.h"
#include "wheel/json_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A string that is found, and replaced by itself, is found again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str text = { (const char *)data, size };

	for (int index = CV_JSON_VALUE; index < 2; index++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf again OWN_BUF = { 0 };
		struct cv_json_string found, other;
		const char *after;

		if (cv_json_find(&arena, text, "url", index, &found) != 1)
			continue;
		after = found.raw.p + found.raw.n;
		if (found.raw.n < 2 || found.raw.p < text.p || after > text.p + size)
			abort();
		cv_buf_add(&again, text.p, (size_t)(found.raw.p - text.p));
		cv_json_quote(&again, found.value);
		cv_buf_add(&again, after, (size_t)(text.p + size - after));
		if (again.n <= CV_JSON_TEXT_MAX &&
			(cv_json_find(&arena, cv_buf_slice(&again), "url", index, &other) != 1 ||
				!cv_str_eq(other.value, found.value)))
			abort();
	}
	return 0;
}
