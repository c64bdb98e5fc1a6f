/* SPDX-License-Identifier: MIT */
#include "wheel/json_edit.h"

#include <string.h>

#include "base/own.h"
#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_found(void **state)
{
	static const struct {
		const char *text;
		int index;
		const char *raw, *value;
	} cases[] = {
		{ "{\"url\": \"file:///x\"}", -1, "\"file:///x\"", "file:///x" },
		{ " {\"a\":{\"url\":\"no\"},\n\"url\" : \"x\" , \"b\":[]}\n", -1, "\"x\"", "x" },
		{ "{\"url\": \"a\", \"url\": \"b\"}", -1, "\"b\"", "b" },
		{ "{\"\\u0075rl\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\udc0d\\udcff\"}", -1,
			NULL, "\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x90\x8d\xff" },
		{ "{\"url\": \"\"}", -1, "\"\"", "" },
		{ "{\"url\": [\"a\", \"b\"]}", 0, "\"a\"", "a" },
		{ "{\"url\": [{}, \"b\"], \"x\": [1, -0.5e+3, true, NaN, -Infinity, null]}", 1,
			"\"b\"", "b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_json_string found;
		struct cv_buf b OWN_BUF = { 0 };

		if (cv_json_find(&arena, cv_str(cases[i].text), "url", cases[i].index, &found) != 1)
			fail_msg("not found in %s", cases[i].text);
		check_str(found.value, cases[i].value);
		if (cases[i].raw)
			check_str(found.raw, cases[i].raw);
		cv_json_quote(&b, found.value);
		if (cases[i].raw)
			check_str(cv_buf_slice(&b), cases[i].raw);
	}
}

static void test_not_found(void **state)
{
	static const char *const cases[] = { "", "{", "{}", "[]", "\"url\"", "{\"url\": 1}",
		"{\"url\": [\"x\"]}", "{\"url\": \"a\", \"url\": 1}", "{\"url\": \"x\"} x",
		"{\"url\": \"x\",}", "{\"url\" \"x\"}", "{url: \"x\"}", "{\"url\": \"x}",
		"{\"url\": \"\\x\"}", "{\"url\": \"\\u00\"}", "{\"url\": \"\\ud800\"}",
		"{\"url\": \"\\u0000\"}", "{\"url\": \"a\nb\"}", "{\"url\": \"\xff\"}",
		"{\"url\": \"x\", \"a\": 01}", "{\"url\": \"x\", \"a\": 1.}",
		"{\"url\": \"x\", \"a\": [1,]}", "{\"url\": \"x\" \"b\": 1}" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_json_string found;

		if (cv_json_find(&arena, cv_str(cases[i]), "url", CV_JSON_VALUE, &found) != 0)
			fail_msg("found in %s", cases[i]);
	}
}

static void test_depth(void **state)
{
	static const unsigned depths[] = { CV_JSON_DEPTH_MAX - 2, CV_JSON_DEPTH_MAX, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT(depths); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf b OWN_BUF = { 0 };
		struct cv_json_string found;

		cv_buf_cstr(&b, "{\"url\": \"x\", \"a\": ");
		for (unsigned k = 0; k < depths[i]; k++)
			cv_buf_char(&b, '[');
		for (unsigned k = 0; k < depths[i]; k++)
			cv_buf_char(&b, ']');
		cv_buf_char(&b, '}');
		assert_int_equal(
			cv_json_find(&arena, cv_buf_slice(&b), "url", CV_JSON_VALUE, &found),
			i == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests_name("json_edit", tests, NULL, NULL);
}
