/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_PYVENV_CFG_H
#define CV_ENV_PYVENV_CFG_H

#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"
#include "env/existing.h"
#include "env/layout.h"
#include "interpreter/info.h"

/*
 * pyvenv.cfg (PEP 405; create_configuration in Lib/venv/__init__.py): the keys and values
 * of that base's own venv, then `relocatable = true` where it is, and `cvenv = VERSION`.
 * PROMPT_REPR is Python's repr() of the prompt, or NULL for no such line; an environment that is
 * upgraded keeps its own.
 *
 * Refused is what the format cannot carry: a path with a line break, or with white
 * space at an end, as `home` or `executable`. In `command`, which nobody reads back, line
 * breaks are written as \n and \r. A prompt that makes the file too long for
 * Python to read is refused as well, for every base.
 */
int cv_pyvenv_cfg_text(struct cv_buf *b, const struct cv_info *info, const struct cv_layout *layout,
	const struct cvenv_options *request, const struct cv_existing *existing,
	const char *prompt_repr, struct cvenv_error *err);

/*
 * What the text of a pyvenv.cfg says, as the module site reads it: `key = value` lines, keys in
 * any case, both stripped, the last one counts, and without include-system-site-packages they are
 * included. Fills those members of *ret; `prompt` points
 * into TEXT.
 */
void cv_pyvenv_cfg_read(struct cv_str text, struct cv_existing *ret);

/*
 * Python's repr() of TEXT. Which characters Python escapes beyond ASCII depends on its Unicode
 * tables: here these are control characters, U+2028 and U+2029. Bytes that are not UTF-8 are
 * escaped as `surrogateescape` decodes them.
 */
void cv_repr(struct cv_buf *b, struct cv_str text);

/*
 * What `prompt = TEXT` says: a string literal as repr() writes it, or plain text. In the
 * arena; NULL without memory.
 */
char *cv_repr_read(struct cv_arena *a, struct cv_str text);

#endif
