/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "env/activate.h"
#include "env/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Each word is taken apart again by the rules of its language, written here a second time. The
 * shells themselves are asked by `./dev fuzz shells`.
 */

/* Quotes, and backslashes outside of them; false when a word would end or do something. */
static bool read_posix(struct cv_str word, struct cv_buf *ret)
{
	static const char special[] = " \t\n|&;<>()$`\"*?[]#~=%!{}";
	bool quoted = false;

	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (c == '\'') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && c == '\\' && ++i < word.n)
			c = word.p[i];
		else if (!quoted && c && strchr(special, c))
			return false;
		cv_buf_char(ret, c);
	}
	return !quoted && word.n;
}

/* A word for csh has no quoted "!", and no backslash that an option could give a meaning. */
static bool read_csh(struct cv_str word, struct cv_buf *ret)
{
	bool quoted = false;

	for (size_t i = 0; i < word.n; i++) {
		if (!quoted && word.p[i] == '\\')
			i++;
		else if (word.p[i] == '\'')
			quoted = !quoted;
		else if (word.p[i] == '\n' || strchr("!\"#$%&()*+,:;<=>?@[\\]^`{|}~", word.p[i]))
			return false; /* each may start a substitution of the history */
	}
	return read_posix(word, ret);
}

/* One '...' in which a backslash is for a quote or a backslash. */
static bool read_fish(struct cv_str word, struct cv_buf *ret)
{
	if (!word.n || word.p[0] != '\'')
		return read_posix(word, ret);
	for (size_t i = 1; i < word.n; i++) {
		char c = word.p[i];

		if (c == '\'')
			return i + 1 == word.n;
		if (c == '\\' && i + 1 < word.n && strchr("\\'", word.p[i + 1]))
			c = word.p[++i];
		cv_buf_char(ret, c);
	}
	return false;
}

/* The bytes of a quote at s: ASCII's, or U+2018..U+201B. */
static size_t powershell_quote(struct cv_str s)
{
	if (s.n && s.p[0] == '\'')
		return 1;
	return s.n >= 3 && memcmp(s.p, "\xe2\x80", 2) == 0 && (s.p[2] & 0xfc) == 0x98 ? 3 : 0;
}

static bool read_powershell(struct cv_str word, struct cv_buf *ret)
{
	if (word.n < 2 || word.p[0] != '\'' || word.p[word.n - 1] != '\'')
		return false;
	word = (struct cv_str){ word.p + 1, word.n - 2 };
	while (word.n) {
		size_t n = powershell_quote(word);

		if (n && powershell_quote((struct cv_str){ word.p + n, word.n - n }) == 0)
			return false; /* it would end here */
		cv_buf_add(ret, word.p, n ? n : 1);
		word.p += n ? 2 * n : 1;
		word.n -= n ? 2 * n : 1;
	}
	return true;
}

/*
 * The rest of a line `set "NAME=` behind an opening quote, as cmd reads it: "%" first, then quotes
 * and carets; the last quote is the closing one.
 */
static bool read_batch(struct cv_str word, struct cv_buf *ret)
{
	bool quoted = true;

	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (c == '%' && (++i == word.n || word.p[i] != '%'))
			return false; /* expanded */
		if (!quoted && c == '^') {
			if (++i == word.n)
				return false; /* it would escape the closing quote */
			c = word.p[i];
			i += c == '%';
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && strchr("&|<>()", c)) {
			return false;
		}
		cv_buf_char(ret, c);
	}
	return true;
}

/* The same with delayed expansion: if there is a "!", a caret escapes, in quotes, too. */
static bool read_batch_delayed(struct cv_str word, struct cv_buf *ret)
{
	struct cv_buf first OWN_BUF = { 0 };
	bool found;

	if (!read_batch(word, &first))
		return false;
	found = first.n && memchr(first.p, '!', first.n);
	for (size_t i = 0; i < first.n; i++) {
		if (found && first.p[i] == '!')
			return false;
		if (found && first.p[i] == '^' && ++i == first.n)
			return false;
		cv_buf_char(ret, first.p[i]);
	}
	return true;
}

static void check(struct cv_str text, cv_quote_fn *quote,
	bool (*read)(struct cv_str word, struct cv_buf *ret))
{
	struct cv_buf word OWN_BUF = { 0 }, back OWN_BUF = { 0 };

	if (quote(&word, text) &&
		(!read(cv_buf_slice(&word), &back) || !cv_str_eq(cv_buf_slice(&back), text)))
		abort();
}

/* Of a script's placeholders none is left, nor one that a value brought in replaced. */
static void scripts(struct cv_str text)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { 0 };
	struct cv_str dir = { 0 };
	struct cvenv_error err;
	unsigned working;

	(void)cv_str_cut(&text, '\n', &dir);
	struct cv_activate what = { .env_dir = cv_strfmt(&arena, "/%.*s", CV_ARG(dir)),
		.prompt = cv_strdup(&arena, text),
		.bin = "bin",
		.scripts = CV_ACTIVATE_PYDOC * 2 - 1,
		.relocatable = text.n % 2,
		.windows = text.n % 3 == 0 };

	if (cv_activate_plan(&ctx, &plan, &what, &working, &err) < 0 || plan.bad)
		abort();
	for (size_t i = 0; i < plan.count; i++)
		if (!plan.entries[i].data.n)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static cv_quote_fn *const others[] = { cv_quote_nushell, cv_quote_python,
		cv_quote_python_text, cv_quote_xonsh_dir, cv_quote_batch_line,
		cv_quote_posix_prompt, cv_quote_zsh_prompt, cv_quote_fish_prompt,
		cv_quote_csh_prompt, cv_quote_tcsh_prompt, cv_quote_powershell_prompt,
		cv_quote_nushell_prompt, cv_quote_xonsh_prompt, cv_quote_batch_prompt,
		cv_quote_batch_delayed_prompt, cv_quote_plain_prompt, cv_quote_bash_prompt,
		cv_quote_ksh_prompt, cv_quote_mksh_prompt, cv_quote_yash_prompt,
		cv_quote_busybox_prompt, cv_quote_posh_prompt, cv_quote_posix_message,
		cv_quote_csh_message };
	struct cv_str text = { (const char *)data, size };

	if (size && memchr(data, '\0', size))
		return 0; /* no name holds one */
	check(text, cv_quote_posix, read_posix);
	check(text, cv_quote_csh, read_csh);
	check(text, cv_quote_fish, read_fish);
	check(text, cv_quote_powershell, read_powershell);
	check(text, cv_quote_batch, read_batch);
	check(text, cv_quote_batch_dir, read_batch);
	check(text, cv_quote_batch_delayed, read_batch_delayed);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct cv_buf b OWN_BUF = { 0 };

		/* None passes on a control character, which a terminal might act on. */
		if (!others[i](&b, text) || i == 3)
			continue;
		for (size_t at = 0; at < b.n; at++)
			if (b.p[at] == 0x1b && others[i] != cv_quote_nushell)
				abort();
	}
	scripts(text);
	return 0;
}
