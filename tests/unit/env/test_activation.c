/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "env/activation.h"
#include "env/quote.h"
#include "env/unquote.h"

/* Lines as the makers write them; for old ones the value is between quotes as it is. */
static const struct script {
	const char *file, *text, *prompt, *dir;
	enum cv_activation_form form;
} scripts[] = {
	/* venv before and after CVE-2024-9287 */
	{ "activate", "x\nVIRTUAL_ENV=\"/a/b c\"\nexport VIRTUAL_ENV\n", NULL, "/a/b c",
		CV_ACTIVATION_WEAK },
	{ "activate", "VIRTUAL_ENV=\"/a/$(touch x)\"\n", NULL, "/a/$(touch x)",
		CV_ACTIVATION_RUNS },
	{ "activate", "VIRTUAL_ENV=\"/a/x\"y\"z\"\n", NULL, "/a/x\"y\"z", CV_ACTIVATION_RUNS },
	{ "activate", "VIRTUAL_ENV=\"/a/b\\c\"\r\n", NULL, "/a/b\\c", CV_ACTIVATION_RUNS },
	{ "activate", "    export VIRTUAL_ENV=\"/a/`x`\"\n", NULL, "/a/`x`", CV_ACTIVATION_RUNS },
	{ "activate", "\tVIRTUAL_ENV=$(cygpath '/a/b c')\n", NULL, "/a/b c", CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV='/a/it'\"'\"'s $x'\n", NULL, "/a/it's $x", CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV=/a/b\n", NULL, "/a/b", CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV='/a/two\nlines'\n", NULL, "/a/two\nlines", CV_ACTIVATION_SOUND },
	{ "activate.csh", "setenv VIRTUAL_ENV \"/a/b!c\"\n", NULL, "/a/b!c", CV_ACTIVATION_RUNS },
	{ "activate.csh", "\"\"setenv VIRTUAL_ENV '/a/x'\\$'y'\\''z'\n", NULL, "/a/x$y'z",
		CV_ACTIVATION_SOUND },
	{ "activate.fish", "set -gx VIRTUAL_ENV \"/a/x(y)\"\n", NULL, "/a/x(y)",
		CV_ACTIVATION_WEAK },
	{ "activate.fish", "set -gx VIRTUAL_ENV \"/a/$x\"\n", NULL, "/a/$x", CV_ACTIVATION_RUNS },
	/* virtualenv before and after the same fix */
	{ "activate", "    VIRTUAL_ENV='/a/it's'\n", NULL, "/a/it's", CV_ACTIVATION_RUNS },
	{ "activate.csh", "set _virtualenv_dir='/a/b c'\n", NULL, "/a/b c", CV_ACTIVATION_SOUND },
	{ "activate.nu", "    let virtual_env = r#'/a/it's'#\n", NULL, "/a/it's",
		CV_ACTIVATION_SOUND },
	/* uv: relocatable scripts name no directory; the prompt is written as it is */
	{ "activate", "VIRTUAL_ENV=''\"$(dirname -- \"$(realpath -- \"$SCRIPT_PATH\")\")\"''\n",
		NULL, NULL, CV_ACTIVATION_SOUND },
	{ "activate.fish", "set -gx VIRTUAL_ENV ''(dirname -- (status -f))''\n", NULL, NULL,
		CV_ACTIVATION_SOUND },
	{ "activate.nu", "    const virtual_env = (path self | path dirname)\n", NULL, NULL,
		CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV='/a/b'\nVIRTUAL_ENV_PROMPT=\"x$y\"\n", "x$y", "/a/b",
		CV_ACTIVATION_RUNS },
	{ "activate.ps1", "    $env:VIRTUAL_ENV_PROMPT = \"x$y\"\n", "x$y", NULL,
		CV_ACTIVATION_RUNS },
	{ "activate.csh", "    setenv VIRTUAL_ENV_PROMPT 'it's'\n", "it's", NULL,
		CV_ACTIVATION_RUNS },
	{ "activate_this.py", "os.environ[\"VIRTUAL_ENV_PROMPT\"] = \"a\\b\" or x\n", "a\\b", NULL,
		CV_ACTIVATION_RUNS },
	{ "activate.nu", "    const virtual_env = '/a/it'\"'\"'s'\n", NULL, "/a/it'\"'\"'s",
		CV_ACTIVATION_RUNS },
	/* a prompt is as dangerous as the path, and by default its last component */
	{ "activate", "VIRTUAL_ENV='/a/x$y'\n    PS1=\"(x$y) ${PS1:-}\"\n", NULL, "/a/x$y",
		CV_ACTIVATION_RUNS },
	{ "activate", "VIRTUAL_ENV=/a/b\n    PS1=\"(b) ${PS1:-}\"\n", NULL, "/a/b",
		CV_ACTIVATION_WEAK },
	{ "activate", "VIRTUAL_ENV='/a/x$y'\n    PS1=\"(\"'x$y'\") ${PS1:-}\"\n", NULL, "/a/x$y",
		CV_ACTIVATION_SOUND },
	/* computed by a user: no directory, and no defect */
	{ "activate", "VIRTUAL_ENV=\"$HOME/env\"\n", NULL, NULL, CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV=\"$(cd \"$(dirname \"$0\")/..\" && pwd)\"\n", NULL, NULL,
		CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV=\n", NULL, NULL, CV_ACTIVATION_SOUND },
	{ "activate", "VIRTUAL_ENV='/a/b", NULL, NULL, CV_ACTIVATION_SOUND },
	/* Windows */
	{ "activate.bat", "set \"VIRTUAL_ENV=C:\\a b\"\r\n", NULL, "C:\\a b", CV_ACTIVATION_SOUND },
	{ "activate.bat", "set VIRTUAL_ENV=C:\\a&b\r\n", NULL, "C:\\a&b", CV_ACTIVATION_RUNS },
	{ "activate.bat", "@for %%i in (\"C:\\a b\") do @set \"VIRTUAL_ENV=%%~fi\"\r\n", NULL,
		"C:\\a b", CV_ACTIVATION_SOUND },
	{ "activate.bat", "@for %%i in (\"%~dp0..\") do @set \"VIRTUAL_ENV=%%~fi\"\r\n", NULL, NULL,
		CV_ACTIVATION_SOUND },
	{ "pip", "VIRTUAL_ENV=/a/b\n", NULL, NULL, CV_ACTIVATION_SOUND },
};

static void test_scripts_of_all_makers_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		const struct script *s = &scripts[i];
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_activation is;

		assert_int_equal(
			cv_activation_read(&a, s->file, cv_str(s->text), s->prompt, &is), 0);
		if (is.form != s->form || !is.dir != !s->dir ||
			(is.dir && strcmp(is.dir, s->dir) != 0))
			fail_msg("%s: %s: form %d, directory %s", s->file, s->text, is.form,
				is.dir ? is.dir : "none");
	}
}

static void test_words_are_the_inverse_of_quoting(void **state)
{
	static const char *const values[] = { "/a/b", "/a b", "/it's", "/''", "/$(x)`y`\\!", "/\"",
		"/\\", "/\\'", "/\xc3\xa9", "/a\x7f", "/%x%", "/#;&|<>()[]{}*?~", "/-x=y" };
	static const struct {
		cv_quote_fn *quote;
		enum cv_unquote language;
	} pairs[] = {
		{ cv_quote_posix, CV_UNQUOTE_POSIX },
		{ cv_quote_csh, CV_UNQUOTE_CSH },
		{ cv_quote_fish, CV_UNQUOTE_FISH },
		{ cv_quote_powershell, CV_UNQUOTE_POWERSHELL },
		{ cv_quote_nushell, CV_UNQUOTE_NUSHELL },
		{ cv_quote_python, CV_UNQUOTE_PYTHON },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (size_t j = 0; j < sizeof(pairs) / sizeof(pairs[0]); j++) {
			struct cv_arena a OWN_ARENA = { 0 };
			struct cv_buf b OWN_BUF = { 0 };
			struct cv_str got;
			enum cv_word word;

			if (!pairs[j].quote(&b, cv_str(values[i])))
				continue;
			assert_int_equal(cv_unquote(&a, pairs[j].language, cv_buf_slice(&b),
						 CV_LIT(""), &got, &word),
				0);
			if (word != CV_WORD_CLEAN || !cv_str_eq(got, cv_str(values[i])))
				fail_msg("%zu: %s is not %s", j, b.p, values[i]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts_of_all_makers_are_understood),
		cmocka_unit_test(test_words_are_the_inverse_of_quoting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
