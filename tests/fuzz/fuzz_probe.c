/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/path.h"
#include "env/layout.h"
#include "interpreter/probe_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct cvenv_error err;

/* What the answer does not say: probe.c finds it out by itself. */
static void complete(struct cv_info *f)
{
	f->path = "/usr/bin/python3";
	f->executable = f->path;
	f->real = "/usr/bin/python3.99";
	f->exe_name = cv_path_base(f->base);
	f->needs_setuptools = f->minor < 12;
	f->pip_sha256 = f->pip_wheel[0] ? HASH : "";
	f->setuptools_sha256 = f->setuptools_wheel[0] ? HASH : "";
}

static void must_be_safe(const char *path)
{
	if (path && (!cv_path_safe(cv_str(path)) || strpbrk(path, "\r\n")))
		abort();
}

/* Nothing that was let in leads out of ENV_DIR, and the cache gives it back as it was. */
static void use(struct cv_arena *a, const struct cv_info *info)
{
	const struct cvenv_options request = { 0 };
	const struct cv_ctx ctx = { 0 };
	struct cv_buf b OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	struct cv_layout layout;
	struct cv_info back;

	if (cv_layout_compute(&ctx, a, info, &request, "/env", &layout, &err) < 0)
		abort();
	must_be_safe(layout.bin);
	must_be_safe(layout.include);
	must_be_safe(layout.purelib);
	must_be_safe(layout.platlib);
	for (size_t i = 0; i < layout.name_count; i++) {
		must_be_safe(layout.names[i]);
		if (strchr(layout.names[i], '/'))
			abort();
	}
	cv_info_encode(&b, info);
	if (!cv_info_decode(a, cv_buf_slice(&b), &back))
		abort();
	cv_info_encode(&again, &back);
	if (!cv_str_eq(cv_buf_slice(&b), cv_buf_slice(&again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_answer answer;
	struct cv_info info;
	bool nomem;

	if (!cv_answer_parse((struct cv_str){ (const char *)data, size }, &answer) ||
		!cv_answer_info(&answer, &arena, &info, &nomem))
		return 0;
	complete(&info);
	if (cv_info_check(&info, &err) == 0)
		use(&arena, &info);
	else if (!err.message[0])
		abort();
	return 0;
}
