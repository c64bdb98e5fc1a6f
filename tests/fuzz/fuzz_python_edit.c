/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/own.h"
#include "env/pyvenv_cfg.h"
#include "wheel/python_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Literals are in the text, one after the other, and what repr() writes has the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_python_reader reader = { { (const char *)data, size } };
	const char *from = reader.rest.p, *end = from + size;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_python_literal literal, again;

	while (cv_python_next(&arena, &reader, &literal) > 0) {
		struct cv_buf repr OWN_BUF = { 0 };
		struct cv_python_reader other;

		if (literal.raw.n < 2 || literal.raw.p < from ||
			literal.raw.p + literal.raw.n > end)
			abort();
		from = literal.raw.p + literal.raw.n;
		if (!literal.value.p)
			continue;
		cv_repr(&repr, literal.value);
		other.rest = cv_buf_slice(&repr);
		if (cv_python_next(&arena, &other, &again) != 1 || other.rest.n ||
			!cv_str_eq(again.value, literal.value))
			abort();
	}
	return 0;
}
