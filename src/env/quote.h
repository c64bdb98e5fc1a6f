/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_QUOTE_H
#define CV_ENV_QUOTE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * A string as one word of a script: what the shell then has is exactly TEXT,
 * whatever bytes that is made of, and nothing in it was carried out.
 *
 * One function per language, from the grammar of its quotes. All add to B and
 * return true, or return false when the language has no way to write TEXT (B may
 * then hold part of a word). TEXT holds no NUL. Whether memory sufficed is in B.
 *
 * The result stands alone or beside other words, and does not depend on options
 * of the shell (zsh's RC_QUOTES, tcsh's backslash_quote, PowerShell's code page).
 */
typedef bool cv_quote_fn(struct cv_buf *b, struct cv_str text);

/* '...' in which nothing is special; a quote is '\'' (POSIX 2.2.2). */
bool cv_quote_posix(struct cv_buf *b, struct cv_str text);

/* The same for a line that a person reads: without the '' that GB18030 needs. */
bool cv_quote_posix_line(struct cv_buf *b, struct cv_str text);

/* '...' in which \' and \\ are the only escapes. */
bool cv_quote_fish(struct cv_buf *b, struct cv_str text);

/*
 * '...', but punctuation is outside of the quotes, after backslashes: csh substitutes history
 * inside quotes too, with any character (histchars), and backslash_quote changes the meaning of a
 * backslash inside. Fails on a newline, which ends a word.
 */
bool cv_quote_csh(struct cv_buf *b, struct cv_str text);

/*
 * '...' with quotes doubled. The typographic quotes U+2018..U+201B are quotes to
 * PowerShell, and are doubled as well. No bytes that are not UTF-8.
 */
bool cv_quote_powershell(struct cv_buf *b, struct cv_str text);

/* "..." with escapes; raw strings are younger than 0.93. No bytes that are not UTF-8. */
bool cv_quote_nushell(struct cv_buf *b, struct cv_str text);

/*
 * A Python expression, pure ASCII: '...', or os.fsdecode(b'...') so that a path is the
 * same bytes in every locale. The module os must be there.
 */
bool cv_quote_python(struct cv_buf *b, struct cv_str text);

/* '...' with its text as it is, for a person to type: no control characters, UTF-8 only. */
bool cv_quote_python_text(struct cv_buf *b, struct cv_str text);

/*
 * cv_quote_python for a directory in xonsh's PATH. xonsh expands "$NAME", "${", "$(", "$[" and "=~"
 * in the entries of PATH whenever it reads them, so this fails for them.
 */
bool cv_quote_xonsh_dir(struct cv_buf *b, struct cv_str text);

/*
 * The value in set "NAME=..." of a .bat file: "%" doubled. No control characters, no '"'
 * (Windows knows neither in names), no bytes that are not UTF-8.
 */
bool cv_quote_batch(struct cv_buf *b, struct cv_str text);

/*
 * What the shell shows in its prompt for the environment NAME: "(NAME) " quoted as
 * above, with what the prompt's own language would act on made harmless, since a
 * prompt is expanded again each time it is shown. Control characters and bytes that
 * are not UTF-8 become "?": nobody's terminal is steered by the name of a directory.
 */
bool cv_quote_posix_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_plain_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_bash_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_zsh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_mksh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_ksh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_yash_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_busybox_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_posh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_fish_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_csh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_tcsh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_powershell_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_nushell_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_xonsh_prompt(struct cv_buf *b, struct cv_str name);
bool cv_quote_batch_prompt(struct cv_buf *b, struct cv_str name);

/*
 * TEXT in a message for the terminal, as one word for `echo`. Control characters, bytes that are
 * not UTF-8, and backslashes (some `echo` interpret them) become "?".
 */
bool cv_quote_posix_message(struct cv_buf *b, struct cv_str text);
bool cv_quote_csh_message(struct cv_buf *b, struct cv_str text);

/* True when TEXT means itself, unquoted, as an argument in every one of these languages. */
bool cv_quote_needless(struct cv_str text);

#endif
