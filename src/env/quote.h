/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_QUOTE_H
#define CV_ENV_QUOTE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Quote a string as one word of a script: the shell gets exactly TEXT, with any bytes, and expands
 * nothing in it.
 *
 * There is one function per language, by the grammar of its quotes. They append to B and return
 * true, or return false if the language cannot represent TEXT; then B may end with a part of a
 * word. TEXT has no NUL. If memory is exhausted, B->bad is set.
 *
 * The result is correct beside other words, and with any options of the shell (zsh's RC_QUOTES,
 * tcsh's backslash_quote, PowerShell's code page).
 */
typedef bool cv_quote_fn(struct cv_buf *b, struct cv_str text);

/* '...', where nothing is special; a quote is '\'' (POSIX 2.2.2). */
bool cv_quote_posix(struct cv_buf *b, struct cv_str text);

/* The same for a command line that users read: without the '' that GB18030 needs. */
bool cv_quote_posix_line(struct cv_buf *b, struct cv_str text);

/* '...', where \' and \\ are the only escapes. */
bool cv_quote_fish(struct cv_buf *b, struct cv_str text);

/*
 * '...', with punctuation outside of the quotes after backslashes: csh substitutes history inside
 * quotes, too, for any character (histchars), and backslash_quote changes the meaning of a
 * backslash inside. Fails on a newline, which ends a word.
 */
bool cv_quote_csh(struct cv_buf *b, struct cv_str text);

/*
 * '...' with quotes doubled. PowerShell also takes the typographic quotes U+2018..U+201B as quotes,
 * so they are doubled as well. Fails on bytes that are not UTF-8.
 */
bool cv_quote_powershell(struct cv_buf *b, struct cv_str text);

/* "..." with escapes, because raw strings need 0.93. Fails on bytes that are not UTF-8. */
bool cv_quote_nushell(struct cv_buf *b, struct cv_str text);

/*
 * A Python expression in ASCII: '...', or os.fsdecode(b'...') so that a path has the same bytes in
 * every locale. The script must import os.
 */
bool cv_quote_python(struct cv_buf *b, struct cv_str text);

/* '...' with the text itself, for users to type. Fails on control characters and invalid UTF-8. */
bool cv_quote_python_text(struct cv_buf *b, struct cv_str text);

/*
 * cv_quote_python for a directory in xonsh's PATH. xonsh expands "$NAME", "${", "$(", "$[" and "=~"
 * in the entries of PATH whenever it reads them, so this fails for them.
 */
bool cv_quote_xonsh_dir(struct cv_buf *b, struct cv_str text);

/*
 * The value in a line `set "NAME=..."` of a .bat file in UTF-8. "%" is doubled. A quote in the
 * value ends the quotes for cmd: up to the next, special characters have a "^" in front. Fails on
 * control characters and on bytes that are not UTF-8.
 *
 * With delayed expansion (cmd /v:on), a value with "!" is read once more, in which "^" escapes. For
 * that mode the value is written by cv_quote_batch_delayed().
 */
bool cv_quote_batch(struct cv_buf *b, struct cv_str text);
bool cv_quote_batch_delayed(struct cv_buf *b, struct cv_str text);

/* cv_quote_batch for a directory: no name has a quote on Windows, so this fails on one. */
bool cv_quote_batch_dir(struct cv_buf *b, struct cv_str text);

/* "..." for users to type in cmd. Fails on '"' and on "%", which is expanded in quotes, too. */
bool cv_quote_batch_line(struct cv_buf *b, struct cv_str text);

/*
 * The text in the shell's prompt for the environment NAME: "(NAME) ", quoted as above. A prompt is
 * expanded each time it is shown, so everything that it could expand is escaped. Control characters
 * and invalid UTF-8 become "?", so that a name cannot control the terminal.
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
bool cv_quote_batch_delayed_prompt(struct cv_buf *b, struct cv_str name);

/*
 * TEXT in a message for the terminal, as one word for `echo`. Control characters, bytes that are
 * not UTF-8, and backslashes (some `echo` interpret them) become "?".
 */
bool cv_quote_posix_message(struct cv_buf *b, struct cv_str text);
bool cv_quote_csh_message(struct cv_buf *b, struct cv_str text);

/* Does TEXT need no quotes as an argument in any of these languages? */
bool cv_quote_needless(struct cv_str text);

#endif
