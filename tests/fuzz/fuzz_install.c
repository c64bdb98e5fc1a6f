/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "interpreter/install.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any os-release is read without an error; no program exists, so no command is named. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const envp[] = { "PATH=/nonexistent", NULL };
	const struct cv_ctx ctx = { .envp = envp };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf text OWN_BUF = { 0 };
	struct cv_pyspec any;

	cv_pyspec_parse(">=3.8", &any);
	cv_install_commands(&ctx, &arena, NULL, (struct cv_str){ (const char *)data, size }, &text);
	cv_install_commands(&ctx, &arena, &any, (struct cv_str){ (const char *)data, size }, &text);
	if (text.n)
		abort();
	return 0;
}
