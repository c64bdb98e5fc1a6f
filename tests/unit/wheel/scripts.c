/* SPDX-License-Identifier: MIT */
#include "wheel/scripts.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/own.h"
#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct cvenv_error err;

/* "name=module:attr name=module:attr", so that a whole result is one comparison. */
static void check_scripts(const struct cv_script *scripts, size_t count, const char *expected)
{
	struct cv_buf out OWN_BUF = { 0 };

	for (size_t i = 0; i < count; i++)
		cv_buf_addf(&out, "%s%.*s=%.*s:%.*s", i ? " " : "", CV_ARG(scripts[i].name),
			CV_ARG(scripts[i].module), CV_ARG(scripts[i].attr));
	check_str(cv_buf_slice(&out), expected);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "[console_scripts]\n", "" },
		{ "[console_scripts]\na = b:c\n", "a=b:c" },
		{ "[console_scripts]\r\na=b:c", "a=b:c" },
		{ "  [console_scripts]  \n\n\t# comment = x\n  a =  b.c : d.e  \n", "a=b.c:d.e" },
		{ "[console_scripts]\na = b:c [extra1, extra2]\n", "a=b:c" },
		{ "[console_scripts]\na = b:c[x]\n", "a=b:c" },
		{ "[console_scripts]\na = b:c\nd = e:f\n[other]\nx = not looked at\n",
			"a=b:c d=e:f" },
		{ "[console_scripts]\na=b:c\n[gui_scripts]\ng=h:i\n[console_scripts]\nd=e:f\n",
			"a=b:c d=e:f" },
		{ "[console_scripts]\na = b:c\nx = y:z\na = d:e\n", "a=d:e x=y:z" },
		{ "before = any:section\n[x]\n[console_scripts]\n", "" },
		{ "[distutils.commands]\nrotate = setuptools.command.rotate:rotate\n", "" },
		{ "[console_scripts]\npip3.12 = p_1._q:__main__\n", "pip3.12=p_1._q:__main__" },
		{ "[console_scripts]\n\xc3\xa4 = \xc3\xb6:\xc3\xbc"
		  "2\n",
			"\xc3\xa4=\xc3\xb6:\xc3\xbc"
			"2" },
		{ "[console_scripts]\na-b.c+d = e:f\n", "a-b.c+d=e:f" },
		{ "[console_scripts]]\n\ta\t=\xc2\xa0"
		  "b:c\r\n",
			"a=b:c" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_script *scripts;
		size_t count;

		assert_int_equal(
			cv_scripts_parse(&arena, cv_str(cases[i].text), &scripts, &count, &err), 0);
		check_scripts(scripts, count, cases[i].expected);
	}
}

static void test_refused(void **state)
{
	static const char *const lines[] = { "a", "a =", "= b:c", "a = b", "a = b:", "a = :c",
		"a = b:c:d", "a = b:c d", "a = b..c:d", "a = .b:c", "a = b.:c", "a = b:c.",
		"a = 1b:c", "a = b:1c", "a = b-c:d", "a = b:c()", "a = b:c]", "a = os;x:y",
		"a = b:c\rimport os", "../a = b:c", "a/b = c:d", "/a = b:c", ".. = b:c", ". = b:c",
		".a = b:c", "-a = b:c", "a b = c:d", "a\tb = c:d", "a\\b = c:d", "a\x1b = c:d",
		"a\x7f = c:d", "\xff = b:c", "a = \xff:c", "a = b:\xc3", "a = b\x01:c", "[a] = b:c",
		"a\v=b:c", "# \v", "a = b:c [x\x1e]", "a\xc2\x85= b:c", "# \xe2\x80\xa9" };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		char *text = cv_strfmt(&arena, "[x]\n[console_scripts]\n%s\n", lines[i]);
		struct cv_script *scripts;
		size_t count;

		check_error(cv_scripts_parse(&arena, cv_str(text), &scripts, &count, &err),
			CVENV_EWHEEL, &err, "line 3 of entry_points.txt ");
	}
}

static void test_long_names(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_script *scripts;
	char text[400], name[257];
	size_t count;

	(void)state;
	memset(name, 'n', 256);
	name[256] = '\0';
	(void)snprintf(text, sizeof(text), "[console_scripts]\n%s = a:b\n", name);
	check_error(cv_scripts_parse(&arena, cv_str(text), &scripts, &count, &err), CVENV_EWHEEL,
		&err, "line 2");
	(void)snprintf(text, sizeof(text), "[console_scripts]\n%s = a:b\n", name + 1);
	assert_int_equal(cv_scripts_parse(&arena, cv_str(text), &scripts, &count, &err), 0);
	assert_int_equal(scripts[0].name.n, 255);
}

static void test_limits(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf text OWN_BUF = { 0 };
	struct cv_script *scripts;
	size_t count;

	(void)state;
	cv_buf_cstr(&text, "[console_scripts]\n");
	for (unsigned i = 0; i < CV_SCRIPTS_MAX; i++)
		cv_buf_addf(&text, "s%u=a:b\n", i);
	/* lines that make no script do not count */
	cv_buf_cstr(&text, "\n\n\n#\ns0 = c:d\n");
	assert_int_equal(cv_scripts_parse(&arena, cv_buf_slice(&text), &scripts, &count, &err), 0);
	assert_int_equal(count, CV_SCRIPTS_MAX);
	check_str(scripts[0].module, "c");
	cv_buf_cstr(&text, "more=a:b\n");
	check_error(cv_scripts_parse(&arena, cv_buf_slice(&text), &scripts, &count, &err),
		CVENV_ELIMIT, &err, "number of console scripts");
	/* the slice is not looked into */
	check_error(cv_scripts_parse(&arena, (struct cv_str){ "", CV_SCRIPTS_TEXT_MAX + 1 },
			    &scripts, &count, &err),
		CVENV_ELIMIT, &err, "entry_points.txt: too large");
}

static void test_pip_rule(void **state)
{
#define PIP "pip._internal.cli.main:main"
	static const struct {
		const char *project, *text, *expected; /* for Python 3.13 */
	} cases[] = {
		{ "pip", "pip = " PIP "\npip3 = " PIP "\npip3.9 = " PIP,
			"pip=" PIP " pip3=" PIP " pip3.13=" PIP },
		{ "pip", "pip = " PIP "\npip3.13 = " PIP, "pip=" PIP " pip3=" PIP " pip3.13=" PIP },
		{ "PIP", "", "pip=" PIP " pip3=" PIP " pip3.13=" PIP },
		/* what the wheel calls, as in pip 19 */
		{ "pip", "pip = pip._internal:main",
			"pip=pip._internal:main pip3=pip._internal:main "
			"pip3.13=pip._internal:main" },
		{ "pip", "pipx = a:b\npip = c:d\npip.3 = g:h\npip3.1.2 = i:j\npip33 = k:l",
			"pipx=a:b pip.3=g:h pip3.1.2=i:j pip=c:d pip3=c:d pip3.13=c:d" },
		{ "other", "pip3 = a:b\npip3.9 = c:d", "pip3=a:b pip3.9=c:d" },
		{ "other", "pip = a:b", "pip=a:b pip3=a:b pip3.13=a:b" },
		{ "pipx", "", "" },
		{ "setuptools", "easy_install = s:main\neasy_install-3.6 = s:main\nx = y:z",
			"x=y:z easy_install=s:main easy_install-3.13=s:main" },
		{ "setuptools", "easy_install-3.6 = s:main", "easy_install-3.6=s:main" },
		{ "setuptools", "easy_install = s:m\neasy_install-3.10 = s:m\neasy_installer = s:m",
			"easy_install-3.10=s:m easy_installer=s:m easy_install=s:m "
			"easy_install-3.13=s:m" },
		{ "setuptools", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		char *text = cv_strfmt(&arena, "[console_scripts]\n%s\n", cases[i].text);
		struct cv_script *scripts;
		size_t count;

		assert_int_equal(cv_scripts_of(&arena, cv_str(cases[i].project), cv_str(text), 3,
					 13, &scripts, &count, &err),
			0);
		check_scripts(scripts, count, cases[i].expected);
	}
}

/* Not one of pip's versions either. Windows has no files of such names. */
static void test_pip_rule_and_final_dot(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_script *scripts;
	size_t count;
	int rc = cv_scripts_of(&arena, CV_LIT("pip"), CV_LIT("[console_scripts]\npip3. = a:b\n"), 3,
		13, &scripts, &count, &err);

	(void)state;
	if (CV_WINDOWS) {
		check_error(rc, CVENV_EWHEEL, &err, "line 2");
		return;
	}
	assert_int_equal(rc, 0);
	check_scripts(scripts, count, "pip3.=a:b pip=" PIP " pip3=" PIP " pip3.13=" PIP);
}

static void test_rule_passes_errors_on(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_script *scripts;
	size_t count;

	(void)state;
	check_error(cv_scripts_of(&arena, CV_LIT("pip"), CV_LIT("[console_scripts]\nx\n"), 3, 8,
			    &scripts, &count, &err),
		CVENV_EWHEEL, &err, "line 2");
}

static void test_text(void **state)
{
	const struct cv_script pip = { CV_LIT("pip"), CV_LIT("pip._internal.cli.main"),
		CV_LIT("main") };
	const struct cv_script dotted = { CV_LIT("x"), CV_LIT("m"), CV_LIT("Class.run") };
	struct cv_buf out OWN_BUF = { 0 };

	(void)state;
	cv_script_text(&out, "/env/bin/python3.13", &pip);
	assert_string_equal(out.p, "#!/env/bin/python3.13\n"
				   "import sys\n"
				   "\n"
				   "from pip._internal.cli.main import main\n"
				   "\n"
				   "if __name__ == \"__main__\":\n"
				   "    sys.exit(main())\n");
	out.n = 0;
	cv_script_text(&out, "/p", &dotted);
	assert_non_null(strstr(out.p, "from m import Class\n"));
	assert_non_null(strstr(out.p, "sys.exit(Class.run())\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_pip_rule),
		cmocka_unit_test(test_pip_rule_and_final_dot),
		cmocka_unit_test(test_rule_passes_errors_on),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("scripts", tests, NULL, NULL);
}
