/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/own.h"
#include "env/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SITE "lib/python3.12/site-packages/"

static const char *const paths[] = { "pyvenv.cfg", "bin/pip", "bin/x.exe", "bin/activate",
	"bin/activate.csh", "bin/activate.fish", SITE "x.pth", SITE "x.dist-info/direct_url.json",
	SITE "_x_editable.py", "share/jupyter/kernels/x/kernel.json", SITE "x.dist-info/RECORD" };

/*
 * The first byte chooses the kind of text. Old paths, /a and /a/b, that were replaced are not found
 * again: the second time nothing changes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cv_pair pairs[] = { { "/a", "/new" }, { "/a/b", "/n w" } };
	const struct cv_rewriting how = { .pairs = pairs,
		.count = 2,
		.env_dir = "/new",
		.bin = "bin",
		.activate = { .env_dir = "/new", .prompt = "new", .bin = "bin" },
		.named = true };
	struct cv_buf new OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	static struct cvenv_error err;
	struct cv_str text = { (const char *)data + 1, size - 1 };
	enum cv_text_kind kind;
	const char *path;
	bool left;

	if (!size)
		return 0;
	path = paths[data[0] % (sizeof(paths) / sizeof(paths[0]))];
	kind = cv_text_kind_of(path, "bin");
	if (kind == CV_TEXT_NONE)
		abort();
	if (cv_rewrite(&new, &how, kind, path, text, &left, &err) != 1)
		return 0;
	if (cv_rewrite(&again, &how, kind, path, cv_buf_slice(&new), &left, &err) != 0)
		abort();
	return 0;
}
