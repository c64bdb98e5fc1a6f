/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "wheel/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written and read again is the same, row by row. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cvenv_error err;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf text OWN_BUF = { 0 };
	struct cv_record_row *rows, *again;
	size_t count, count_again;

	if (cv_record_parse(
		    &arena, (struct cv_str){ (const char *)data, size }, &rows, &count, &err) < 0)
		return 0;
	cv_record_sort(rows, count);
	cv_record_write(&text, rows, count);
	if (cv_record_parse(&arena, cv_buf_slice(&text), &again, &count_again, &err) < 0 ||
		count != count_again)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (!cv_str_eq(rows[i].path, again[i].path) ||
			!cv_str_eq(rows[i].hash, again[i].hash) ||
			!cv_str_eq(rows[i].size, again[i].size))
			abort();
	}
	return 0;
}
