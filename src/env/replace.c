/* SPDX-License-Identifier: MIT */
#include "env/replace.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "env/quote.h"

/* How to write a word and a prompt in the language of a script. */
struct language {
	const char *suffix;
	cv_quote_fn *word;
	cv_quote_fn *prompt;  /* @PS1@ */
	cv_quote_fn *message; /* @PLACE@ */
	bool bare;            /* omit quotes around a word that needs none */
};

static const struct language languages[] = {
	{ ".fish", cv_quote_fish, cv_quote_fish_prompt, NULL, true },
	{ ".csh", cv_quote_csh, cv_quote_csh_prompt, cv_quote_csh_message, true },
	{ ".ps1", cv_quote_powershell, cv_quote_powershell_prompt, NULL, false },
	{ ".nu", cv_quote_nushell, cv_quote_nushell_prompt, NULL, false },
	{ ".xsh", cv_quote_python, cv_quote_xonsh_prompt, NULL, false },
	{ ".py", cv_quote_python, NULL, NULL, false },
	{ ".bat", cv_quote_batch, cv_quote_batch_prompt, NULL, false },
};
static const struct language posix_shell = { "", cv_quote_posix, cv_quote_posix_prompt,
	cv_quote_posix_message, true };

static const struct language *language_of(const char *file)
{
	const char *suffix = strrchr(file, '.');

	for (size_t i = 0; suffix && i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strcmp(languages[i].suffix, suffix) == 0)
			return &languages[i];
	return &posix_shell;
}

/* Whether the other values need it; the caller does not give it. */
enum { UTF8 = CV_REPLACE_VALUES, VALUES };

enum form { AS_WORD, AS_PROMPT, AS_MESSAGE, AS_GIVEN };

static const struct placeholder {
	const char *text;
	int value;
	enum form form;
	cv_quote_fn *quote; /* AS_GIVEN */
} placeholders[] = {
	{ "__VENV_DIR__", CV_REPLACE_ENV_DIR, AS_WORD, NULL },
	{ "__VENV_NAME__", CV_REPLACE_ENV_NAME, AS_WORD, NULL },
	{ "__VENV_PROMPT__", CV_REPLACE_PROMPT, AS_WORD, NULL },
	{ "__VENV_BIN_NAME__", CV_REPLACE_BIN_NAME, AS_WORD, NULL },
	{ "__VENV_PYTHON__", CV_REPLACE_ENV_EXE, AS_WORD, NULL },
	{ "@PLACE@", CV_REPLACE_ENV_DIR, AS_MESSAGE, NULL },
	{ "@PS1@", CV_REPLACE_NAME, AS_PROMPT, NULL },
	{ "@PS1_PLAIN@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_plain_prompt },
	{ "@PS1_BASH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_bash_prompt },
	{ "@PS1_ZSH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_zsh_prompt },
	{ "@PS1_KSH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_ksh_prompt },
	{ "@PS1_MKSH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_mksh_prompt },
	{ "@PS1_YASH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_yash_prompt },
	{ "@PS1_BUSYBOX@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_busybox_prompt },
	{ "@PS1_POSH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_posh_prompt },
	{ "@PS1_TCSH@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_tcsh_prompt },
	{ "@DIR_DELAYED@", CV_REPLACE_ENV_DIR, AS_GIVEN, cv_quote_batch_delayed },
	{ "@PROMPT_DELAYED@", CV_REPLACE_PROMPT, AS_GIVEN, cv_quote_batch_delayed },
	{ "@PS1_DELAYED@", CV_REPLACE_NAME, AS_GIVEN, cv_quote_batch_delayed_prompt },
	{ "@UTF8@", UTF8, AS_GIVEN, cv_quote_batch },
};

/* The placeholder at the start of TEXT, or NULL. */
static const struct placeholder *placeholder_at(struct cv_str text)
{
	if (text.p[0] != '_' && text.p[0] != '@')
		return NULL;
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(placeholders[0]); i++) {
		size_t n = strlen(placeholders[i].text);

		if (text.n >= n && memcmp(text.p, placeholders[i].text, n) == 0)
			return &placeholders[i];
	}
	return NULL;
}

/* Returns false if the language cannot represent the value. */
static bool fill(struct cv_buf *b, const struct language *language, const struct placeholder *what,
	const struct cv_str values[VALUES])
{
	struct cv_str value = values[what->value];
	cv_quote_fn *quote = language->word;

	if (what->form == AS_PROMPT)
		quote = language->prompt;
	else if (what->form == AS_MESSAGE)
		quote = language->message;
	else if (what->form == AS_GIVEN)
		quote = what->quote;
	else if (language->bare && cv_quote_needless(value)) {
		cv_buf_str(b, value);
		return true;
	}
	return quote && quote(b, value);
}

static bool is_ascii(struct cv_str text)
{
	while (text.n && (unsigned char)*text.p < 0x80)
		text.p++, text.n--;
	return !text.n;
}

int cv_replace(struct cv_buf *to, struct cv_str text, const char *file,
	const struct cv_str values[CV_REPLACE_VALUES], struct cvenv_error *err)
{
	const struct language *language = language_of(file);
	struct cv_str all[VALUES];

	memcpy(all, values, CV_REPLACE_VALUES * sizeof(*values));
	all[UTF8] = is_ascii(values[CV_REPLACE_ENV_DIR]) && is_ascii(values[CV_REPLACE_PROMPT])
			    ? CV_LIT("")
			    : CV_LIT("yes");
	while (text.n) {
		const struct placeholder *what = placeholder_at(text);
		size_t n = what ? strlen(what->text) : 1;

		if (!what)
			cv_buf_char(to, *text.p);
		else if (!fill(to, language, what, all))
			return cv_fail_msg(err, EINVAL,
				"%s: the name of this environment or of its directory has "
				"characters that this shell cannot handle",
				file);
		text.p += n;
		text.n -= n;
	}
	return to->bad ? cv_fail_nomem(err) : 0;
}
