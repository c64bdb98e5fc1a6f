/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_UNQUOTE_H
#define CV_ENV_UNQUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Words of shells and other languages: the inverse of env/quote.h, also for what others write. Only
 * constant words have a value: nothing is ever expanded.
 */
enum cv_unquote {
	CV_UNQUOTE_POSIX,
	CV_UNQUOTE_CSH,
	CV_UNQUOTE_FISH,
	CV_UNQUOTE_POWERSHELL,
	CV_UNQUOTE_NUSHELL,
	CV_UNQUOTE_PYTHON, /* also os.fsdecode(b'...') */
	CV_UNQUOTE_BATCH,  /* the rest of a `set` line, not a word */
};

enum cv_word {
	CV_WORD_CLEAN,  /* a constant */
	CV_WORD_DOUBLE, /* a constant in double quotes, where other characters would be special; in
			   a batch file one without quotes */
	CV_WORD_OTHER,  /* the language expands a part of it, or it does not end on its line */
};

/*
 * TEXT begins with a word, which AFTER follows, and then the end of the line. 0 with the kind and
 * the value (for CV_WORD_OTHER none), or -ENOMEM.
 */
int cv_unquote(struct cv_arena *a, enum cv_unquote language, struct cv_str text,
	struct cv_str after, struct cv_str *ret_value, enum cv_word *ret_word);

/*
 * What is between the first quote of LINE and the same one before AFTER at its end: the value as
 * somebody wrote it who did not know about quoting. False if it is not between quotes.
 */
bool cv_unquote_raw(
	enum cv_unquote language, struct cv_str line, struct cv_str after, struct cv_str *ret);

/*
 * Has TEXT the VALUE between quotes as it is, beginning in its first WITHIN bytes? CV_WORD_CLEAN if
 * not, or if it may stand there; CV_WORD_DOUBLE: between double quotes, where it means itself;
 * CV_WORD_OTHER: a part of it is special there.
 */
enum cv_word cv_unquote_contains(
	enum cv_unquote language, struct cv_str text, size_t within, struct cv_str value);

#endif
