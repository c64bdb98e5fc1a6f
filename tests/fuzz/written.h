/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_FUZZ_WRITTEN_H
#define CV_TEST_FUZZ_WRITTEN_H

#include "env/pyvenv_cfg.h"

/* The parts of a pyvenv.cfg that are the user's: names of all kinds. */
struct written {
	const char *home, *real, *executable, *env_dir;
	const char *prompt; /* NULL: none */
	const char *repr;   /* of the prompt */
};

/* Append the pyvenv.cfg of such an environment, as cv_pyvenv_cfg_text() does. */
static int write_example(struct cv_buf *b, const struct written *w, struct cvenv_error *err)
{
	struct cv_info info = { .home = w->home,
		.real = w->real,
		.executable = w->executable,
		.version = "3.13.0",
		.major = 3,
		.minor = 13 };
	struct cv_layout layout = { .env_dir = w->env_dir };
	struct cvenv_options request = { .prompt = w->prompt };
	struct cv_existing existing = { 0 };

	return cv_pyvenv_cfg_text(b, &info, &layout, &request, &existing, w->repr, err);
}

#endif
