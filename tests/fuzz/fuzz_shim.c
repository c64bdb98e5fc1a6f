/* SPDX-License-Identifier: MIT */
/* Its parsers are static: they are taken in whole. */
#include "../../src/interpreter/managers/choice.c"

#include <stdlib.h>

#include "base/own.h"
#include "interpreter/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cvenv_error err;

static void check_versions(const struct cv_choice *choice)
{
	if (choice->count > CV_CHOICE_MAX)
		abort();
	for (size_t i = 0; i < choice->count; i++) {
		struct cv_str v = choice->versions[i];

		if (!v.n || (cv_pyversion_name_ok(v) && memchr(v.p, '\0', v.n)))
			abort();
	}
}

/* What may become the name of a directory is one, and an order is an order. */
static void versions(struct cv_str text)
{
	struct cv_str a = { 0 }, b = { 0 }, c = text;
	struct cv_pyversion x, y;

	(void)cv_str_cut(&c, '\n', &a);
	(void)cv_str_cut(&c, '\n', &b);
	if (cv_pyversion_name_ok(a) && (!a.n || memchr(a.p, '/', a.n) == a.p))
		abort();
	if ((cv_pyversion_name_cmp(a, b) > 0) != (cv_pyversion_name_cmp(b, a) < 0) ||
		cv_pyversion_name_cmp(a, a) != 0)
		abort();
	if (cv_pyversion_name_cmp(a, b) <= 0 && cv_pyversion_name_cmp(b, c) <= 0 &&
		cv_pyversion_name_cmp(a, c) > 0)
		abort();
	if (cv_pyversion_parse(a, &x) && cv_pyversion_of_dir(b, &y) && cv_pyversion_fits(&x, &y) &&
		x.major != y.major)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const parser parsers[] = { parse_python_version, parse_tool_versions,
		parse_mise_toml };
	struct cv_str text = { (const char *)data, size };

	for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_choice choice = { 0 };
		struct reader r = { NULL, &arena, &choice, &err };

		if (parsers[i](&r, "file", text) == 0)
			check_versions(&choice);
	}
	versions(text);
	return 0;
}
