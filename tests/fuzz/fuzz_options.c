/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "cli/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARGS_MAX = 64 };

/* Lines are arguments, or variables. Each ENV_DIR is an argument, and each error has a message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cvenv_error err;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_str arg, text = { (const char *)data, size };
	char *argv[ARGS_MAX + 2] = { cv_strdup(&arena, CV_LIT("cvenv")) };
	char *given[ARGS_MAX + 2];
	const char *envp[ARGS_MAX + 2] = { NULL };
	struct cv_options o;
	int argc = 1, variables = 0;

	while (argc + variables <= ARGS_MAX && cv_str_cut(&text, '\n', &arg))
		if (cv_str_starts(arg, CV_LIT("CVENV_")))
			envp[variables++] = cv_strdup(&arena, arg);
		else
			argv[argc++] = cv_strdup(&arena, arg);
	memcpy(given, argv, sizeof(argv));
	err.message[0] = '\0';
	if (cv_options_parse(argc, argv, envp, &o, &err) < 0) {
		if (err.code != CVENV_EUSAGE || !err.message[0] || !err.hint[0])
			abort();
		return 0;
	}
	if (o.env_dir_count >= (size_t)argc)
		abort();
	for (size_t i = 0; i < o.env_dir_count; i++) {
		int from = 1;

		while (from < argc && given[from] != o.env_dirs[i])
			from++;
		if (from == argc)
			abort();
	}
	return 0;
}
