/* SPDX-License-Identifier: MIT */
#include "wheel/python_edit.h"

#include <errno.h>

#include "base/own.h"
#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The values of the literals, each with a '|' behind it; '?' for one without a value. */
static int values(struct cv_buf *b, struct cv_str text)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_python_reader reader = { text };
	struct cv_python_literal literal;
	int rc;

	while ((rc = cv_python_next(&arena, &reader, &literal)) > 0) {
		assert_true(literal.raw.p >= text.p &&
			    literal.raw.p + literal.raw.n <= text.p + text.n);
		cv_buf_str(b, literal.value.p ? literal.value : CV_LIT("?"));
		cv_buf_char(b, '|');
	}
	return rc;
}

static void test_literals(void **state)
{
	static const struct {
		const char *text, *values;
		int rc;
	} cases[] = {
		{ "", "", 0 },
		{ "x = 'a' + \"b\" # 'no'\n'c'", "a|b|c|", 0 },
		{ "'''a'\n''b''' \"\"\"\"\"\" ''''a'''", "a'\n''b||'a|", 0 },
		{ "r'a' B\"b\" f'c' Rb'd' u'e' t'x'", "", 0 },
		{ "if'a'in'b'or\"c\"", "a|b|c|", 0 },
		{ "f'{x[\"a\"]}' 'b'", "b|", 0 },
		{ "'\\'\\\"\\\\\\n\\x41\\101\\u00e4\\U0001F40D\\udcff\\q'",
			"'\"\\\nAA\xc3\xa4\xf0\x9f\x90\x8d\xff\\q|", 0 },
		{ "'a\\\nb' 'a\\\r\nb' '''a\r\nb\rc'''", "ab|ab|a\nb\nc|", 0 },
		{ "'\\N{DOT}' '\\0' '\\ud800' '\\xg'", "?|?|?|?|", 0 },
		{ "'a\n'", "", -EINVAL },
		{ "'a", "", -EINVAL },
		{ "'a' '''b''", "a|", -EINVAL },
		{ "'a\\", "", -EINVAL },
		{ "'\xff'", "", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_buf b OWN_BUF = { 0 };
		int rc = values(&b, cv_str(cases[i].text));

		if (rc != cases[i].rc)
			fail_msg("%d for %s", rc, cases[i].text);
		check_str(cv_buf_slice(&b), cases[i].values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_literals) };

	return cmocka_run_group_tests_name("python_edit", tests, NULL, NULL);
}
