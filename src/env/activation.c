/* SPDX-License-Identifier: MIT */
#include "env/activation.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "env/unquote.h"

/* A line that assigns the path of the environment, without blanks at its beginning. */
struct anchor {
	const char *file, *before;
	const char *after; /* what follows the word, "" for nothing */
	enum cv_unquote language;
};

static const struct anchor anchors[] = {
	{ "activate", "VIRTUAL_ENV=", "", CV_UNQUOTE_POSIX },
	{ "activate", "export VIRTUAL_ENV=", "", CV_UNQUOTE_POSIX },
	{ "activate", "VIRTUAL_ENV=$(cygpath ", ")", CV_UNQUOTE_POSIX },
	{ "activate", "export VIRTUAL_ENV=$(cygpath ", ")", CV_UNQUOTE_POSIX },
	{ "activate.csh", "setenv VIRTUAL_ENV ", "", CV_UNQUOTE_CSH },
	{ "activate.csh", "\"\"setenv VIRTUAL_ENV ", "", CV_UNQUOTE_CSH },
	{ "activate.csh", "set _virtualenv_dir=", "", CV_UNQUOTE_CSH },
	{ "activate.fish", "set -gx VIRTUAL_ENV ", "", CV_UNQUOTE_FISH },
	{ "activate.nu", "let virtual_env = ", "", CV_UNQUOTE_NUSHELL },
	{ "activate.nu", "const virtual_env = ", "", CV_UNQUOTE_NUSHELL },
	{ "activate.nu", "let dir = ", "", CV_UNQUOTE_NUSHELL },
	{ "activate.xsh", "$VIRTUAL_ENV = ", "", CV_UNQUOTE_PYTHON },
	{ "activate.xsh", "env_dir = ", "", CV_UNQUOTE_PYTHON },
	{ "activate_this.py", "env_dir = ", "", CV_UNQUOTE_PYTHON },
	{ "activate.bat", "set VIRTUAL_ENV=", "", CV_UNQUOTE_BATCH },
	{ "activate.bat", "@set VIRTUAL_ENV=", "", CV_UNQUOTE_BATCH },
	{ "activate.bat", "set \"VIRTUAL_ENV=", "\"", CV_UNQUOTE_BATCH },
	{ "activate.bat", "@set \"VIRTUAL_ENV=", "\"", CV_UNQUOTE_BATCH },
	{ "activate.bat", "@for %%i in (\"", "\") do @set \"VIRTUAL_ENV=%%~fi\"",
		CV_UNQUOTE_BATCH },
};

/* The names of files have any case: venv's Activate.ps1 is activate.ps1 for virtualenv and uv. */
static const struct {
	const char *file;
	enum cv_unquote language;
} languages[] = {
	{ "activate", CV_UNQUOTE_POSIX },
	{ "activate.csh", CV_UNQUOTE_CSH },
	{ "activate.fish", CV_UNQUOTE_FISH },
	{ "activate.nu", CV_UNQUOTE_NUSHELL },
	{ "activate.xsh", CV_UNQUOTE_PYTHON },
	{ "activate_this.py", CV_UNQUOTE_PYTHON },
	{ "activate.bat", CV_UNQUOTE_BATCH },
	{ "Activate.ps1", CV_UNQUOTE_POWERSHELL },
	{ "activate.ps1", CV_UNQUOTE_POWERSHELL },
};

static bool language_of(const char *file, enum cv_unquote *ret)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		if (strcmp(file, languages[i].file) != 0)
			continue;
		*ret = languages[i].language;
		return true;
	}
	return false;
}

bool cv_activation_named(const char *file)
{
	enum cv_unquote language;

	return language_of(file, &language);
}

static bool is_absolute(struct cv_str path)
{
	if (path.n > 0 && path.p[0] == '/')
		return true;
	if (path.n > 2 && path.p[0] == '\\' && path.p[1] == '\\')
		return true;
	return path.n > 2 && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/') &&
	       ((path.p[0] >= 'A' && path.p[0] <= 'Z') || (path.p[0] >= 'a' && path.p[0] <= 'z'));
}

static struct cv_str line_of(struct cv_str text)
{
	struct cv_str line = { 0 };

	(void)cv_str_cut(&text, '\n', &line);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static void worsen(struct cv_activation *ret, enum cv_activation_form form, bool in_prompt)
{
	if (form <= ret->form)
		return;
	ret->form = form;
	ret->in_prompt = in_prompt;
}

/*
 * TEXT begins with the value. If it is not one clean word, a maker may have written the path
 * between quotes as it is: then the path is what is between the first quote and the last one on the
 * line.
 */
static int read_value(
	struct cv_arena *a, const struct anchor *at, struct cv_str text, struct cv_activation *ret)
{
	struct cv_str line = line_of(text), value, after = cv_str(at->after);
	enum cv_word word;
	int rc = cv_unquote(a, at->language, text, after, &value, &word);

	if (rc < 0)
		return rc;
	if (word == CV_WORD_CLEAN || word == CV_WORD_DOUBLE) {
		if (!is_absolute(value) || memchr(value.p, '\0', value.n))
			return 0;
		worsen(ret, word == CV_WORD_DOUBLE ? CV_ACTIVATION_WEAK : CV_ACTIVATION_SOUND,
			false);
	} else {
		if (!cv_str_ends(line, after) ||
			!cv_unquote_raw(at->language, line, after, &value) || !is_absolute(value) ||
			memchr(value.p, '\0', value.n))
			return 0;
		worsen(ret, CV_ACTIVATION_RUNS, false);
	}
	if (!ret->dir)
		ret->dir = cv_strdup(a, value);
	return ret->dir ? 0 : -ENOMEM;
}

/* Lines that contain the prompt: assignments to PS1, prompt, VIRTUAL_ENV_PROMPT and others. */
static bool is_prompt_line(struct cv_str line)
{
	static const char *const marks[] = { "PROMPT", "PS1", "prompt", "set_color" };

	if (cv_str_starts(cv_str_trim(line), CV_LIT("#")))
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (cv_str_find(line, cv_str(marks[i])))
			return true;
	return false;
}

/*
 * PROMPT between double quotes, as it is, in a line that sets a prompt. Its text may extend over
 * several lines.
 */
static void read_prompt(enum cv_unquote language, struct cv_str text, struct cv_str prompt,
	struct cv_activation *ret)
{
	struct cv_str line;

	while (prompt.n && cv_str_cut(&text, '\n', &line)) {
		struct cv_str rest = { line.p, line.n + (text.p ? text.n + 1 : 0) };

		if (!is_prompt_line(line))
			continue;
		switch (cv_unquote_contains(language, rest, line.n, prompt)) {
		case CV_WORD_DOUBLE:
			worsen(ret, CV_ACTIVATION_WEAK, true);
			break;
		case CV_WORD_OTHER:
			worsen(ret, CV_ACTIVATION_RUNS, true);
			break;
		case CV_WORD_CLEAN:
			break;
		}
	}
}

int cv_activation_read(struct cv_arena *a, const char *file, struct cv_str text, const char *prompt,
	struct cv_activation *ret)
{
	struct cv_str rest = text, line;
	enum cv_unquote language;
	int rc = 0;

	*ret = (struct cv_activation){ 0 };
	if (!language_of(file, &language))
		return 0;
	while (rc == 0 && cv_str_cut(&rest, '\n', &line)) {
		while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
			line.p++, line.n--;
		for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]) && rc == 0; i++) {
			struct cv_str before = cv_str(anchors[i].before);
			size_t skip = (size_t)(line.p - text.p) + before.n;

			if (strcmp(file, anchors[i].file) == 0 && cv_str_starts(line, before))
				rc = read_value(a, &anchors[i],
					(struct cv_str){ text.p + skip, text.n - skip }, ret);
		}
	}
	if (rc < 0)
		return rc;
	read_prompt(language, text, cv_str(prompt), ret);
	/* without one, the prompt is the name of the directory */
	if (ret->dir)
		read_prompt(language, text, cv_str(cv_path_base(ret->dir)), ret);
	return 0;
}
