/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "env/quote.h"

/*
 * What each language's quotes must be, written out by hand; that the shells read them
 * back is tests/shells.
 */
static const struct quoted {
	cv_quote_fn *quote;
	const char *text, *want; /* NULL: refused */
} cases[] = {
	{ cv_quote_posix, "", "''" },
	{ cv_quote_posix, "/home/x/.venv", "/home/x/.venv" },
	{ cv_quote_posix, "-x", "'-x'" },
	{ cv_quote_posix, "a b", "'a b'" },
	{ cv_quote_posix, "it's", "'it'\\''s'" },
	{ cv_quote_posix, "''", "''\\'''\\'''" },
	{ cv_quote_posix, "$(x)`y`\\!\n", "'$(x)`y`\\!\n'" },
	{ cv_quote_posix, "\xff", "'\xff'" },
	{ cv_quote_posix,
		"\u4f60"
		"01 2",
		"'\u4f60''01 2'" },
	{ cv_quote_posix_line,
		"\u4f60"
		"0",
		"'\u4f60"
		"0'" },
	{ cv_quote_csh, "a!b", "'a'\\!'b'" },
	{ cv_quote_csh, "\\'", "''\\\\''\\'''" },
	{ cv_quote_csh, "$x`y`", "''\\$'x'\\`'y'\\`''" },
	{ cv_quote_csh, "a b@", "'a b'\\@''" },
	{ cv_quote_csh, "a\nb", NULL },
	{ cv_quote_fish, "it's \\ $x", "'it\\'s \\\\ $x'" },
	{ cv_quote_fish, "a\nb", "'a\nb'" },
	{ cv_quote_powershell, "plain", "'plain'" },
	{ cv_quote_powershell, "it's `$x", "'it''s `$x'" },
	{ cv_quote_powershell, "\u2018\u2019\u201a\u201b\u201c",
		"'\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b\u201c'" },
	{ cv_quote_powershell, "\xe2\x80", NULL },
	{ cv_quote_nushell, "a\"b\\c$(d)", "\"a\\\"b\\\\c$(d)\"" },
	{ cv_quote_nushell, "\n\x7f\xc3\xa9", "\"\\u{a}\\u{7f}\xc3\xa9\"" },
	{ cv_quote_nushell, "\xff", NULL },
	{ cv_quote_python, "it's \\ \"", "'it\\'s \\\\ \"'" },
	{ cv_quote_python, "\xc3\xa9\n", "os.fsdecode(b'\\xc3\\xa9\\x0a')" },
	{ cv_quote_xonsh_dir, "a~b=c", "'a~b=c'" },
	{ cv_quote_xonsh_dir, "a$b", NULL },
	{ cv_quote_xonsh_dir, "a$\xc3\xa9", NULL },
	{ cv_quote_xonsh_dir, "a${b}", NULL },
	{ cv_quote_xonsh_dir, "a$(b)", NULL },
	{ cv_quote_xonsh_dir, "a$[b]", NULL },
	{ cv_quote_xonsh_dir, "a$-b $", "'a$-b $'" },
	{ cv_quote_xonsh_dir, "a=~b", NULL },
	{ cv_quote_batch, "50%^!&", "50%%^!&" },
	{ cv_quote_batch, "a\"b&^%!(\"&", "a\"b^&^^%%!^(\"&" },
	{ cv_quote_batch, "a\rb", NULL },
	{ cv_quote_batch, "\xff", NULL },
	{ cv_quote_batch_delayed, "50%^&", "50%%^&" },
	{ cv_quote_batch_delayed, "50%^!&", "50%%^^^!&" },
	{ cv_quote_batch_delayed, "a\"^!&", "a\"^^^^^^!^&" },
	{ cv_quote_batch_dir, "a&b", "a&b" },
	{ cv_quote_batch_dir, "a\"b", NULL },
	{ cv_quote_batch_line, "a&^b!", "\"a&^b!\"" },
	{ cv_quote_batch_line, "a%b", NULL },
	{ cv_quote_batch_line, "a\"b", NULL },

	{ cv_quote_posix_prompt, "x", "'(x) '" },
	{ cv_quote_posix_prompt, "it's 50%", "'(it'\\''s 50%) '" },
	{ cv_quote_posix_prompt, "$x", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_posix_prompt, "a`b", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_posix_prompt, "\\044", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_posix_prompt, "$\x1b", "'(?\?) '" },
	{ cv_quote_posix_prompt,
		"a\xc2\x9b"
		"b\xff\xc3\xa9",
		"'(a?\?b?\xc3\xa9) '" },
	{ cv_quote_posix_prompt, "a!", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_plain_prompt, "a$`\\!", "'(a?\?\?!) '" },
	{ cv_quote_bash_prompt, "a$`\\!", "'(a\\D{$}\\D{`}\\D{\\}\\D{!}) '" },
	{ cv_quote_bash_prompt, "\u4e2dx$", "'(\u4e2dx\\D{$}) '" },
	{ cv_quote_bash_prompt, "\u4e2d$(x)", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_bash_prompt, "\u4e2d\\x\x1b", "'(\u4e2d?x?) '" },
	{ cv_quote_ksh_prompt, "\u4e2d'", "'(${VIRTUAL_ENV_PROMPT-}) '" },
	{ cv_quote_ksh_prompt, "\u4e2d!", "'(\u4e2d!!) '" },
	{ cv_quote_yash_prompt, "\u4e2d`x`", "'(\u4e2d?x?) '" },
	{ cv_quote_zsh_prompt, "5%$`\\!\x1b", "'(5%%%D{\\$}%D{\\`}\\%{%}%D{!}?) '" },
	{ cv_quote_mksh_prompt, "$`\\\"!", "'(\\$\\`\\\\\\\"!!) '" },
	{ cv_quote_ksh_prompt, "$`\\\"!'", "'(\\$\\`\\\\\\\"!!\\'\\'') '" },
	{ cv_quote_yash_prompt, "$`\\", "'(${VIRTUAL_ENV_PROMPT+\\$}\\`\\\\) '" },
	{ cv_quote_busybox_prompt, "$`\\", "'(\\\\044\\`\\\\\\\\) '" },
	{ cv_quote_posh_prompt, "$`\\", "'($`\\) '" },
	{ cv_quote_csh_prompt, "a!%", "''\\('a'\\\\''\\!''\\%''\\)' '" },
	{ cv_quote_tcsh_prompt, "!%\\^",
		"''\\(''\\\\''\\!''\\%''\\%''\\\\''\\\\''\\\\''\\^''\\)' '" },
	{ cv_quote_posix_message, "a\x1b\\$'", "'a??$'\\'''" },
	{ cv_quote_csh_message, "a\x1b\\ b", "'a'\\?''\\?' b'" },
	{ cv_quote_fish_prompt, "$x\n", "'($x?) '" },
	{ cv_quote_powershell_prompt, "\xff'", "'(?'') '" },
	{ cv_quote_nushell_prompt, "\"\n", "\"(\\\"?) \"" },
	{ cv_quote_xonsh_prompt, "{user}\n", "'({{user}}?) '" },
	{ cv_quote_batch_prompt, "$p%", "($$p%%) " },
	{ cv_quote_batch_prompt, "\"\x1b", "(\"?^) " },
	{ cv_quote_batch_delayed_prompt, "$!", "($$^!) " },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct quoted *c = &cases[i];
		struct cv_buf b OWN_BUF = { 0 };
		bool ok = c->quote(&b, cv_str(c->text));

		if (ok != (c->want != NULL))
			fail_msg("case %zu, '%s': returned %d", i, c->text, ok);
		assert_false(b.bad);
		if (c->want)
			assert_string_equal(b.p, c->want);
	}
}

/* Every byte: what is not quoted must be among the few that mean themselves. */
static void test_needless(void **state)
{
	(void)state;
	assert_false(cv_quote_needless(CV_LIT("")));
	for (int c = 1; c < 256; c++) {
		char text[2] = { (char)c, '\0' };
		bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_/.",
				     c) != NULL;

		assert_int_equal(cv_quote_needless(cv_str(text)), plain);
	}
	assert_true(cv_quote_needless(CV_LIT("a-b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_needless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
