/* SPDX-License-Identifier: MIT */
/* One of its parsers is static: they are taken in whole. */
#include "../../src/interpreter/project.c"

#include <stdlib.h>

#include "base/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cvenv_error err;

/* Only requests leave a .python-version, in the order of their lines: no path, and no name. */
static void check_pins(const struct cv_pins *pins)
{
	int line = 0;

	if (pins->count > CV_PINS_MAX)
		abort();
	for (size_t i = 0; i < pins->count; i++) {
		const struct cv_pin *pin = &pins->list[i];

		if (pin->line <= line)
			abort();
		line = pin->line;
		if (pin->request &&
			(!cv_pyspec_is_request(pin->request) || strchr(pin->request, '/') ||
				!cv_utf8_plain(cv_str(pin->request))))
			abort();
	}
	if (pins->ignored_line && !cv_utf8_plain(cv_str(pins->ignored)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_str text = { (const char *)data, size };
	struct cv_requires requires = { .file = "/p/pyproject.toml" };
	static struct cv_pins pins;
	struct cv_toml *root;

	if (cv_pins_parse(&arena, "/p/.python-version", text, &pins, &err) == 0)
		check_pins(&pins);
	if (cv_toml_parse(&arena, requires.file, text, &root, &err) == 0 &&
		parse_requires(&arena, root, &requires, &err) == 0 && requires.specifiers &&
		!cv_specifiers_ok(cv_str(requires.specifiers)))
		abort();
	return 0;
}
