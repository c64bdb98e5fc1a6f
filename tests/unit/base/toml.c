/* SPDX-License-Identifier: MIT */
#include "base/toml.h"
#include "../support/cmocka_all.h"
#include "../support/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"

static struct cvenv_error err;

static struct cv_toml *parse(struct cv_arena *a, const char *text)
{
	struct cv_toml *root = NULL;
	int rc = cv_toml_parse(a, "f.toml", cv_str(text), &root, &err);

	if (rc < 0)
		fail_msg("%s", err.message);
	return root;
}

/* Parsing TEXT fails with CODE and this message about the line LINE. */
static void fails_with(int code, unsigned line, const char *text, const char *message)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_toml *root = NULL;
	char expected[400];

	memset(&err, 'x', sizeof(err));
	assert_int_equal(cv_toml_parse(&arena, "f.toml", cv_str(text), &root, &err), -code);
	assert_int_equal(err.code, code);
	assert_null(root);
	(void)snprintf(expected, sizeof(expected), "'f.toml', line %u: %s", line, message);
	assert_string_equal(err.message, expected);
	assert_int_equal(cv_toml_parse(&arena, "f.toml", cv_str(text), &root, NULL), -code);
}

#define FAILS(line, text, message) fails_with(EINVAL, line, text, message)

/* Which documents are valid, and what they mean, is tested with tomllib: tests/fuzz/oracle.py. */
static void test_values_and_lines(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const struct cv_toml *root, *t, *v;

	(void)state;
	root = parse(&arena, "s = 'x'\r\n"
			     "[a.b] # two\n"
			     "c . \"d e\" = [ 1,\n"
			     "\t{ x = 1.5, y = true } ,\n"
			     "] \n"
			     "m = \"\"\"\nx\r\ny\"\"\"\n"
			     "day = 1979-05-27 07:32:00Z\n"
			     "[[l]]\n[[l]]\nz=-2\n[a]\n");
	assert_int_equal(root->type, CV_TOML_TABLE);
	assert_null(root->parent);
	v = cv_toml_get(root, "s");
	assert_true(v == root->child && v->line == 1 && v->parent == root);
	assert_true(v->type == CV_TOML_STRING && cv_str_eq(v->text, CV_LIT("x")));
	t = cv_toml_get(root, "a");
	assert_true(t->type == CV_TOML_TABLE && t->line == 13); /* its own header is later */
	t = cv_toml_get(t, "b");
	assert_true(t->line == 2 && cv_str_eq(t->key, CV_LIT("b")));
	v = cv_toml_get(cv_toml_get(t, "c"), "d e");
	assert_true(v->type == CV_TOML_ARRAY && v->line == 3);
	v = v->child;
	assert_true(v->type == CV_TOML_INTEGER && v->integer == 1 && v->line == 3 && !v->key.n);
	v = v->next;
	assert_true(v->type == CV_TOML_TABLE && v->line == 4 && !v->next);
	assert_true(cv_toml_get(v, "x")->type == CV_TOML_FLOAT);
	assert_true(cv_toml_get(v, "x")->real == 1.5 && cv_toml_get(v, "x")->line == 4);
	assert_true(cv_toml_get(v, "y")->boolean);
	v = cv_toml_get(t, "m");
	assert_true(v->line == 6 && cv_str_eq(v->text, CV_LIT("x\ny")));
	v = cv_toml_get(t, "day");
	assert_true(v->line == 9 && v->type == CV_TOML_DATETIME);
	assert_string_equal(v->text.p, "1979-05-27 07:32:00Z");
	v = cv_toml_get(root, "l");
	assert_true(v->type == CV_TOML_ARRAY && v->line == 10 && v->child->line == 10);
	assert_true(v->child->next->line == 11 && !v->child->child);
	assert_int_equal(cv_toml_get(v->child->next, "z")->integer, -2);
	assert_null(cv_toml_get(root, "b"));
	assert_null(cv_toml_get(v, "z")); /* no table */
	assert_null(cv_toml_get(NULL, "z"));
	assert_null(parse(&arena, "")->child);
	assert_null(parse(&arena, " # nothing")->child);
}

static void test_syntax_errors_name_the_line(void **state)
{
	(void)state;
	FAILS(2, "a = 1\nb\n", "'=' is missing after a key");
	FAILS(1, "a = \n", "a value is missing");
	FAILS(1, "a = # 1\n", "a value is missing");
	FAILS(1, "a = [,]", "a value cannot begin with ','");
	FAILS(1, "a = \xe2\x80\x9cx\xe2\x80\x9d", "a value cannot begin with '\xe2\x80\x9c'");
	assert_string_equal(err.hint, "strings need quotes: \"...\" or '...'");
	FAILS(1, "a = \xc2\x9b", "a value cannot begin with '?'");
	FAILS(1, "a = \x1b", "control character 0x1b in a line");
	FAILS(1, "= 1", "a key is missing");
	FAILS(3, "\n\n\xc3\xa9 = 1", "a key with other characters than A-Z needs quotes");
	FAILS(2, "a = 1\r\nb = 2 3\n", "expected the end of the line after a value or header");
	FAILS(1, "a = \"x\ny\"", "a string has no closing \"");
	FAILS(2, "\na = 'x", "a string has no closing '");
	FAILS(2, "\na = '''x\n\n\n", "a string has no closing '''");
	FAILS(1, "a = \"\"\"x\\\n\n\n", "a string has no closing \"\"\"");
	FAILS(4, "a = \"\"\"\n\\\n\n\\q\"\"\"", "unknown escape sequence '\\q'");
	assert_string_equal(
		err.hint, "write '\\\\' for a backslash, or quote the string with '...'");
	FAILS(1, "a = \"\\ \"", "a backslash without an escape sequence");
	FAILS(1, "a = \"\\u12\"", "\\u needs 4 hexadecimal digits");
	FAILS(1, "a = \"C:\\Users\"", "\\U needs 8 hexadecimal digits");
	FAILS(1, "a = \"\\ud800\"", "U+D800 is not a Unicode character");
	FAILS(2, "\na = \"\x1b\"", "control character 0x1b in a string");
	FAILS(2, "\na = '''\r'''", "control character 0x0d in a string");
	FAILS(2, "\n# \x7f", "control character 0x7f in a comment");
	FAILS(4, "a = [\n1,\n\n2 3]", "',' or ']' is missing in the array that begins in line 1");
	FAILS(2, "\na = [ [], [\n1,\n", "an array has no closing ]");
	FAILS(1, "a = { b = 1\n}", "an inline table has no closing } or ',' on its line");
	FAILS(1, "a = { b = 1, }", "an inline table must not end with a comma");
	FAILS(2, "\n[a", "a header has no closing ]");
	FAILS(1, "[[a] ]", "a header has no closing ]]");
	FAILS(1, "a = yes", "'yes' is not a value");
	FAILS(1, "a = 1979-02-30", "'1979-02-30' is not a value");
	FAILS(3, "a = 1\n\nb = '\xff'\n", "not UTF-8");
	FAILS(1,
		"\xef\xbb\xbf"
		"a = 1",
		"a byte order mark, which TOML does not allow");
}

static void test_redefinitions_name_both_lines(void **state)
{
	(void)state;
	FAILS(3, "a = 1\n\na = 2", "'a' is set twice (see line 1)");
	FAILS(2, "a.b = 1\na.b.c = 2", "'a.b' is not a table (see line 1)");
	FAILS(3, "[a]\n\n[a]", "'a' is defined twice (see line 1)");
	FAILS(2, "a.b = 1\n[a]", "'a' is defined twice (see line 1)");
	FAILS(4, "[a.b]\n\n[a]\nb.c = 1",
		"'a.b' is a table that cannot be extended here (see line 1)");
	FAILS(2, "a = {}\na.b = 1", "'a' is a table that cannot be extended here (see line 1)");
	FAILS(2, "a = {}\n[a.b]", "'a' is a value that cannot be extended (see line 1)");
	FAILS(2, "a = []\n[[a]]", "'a' is not an array of tables (see line 1)");
	FAILS(2, "a = 1\n[a.b]", "'a' is not a table (see line 1)");
	FAILS(2, "[[a]]\n[a]", "'a' is defined twice (see line 1)");
	FAILS(2, "\na = { b = 1, b = 2 }", "'a.b' is set twice (see line 2)");
}

static void test_names_in_errors_are_safe(void **state)
{
	char text[600], long_key[201], expected[400];

	(void)state;
	FAILS(2, "\"a b\".'.'.\"\" = 1\n\"a b\".'.'.\"\" = 1",
		"'\"a b\".\".\".\"\"' is set twice (see line 1)");
	FAILS(2, "\"\\u001b[31m\" = 1\n\"\\u001b[31m\" = 1", "'\"?\"' is set twice (see line 1)");
	memset(long_key, 'k', 200);
	long_key[200] = '\0';
	(void)snprintf(text, sizeof(text), "%s.x = 1\n%s.x = 1", long_key, long_key);
	FAILS(2, text, "'...x' is set twice (see line 1)");
	long_key[150] = '\0';
	(void)snprintf(text, sizeof(text), "z.%s = 1\nz.%s = 1", long_key, long_key);
	(void)snprintf(expected, sizeof(expected), "'z.%s' is set twice (see line 1)", long_key);
	FAILS(2, text, expected);
}

static char *repeat(
	struct cv_buf *b, const char *before, const char *part, int n, const char *after)
{
	b->n = 0;
	cv_buf_cstr(b, before);
	for (int i = 0; i < n; i++)
		cv_buf_cstr(b, part);
	cv_buf_cstr(b, after);
	return b->p;
}

static void test_limits(void **state)
{
	static const char deep[] = "tables and arrays are nested more than 64 deep";
	static const char *const parts[][2] = { { "a = ", "[" }, { "a = ", "{a=" }, { "", "a." },
		{ "[", "a." }, { "[[", "a." } };
	static const char *const ends[] = { "", "", "a = 1", "a]", "a]]" };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_toml *root;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		fails_with(
			CVENV_ELIMIT, 1, repeat(&b, parts[i][0], parts[i][1], 65, ends[i]), deep);
		fails_with(CVENV_ELIMIT, 1,
			repeat(&b, parts[i][0], parts[i][1], 300 * 1000, ends[i]), deep);
	}
	(void)parse(&arena, repeat(&b, "", "a.", 63, "a = 1"));
	(void)parse(&arena, repeat(&b, "[", "a.", 63, "a]"));
	(void)repeat(&b, "a = ", "[", 64, "");
	for (int i = 0; i < 64; i++)
		cv_buf_char(&b, ']');
	(void)parse(&arena, b.p);

	root = parse(&arena, repeat(&b, "a = [\n", "0,\n", CV_TOML_VALUES_MAX - 1, "]"));
	assert_int_equal(root->child->last->line, CV_TOML_VALUES_MAX);
	fails_with(CVENV_ELIMIT, CV_TOML_VALUES_MAX + 1,
		repeat(&b, "a = [\n", "0,\n", CV_TOML_VALUES_MAX, "]"), "more than 100000 values");

	fails_with(CVENV_ELIMIT, 1, repeat(&b, "a = ", "1", 129, ""),
		"a value without quotes has more than 128 characters");
	fails_with(CVENV_ELIMIT, 1, "a = 9223372036854775808", "an integer has more than 64 bits");
	fails_with(CVENV_ELIMIT, 1, repeat(&b, "a = ", "1", 128, ""),
		"an integer has more than 64 bits");
	assert_int_equal(parse(&arena, "a = -9223372036854775808")->child->integer, INT64_MIN);

	(void)parse(&arena, repeat(&b, "#", "x", CV_TOML_SIZE_MAX - 1, ""));
	assert_int_equal(cv_toml_parse(&arena, "f.toml",
				 cv_str(repeat(&b, "#", "x", CV_TOML_SIZE_MAX, "")), &root, &err),
		-CVENV_ELIMIT);
	assert_string_equal(err.message, "'f.toml' has more than 1048576 bytes");
}

/* Every key of a large table is found, and no other one; whatever they have in common. */
static void test_large_tables(void **state)
{
	enum { COUNT = 30 * 1000 };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_toml *root;
	char key[40];
	int i = 0;

	(void)state;
	for (i = 0; i < COUNT; i++)
		cv_buf_addf(&b, "%o=%d\n", (unsigned)i * 2654435761u, i);
	root = parse(&arena, b.p);
	for (i = 0; i < COUNT; i++) {
		const struct cv_toml *v;

		(void)snprintf(key, sizeof(key), "%o", (unsigned)i * 2654435761u);
		v = cv_toml_get(root, key);
		assert_true(v && v->integer == i && v->line == (unsigned)i + 1);
		(void)snprintf(key, sizeof(key), "%o-", (unsigned)i * 2654435761u);
		assert_null(cv_toml_get(root, key));
	}
}

static void test_keys_that_begin_with_each_other(void **state)
{
	enum { COUNT = 1400 }; /* almost 1 MiB */
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 }, key OWN_BUF = { 0 };
	struct cv_toml *root;

	(void)state;
	for (int i = 0; i < COUNT; i++)
		cv_buf_addf(&b, "\"%s\"=%d\n", repeat(&key, "", "x", i, ""), i);
	root = parse(&arena, b.p);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(cv_toml_get(root, repeat(&key, "", "x", i, ""))->integer, i);
	assert_null(cv_toml_get(root, repeat(&key, "", "x", COUNT, "")));
	root = parse(&arena, "'' = 0\n\"\\u0000\" = 1\n\"\\u0000\\u0000\" = 2");
	assert_int_equal(cv_toml_get(root, "")->integer, 0);
	assert_int_equal(root->last->key.n, 2);
	FAILS(2, "\"\\u0000\" = 1\n\"\\u0000\" = 1", "'\"?\"' is set twice (see line 1)");
}

static void wants(int rc, const char *expected, const char *hint)
{
	assert_int_equal(rc, -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.message, expected);
	assert_string_equal(err.hint, hint);
}

static void test_typed_values(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const struct cv_toml *t;
	const char *text = NULL;
	int64_t number = 0;
	bool flag = false;

	(void)state;
	t = cv_toml_get(parse(&arena, "[tool.cvenv]\n"
				      "s = 'x'\nb = true\ni = 7\nf = 3.12\nz = \"\\u0000\"\n"
				      "a = ['y', 8]\nyes = 'true'\n"),
		"tool");
	t = cv_toml_get(t, "cvenv");
	assert_int_equal(cv_toml_want_string(cv_toml_get(t, "s"), &text, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(cv_toml_want_bool(cv_toml_get(t, "b"), &flag, &err), 0);
	assert_true(flag);
	assert_int_equal(cv_toml_want_integer(cv_toml_get(t, "i"), 7, 7, &number, &err), 0);
	assert_int_equal(number, 7);
	assert_int_equal(cv_toml_want(cv_toml_get(t, "a"), CV_TOML_ARRAY, &err), 0);

	wants(cv_toml_want_string(cv_toml_get(t, "f"), &text, &err),
		"'f.toml', line 5: 'tool.cvenv.f': must be a string, not a float",
		"put the value in quotes");
	wants(cv_toml_want_string(cv_toml_get(t, "z"), &text, &err),
		"'f.toml', line 6: 'tool.cvenv.z': contains a NUL character", "");
	wants(cv_toml_want_string(cv_toml_get(t, "a")->child->next, &text, &err),
		"'f.toml', line 7: 'tool.cvenv.a': must be a string, not an integer",
		"put the value in quotes");
	wants(cv_toml_want_bool(cv_toml_get(t, "yes"), &flag, &err),
		"'f.toml', line 8: 'tool.cvenv.yes': must be a boolean, not a string",
		"write true or false without quotes");
	wants(cv_toml_want_bool(t, &flag, &err),
		"'f.toml', line 1: 'tool.cvenv': must be a boolean, not a table", "");
	wants(cv_toml_want_integer(cv_toml_get(t, "i"), 8, 9, &number, &err),
		"'f.toml', line 4: 'tool.cvenv.i': must be 8 to 9", "");
	wants(cv_toml_fail(cv_toml_get(t, "s"), &err, "unknown %s", "key"),
		"'f.toml', line 2: 'tool.cvenv.s': unknown key", "");
	wants(cv_toml_fail(t->parent->parent, &err, "x"), "'f.toml', line 1: x", "");
	assert_int_equal(cv_toml_fail(t, NULL, "x"), -EINVAL);
	assert_true(number == 7 && strcmp(text, "x") == 0 && flag);
}

static void test_no_memory(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };
	int nth = 0;
	bool hit;

	(void)state;
	(void)repeat(&b, "", "[[a]]\nb.c = [ 1, { d = \"\\n\" } ]\ne = 07:00:00\n", 60, "");
	do {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_toml *root = NULL;
		int rc;

		fault_arm(++nth, ENOMEM);
		rc = cv_toml_parse(&arena, "f.toml", cv_buf_slice(&b), &root, &err);
		hit = fault_disarm();
		assert_int_equal(rc, hit ? -ENOMEM : 0);
		assert_true(hit == !root);
	} while (hit);
	assert_true(nth > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_and_lines),
		cmocka_unit_test(test_syntax_errors_name_the_line),
		cmocka_unit_test(test_redefinitions_name_both_lines),
		cmocka_unit_test(test_names_in_errors_are_safe),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_tables),
		cmocka_unit_test(test_keys_that_begin_with_each_other),
		cmocka_unit_test(test_typed_values),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
