/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/path.h"
#include "wheel/scripts.h"
#include "wheel/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cvenv_error err;

/* A script's name stays in bin/, and its text ends as it should, whatever the path of Python is. */
static void scripts(struct cv_str text)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_script *made;
	size_t count;

	if (cv_scripts_of(&arena, CV_LIT("pip"), text, 3, 13, &made, &count, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct cv_buf out OWN_BUF = { 0 };

		if (!cv_path_safe(made[i].name) || memchr(made[i].name.p, '/', made[i].name.n))
			abort();
		cv_script_text(&out, "/a b/python", &made[i]);
		if (!cv_str_ends(cv_buf_slice(&out), CV_LIT("())\n")))
			abort();
	}
}

/* Of the two lines that are not the path, each is there once; the string for Python never ends
 * early. */
static void shebang(struct cv_str path)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf out OWN_BUF = { 0 };
	const char *python = cv_strfmt(&arena, "/%.*s", CV_ARG(path));
	size_t triples = 0;

	cv_script_shebang(&out, python);
	if (!cv_str_starts(cv_buf_slice(&out), CV_LIT("#!/bin/sh\n'''exec' ")))
		return;
	for (const char *p = out.p; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (strncmp(p, "'''", 3) == 0 && ++triples)
			p += 2;
	}
	if (triples != 2 || !cv_str_ends(cv_buf_slice(&out), CV_LIT(" \"$0\" \"$@\"\n' '''\n")))
		abort();
}

/* The order of versions is antisymmetric, and a version satisfies what is said of itself. */
static void versions(struct cv_str text)
{
	struct cv_str a = { 0 };

	(void)cv_str_cut(&text, '\n', &a);
	if ((cv_version_cmp(a, text) > 0) != (cv_version_cmp(text, a) < 0) ||
		cv_version_cmp(a, a) != 0)
		abort();
	(void)cv_version_in(a, text);
	if (cv_version_in(CV_LIT(">0,<=0"), text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str s = { (const char *)data, size };

	scripts(s);
	shebang(s);
	versions(s);
	return 0;
}
