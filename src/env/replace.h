/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_REPLACE_H
#define CV_ENV_REPLACE_H

#include "base/err.h"
#include "base/str.h"

/* What the placeholders of CPython's venv stand for. */
enum cv_replace_value {
	CV_REPLACE_ENV_DIR,
	CV_REPLACE_ENV_NAME,
	CV_REPLACE_PROMPT, /* as in a context: before Python 3.13 with parentheses */
	CV_REPLACE_BIN_NAME,
	CV_REPLACE_ENV_EXE,
	CV_REPLACE_NAME, /* the prompt without parentheses */
	CV_REPLACE_VALUES
};

/*
 * Append the script TEXT to TO, with its placeholders replaced by VALUES, each as one word of the
 * language that the file name FILE determines: __VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__,
 * __VENV_BIN_NAME__, __VENV_PYTHON__. A word that needs no quotes in a shell gets none, because
 * some scripts have quotes around the placeholder.
 *
 * cvenv's own scripts also contain @PS1@, @PS1_ZSH@ and others, see env/activate.c. Values are not
 * scanned for placeholders. -EINVAL if the language cannot represent a value.
 */
int cv_replace(struct cv_buf *to, struct cv_str text, const char *file,
	const struct cv_str values[CV_REPLACE_VALUES], struct cvenv_error *err);

#endif
