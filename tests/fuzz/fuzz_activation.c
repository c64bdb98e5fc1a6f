/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "env/activation.h"
#include "env/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *file, *before;
	cv_quote_fn *quote;
} scripts[] = {
	{ "activate", "VIRTUAL_ENV=", cv_quote_posix },
	{ "activate.csh", "\"\"setenv VIRTUAL_ENV ", cv_quote_csh },
	{ "activate.fish", "set -gx VIRTUAL_ENV ", cv_quote_fish },
	{ "activate.nu", "    let dir = ", cv_quote_nushell },
	{ "activate.xsh", "    env_dir = ", cv_quote_python },
	{ "activate_this.py", "    env_dir = ", cv_quote_python },
};

enum { SCRIPTS = sizeof(scripts) / sizeof(scripts[0]) };

/* A script that names the directory DIR, quoted by env/quote.h, is understood as that. */
static void read_back(struct cv_str dir)
{
	for (size_t i = 0; i < SCRIPTS; i++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_buf b OWN_BUF = { 0 };
		struct cv_activation is;

		cv_buf_cstr(&b, scripts[i].before);
		if (!scripts[i].quote(&b, dir))
			continue;
		cv_buf_char(&b, '\n');
		if (b.bad ||
			cv_activation_read(&a, scripts[i].file, cv_buf_slice(&b), NULL, &is) < 0)
			continue;
		if (!is.dir || !cv_str_eq(cv_str(is.dir), dir) || is.form != CV_ACTIVATION_SOUND)
			abort();
	}
}

/* The first byte chooses the file, and a prompt is all up to the first NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = { "activate", "activate.csh", "activate.fish",
		"activate.nu", "activate.xsh", "activate_this.py", "activate.bat", "activate.ps1" };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str rest = { (const char *)data, size }, prompt = { 0 };
	struct cv_activation is;
	char *text, *dir;

	if (size < 2)
		return 0;
	rest.p++;
	rest.n--;
	(void)cv_str_cut(&rest, '\0', &prompt);
	text = cv_strdup(&a, prompt);
	if (text && cv_activation_read(&a, files[data[0] % 8], rest, text, &is) == 0 && is.dir &&
		!is.dir[0])
		abort();
	dir = cv_strfmt(&a, "/%.*s", CV_ARG(prompt));
	if (dir)
		read_back(cv_str(dir));
	return 0;
}
