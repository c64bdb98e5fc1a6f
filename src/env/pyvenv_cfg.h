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
 * pyvenv.cfg (PEP 405; create_configuration in Lib/venv/__init__.py): the keys and values of that
 * Python's own venv, in CRLF lines if it is for Windows, then `relocatable = true` if it is, the
 * lines of request->extra_cfg, and `cvenv = VERSION`. `python-version` (PEP 838, a draft) follows
 * `version`. PROMPT_REPR is Python's repr() of the prompt, or NULL for no such line. An upgrade
 * keeps the existing line.
 *
 * Values that the format cannot represent are refused: `home` and `executable` with a line break,
 * or with white space at an end. In `command`, which no program parses, line breaks become \n and
 * \r. A prompt that makes the file too long for Python is refused as well, for every version.
 */
int cv_pyvenv_cfg_text(struct cv_buf *b, const struct cv_info *info, const struct cv_layout *layout,
	const struct cvenv_options *request, const struct cv_existing *existing,
	const char *prompt_repr, struct cvenv_error *err);

/*
 * Check request->extra_cfg: KEY = VALUE in each line, with a key of letters, digits, '-' and '_'
 * that cvenv does not write itself, and a value that readers of the file get back unchanged.
 */
int cv_pyvenv_cfg_check(const char *lines, struct cvenv_error *err);

/*
 * Read TEXT as the module site does: `key = value` lines, keys in any case, white space at both
 * ends removed, the last line of a key counts. Without include-system-site-packages,
 * system_site_packages is true. Sets the members of *ret that come from pyvenv.cfg; `prompt` and
 * `version` point into TEXT. The version is that of the key `python-version`; without one, the last
 * of `version` and `version_info`.
 */
void cv_pyvenv_cfg_read(struct cv_str text, struct cv_existing *ret);

/*
 * Python's repr() of TEXT. Which characters Python escapes beyond ASCII depends on its Unicode
 * tables: here these are control characters, U+2028 and U+2029. Bytes that are not UTF-8 are
 * escaped as `surrogateescape` decodes them.
 */
void cv_repr(struct cv_buf *b, struct cv_str text);

/*
 * The value of `prompt = TEXT`: a string literal of Python, or plain text. In the arena; NULL when
 * memory is exhausted.
 */
char *cv_repr_read(struct cv_arena *a, struct cv_str text);

#endif
