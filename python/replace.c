/* SPDX-License-Identifier: MIT */
#include <Python.h>

#include <stdbool.h>
#include <string.h>

#include "base/own.h"
#include "env/quote.h"
#include "native.h"

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

enum value { ENV_DIR, ENV_NAME, PROMPT, BIN_NAME, ENV_EXE, NAME, UTF8, VALUES };

enum form { AS_WORD, AS_PROMPT, AS_MESSAGE, AS_GIVEN };

static const struct placeholder {
	const char *text;
	enum value value;
	enum form form;
	cv_quote_fn *quote; /* AS_GIVEN */
} placeholders[] = {
	{ "__VENV_DIR__", ENV_DIR, AS_WORD, NULL }, { "__VENV_NAME__", ENV_NAME, AS_WORD, NULL },
	{ "__VENV_PROMPT__", PROMPT, AS_WORD, NULL },
	{ "__VENV_BIN_NAME__", BIN_NAME, AS_WORD, NULL },
	{ "__VENV_PYTHON__", ENV_EXE, AS_WORD, NULL }, { "@PLACE@", ENV_DIR, AS_MESSAGE, NULL },
	{ "@PS1@", NAME, AS_PROMPT, NULL },
	{ "@PS1_PLAIN@", NAME, AS_GIVEN, cv_quote_plain_prompt },
	{ "@PS1_BASH@", NAME, AS_GIVEN, cv_quote_bash_prompt },
	{ "@PS1_ZSH@", NAME, AS_GIVEN, cv_quote_zsh_prompt },
	{ "@PS1_KSH@", NAME, AS_GIVEN, cv_quote_ksh_prompt },
	{ "@PS1_MKSH@", NAME, AS_GIVEN, cv_quote_mksh_prompt },
	{ "@PS1_YASH@", NAME, AS_GIVEN, cv_quote_yash_prompt },
	{ "@PS1_BUSYBOX@", NAME, AS_GIVEN, cv_quote_busybox_prompt },
	{ "@PS1_POSH@", NAME, AS_GIVEN, cv_quote_posh_prompt },
	{ "@PS1_TCSH@", NAME, AS_GIVEN, cv_quote_tcsh_prompt },
	{ "@DIR_DELAYED@", ENV_DIR, AS_GIVEN, cv_quote_batch_delayed },
	{ "@PROMPT_DELAYED@", PROMPT, AS_GIVEN, cv_quote_batch_delayed },
	{ "@PS1_DELAYED@", NAME, AS_GIVEN, cv_quote_batch_delayed_prompt },
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

static PyObject *replaced(struct cv_str text, const char *file, const struct cv_str values[VALUES])
{
	const struct language *language = language_of(file);
	struct cv_buf b OWN_BUF = { 0 };

	while (text.n) {
		const struct placeholder *what = placeholder_at(text);
		size_t n = what ? strlen(what->text) : 1;

		if (!what)
			cv_buf_char(&b, *text.p);
		else if (!fill(&b, language, what, values))
			return PyErr_Format(PyExc_ValueError,
				"%s: the name of this environment or of its directory has "
				"characters that this shell cannot handle",
				file);
		text.p += n;
		text.n -= n;
	}
	if (b.bad)
		return PyErr_NoMemory();
	return PyUnicode_DecodeUTF8(b.p ? b.p : "", (Py_ssize_t)b.n, "strict");
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

PyObject *cvenv_native_replace(PyObject *module, PyObject *args)
{
	const char *file, *texts[UTF8] = { 0 };
	struct cv_str values[VALUES] = { { 0 } };
	PyObject *text, *bytes, *answer = NULL;
	Py_ssize_t n;
	char *p;

	(void)module;
	if (!PyArg_ParseTuple(args, "Us(ssssss):replace", &text, &file, &texts[ENV_DIR],
		    &texts[ENV_NAME], &texts[PROMPT], &texts[BIN_NAME], &texts[ENV_EXE],
		    &texts[NAME]))
		return NULL;
	for (int i = 0; i < UTF8; i++)
		values[i] = cv_str(texts[i]);
	values[UTF8] =
		is_ascii(texts[ENV_DIR]) && is_ascii(texts[PROMPT]) ? CV_LIT("") : CV_LIT("yes");
	bytes = PyUnicode_AsUTF8String(text);
	if (bytes && PyBytes_AsStringAndSize(bytes, &p, &n) == 0)
		answer = replaced((struct cv_str){ p, (size_t)n }, file, values);
	Py_XDECREF(bytes);
	return answer;
}
