/* SPDX-License-Identifier: MIT */
/* What rewrite.c and portable.c test of POSIX, with the paths of Windows. Runs on Windows only. */
#include "env/rewrite.h"

#include "../wheel/check.h"
#include "base/own.h"
#include "env/portable.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SITE "Lib/site-packages"
#define KERNEL "share/jupyter/kernels/x/kernel.json"
#define URL SITE "/x.dist-info/direct_url.json"

struct text_case {
	enum cv_text_kind kind;
	const char *path, *old;
	const char *new; /* NULL: it does not change */
	bool left;
	bool one_way; /* back, it is not OLD */
};

static const struct text_case cases[] = {
	{ CV_TEXT_CFG, "pyvenv.cfg", "command = C:\\Python\\python.exe -m venv C:\\a\\env\r\n",
		"command = C:\\Python\\python.exe -m venv D:\\b env\r\n", 0, 0 },
	{ CV_TEXT_CFG, "pyvenv.cfg", "command = x C:\\a\\env2\n", NULL, 0, 0 },
	{ CV_TEXT_CFG, "pyvenv.cfg", "home = C:\\a\\env\n", NULL, 1, 0 },
	{ CV_TEXT_PTH, SITE "/x.pth", "C:\\a\\env\\src\r\n.\\x\r\nC:\\a\\env2\r\n",
		"D:\\b env\\src\r\n.\\x\r\nC:\\a\\env2\r\n", 0, 0 },
	{ CV_TEXT_PTH, SITE "/x.pth", "c:\\A\\ENV\\Src\n", "D:\\b env\\Src\n", 0, 1 },
	{ CV_TEXT_PTH, SITE "/x.pth", "C:/a/env/src\n", "D:\\b env/src\n", 0, 1 },
	{ CV_TEXT_PTH, SITE "/x.pth", "import x; x.add('C:\\\\a\\\\env')\n", NULL, 1, 0 },
	{ CV_TEXT_EGG_LINK, SITE "/x.egg-link", "C:\\a\\env\\src\n.", "D:\\b env\\src\n.", 0, 0 },
	{ CV_TEXT_DIRECT_URL, URL, "{\"url\": \"file:///C:/a/env/x%20y\"}",
		"{\"url\": \"file:///D:/b%20env/x%20y\"}", 0, 0 },
	{ CV_TEXT_DIRECT_URL, URL, "{\"url\": \"file:///c:/A/env\"}",
		"{\"url\": \"file:///D:/b%20env\"}", 0, 1 },
	{ CV_TEXT_DIRECT_URL, URL, "{\"url\": \"file://server/C:/a/env\"}", NULL, 1, 0 },
	{ CV_TEXT_FINDER, SITE "/_x_editable.py", "x('C:\\\\a\\\\env\\\\src', 'C:\\\\a')\n",
		"x('D:\\\\b env\\\\src', 'C:\\\\a')\n", 0, 0 },
	{ CV_TEXT_KERNEL_JSON, KERNEL,
		"{\"argv\": [\"C:\\\\a\\\\env\\\\Scripts\\\\python.exe\", \"-m\"]}",
		"{\"argv\": [\"D:\\\\b env\\\\Scripts\\\\python.exe\", \"-m\"]}", 0, 0 },
	{ CV_TEXT_RECORD, SITE "/x.dist-info/RECORD",
		"C:\\a\\env\\Scripts\\x.exe,,\r\n../../Scripts/y.exe,,\r\nC:\\a\\env2\\x,,\r\n",
		"D:\\b env\\Scripts\\x.exe,,\r\n../../Scripts/y.exe,,\r\nC:\\a\\env2\\x,,\r\n", 0,
		0 },
};

static int rewrite(struct cv_buf *to, const char *const *places, const struct text_case *c,
	struct cv_str old, bool *ret_left)
{
	const struct cv_pair pair = { places[0], places[1] };
	const struct cv_rewriting how = {
		.pairs = &pair, .count = 1, .env_dir = pair.to, .bin = "Scripts"
	};
	struct cvenv_error err = { 0 };

	*ret_left = false;
	return cv_rewrite(to, &how, c->kind, c->path, old, ret_left, &err);
}

static void test_texts(void **state)
{
	static const char *const there[] = { "C:\\a\\env", "D:\\b env" };
	static const char *const back[] = { "D:\\b env", "C:\\a\\env" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct text_case *c = &cases[i];
		struct cv_buf new OWN_BUF = { 0 }, again OWN_BUF = { 0 };
		bool left;
		int rc = rewrite(&new, there, c, cv_str(c->old), &left);

		if (rc != (c->new != NULL) || left != c->left)
			fail_msg("%d, %s, for %s", rc, left ? "left" : "not left", c->old);
		if (!rc)
			continue;
		check_str(cv_buf_slice(&new), c->new);
		if (c->one_way)
			continue;
		assert_int_equal(rewrite(&again, back, c, cv_buf_slice(&new), &left), 1);
		check_str(cv_buf_slice(&again), c->old);
	}
}

/* Paths in code have two backslashes, and more than one spelling. */
static void test_mentions(void **state)
{
	static const struct cv_pair pair = { "C:\\a\\env", "C:\\a\\env\\new" };
	static const struct cv_rewriting how = { .pairs = &pair, .count = 1 };
	static const struct {
		const char *text;
		bool mentions;
	} texts[] = { { "'C:\\a\\env'", true }, { "'C:\\\\a\\\\env\\\\x'", true },
		{ "c:/A/ENV", true }, { "C:\\a\\env2", false }, { "C:\\\\a\\\\env2", false },
		{ "C:\\a\\en", false }, { "C:\\a\\env\\new\\x", false },
		{ "'C:\\\\a\\\\env\\\\new'", false } };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (cv_rewrite_mentions(&how, cv_str(texts[i].text)) != texts[i].mentions)
			fail_msg("%s", texts[i].text);
}

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(cv_text_kind_of("Scripts/pip.exe", "Scripts"), CV_TEXT_LAUNCHER);
	assert_int_equal(cv_text_kind_of("Scripts/activate.bat", "Scripts"), CV_TEXT_ACTIVATION);
	assert_int_equal(cv_text_kind_of(SITE "/x.pth", "Scripts"), CV_TEXT_PTH);
}

static void test_portable_pth(void **state)
{
	static const char *const places[] = { "C:\\e" };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_str outside = { 0 };

	(void)state;
	assert_int_equal(
		cv_portable_pth(&b, &a, SITE, CV_LIT("x\r\nC:\\e\\src\r\n"), places, 1, &outside),
		1);
	check_str(cv_buf_slice(&b), "x\r\n../../src\n");
	b.n = 0;
	assert_int_equal(
		cv_portable_pth(&b, &a, SITE, CV_LIT("C:\\e2\\src\n"), places, 1, &outside), -1);
	check_str(outside, "C:\\e2\\src");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mentions),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_portable_pth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
