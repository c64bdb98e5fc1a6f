/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "interpreter/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct cv_info newest = {
	.version = "3.12.4",
	.major = 3,
	.minor = 12,
	.micro = 4,
	.pre = "",
	.implementation = "cpython",
	.platform = "linux-x86_64-gnu",
	.bits64 = true,
};

static bool within(struct cv_str part, const char *text)
{
	return part.n == 0 || (part.p >= text && part.p + part.n <= text + strlen(text));
}

/* What a request consists of is part of it, and what fits may fit. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const char *text = cv_strdup(&arena, (struct cv_str){ (const char *)data, size });
	const struct cv_pyversion said = { 3, 12, CV_VERSION_ANY, false, 0 };
	struct cv_pyspec spec;

	cv_pyspec_parse(text, &spec);
	if (cv_pyspec_is_request(text) != (spec.kind == CV_PYSPEC_REQUEST))
		abort();
	if (!within(spec.exact, text) || !within(spec.specifiers, text) ||
		!within(spec.system, text) || !within(spec.machine, text) ||
		!within(spec.libc, text))
		abort();
	if (spec.kind != CV_PYSPEC_REQUEST)
		return 0;
	if (cv_pyspec_fits_info(&spec, &newest) && !cv_pyspec_may_fit(&spec, "cpython", &said))
		abort();
	return 0;
}
